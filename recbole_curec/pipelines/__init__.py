"""Pipelines: ordered lists of stages."""
