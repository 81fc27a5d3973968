"""Benchmarks: many configurations times many seeds under one protocol, as a table with spread, tests and slices."""
