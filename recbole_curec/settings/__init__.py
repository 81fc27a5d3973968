"""Settings: typed sections, documented where they are defined, parsed once."""
