"""Pipelines: the lists of stages that make a system, and nothing else."""
