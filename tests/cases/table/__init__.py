"""The table itself, one file per kind of input, one line per case."""
