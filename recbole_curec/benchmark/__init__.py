"""Benchmarks: many configurations with several seeds under one protocol, compared in a table."""
