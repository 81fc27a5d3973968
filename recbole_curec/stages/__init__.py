"""Stages: one per file, each a thin ``run`` over what it declares."""
