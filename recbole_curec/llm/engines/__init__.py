"""Engines: the ways to run the language model, one class per file."""
