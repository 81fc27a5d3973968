"""Families of ranking features, one per file."""
