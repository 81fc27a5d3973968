"""Fusions: ways to combine semantic vectors with a backbone's id table, one class per file."""
