"""Metrics of explanations, one per file."""
