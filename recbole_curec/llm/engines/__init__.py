"""Engines: what runs the language model, one class per file."""
