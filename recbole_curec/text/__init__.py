"""Text encoders, which turn texts into vectors, one per file."""
