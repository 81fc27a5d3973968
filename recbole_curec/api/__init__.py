"""The public Python API; ``recbole_curec`` imports each of its names from a module here when it is first used."""
