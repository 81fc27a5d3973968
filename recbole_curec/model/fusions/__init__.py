"""Fusions: how semantic vectors meet a backbone's id table, one class per file."""
