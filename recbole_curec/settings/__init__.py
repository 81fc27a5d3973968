"""Settings: typed sections, documented at their definition, parsed once per run."""
