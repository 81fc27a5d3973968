"""The rewards of chains, one per file."""
