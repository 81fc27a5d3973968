"""Inputs with the right value: a table of small changes to one small dataset, and what must come out of each."""
