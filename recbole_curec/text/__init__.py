"""Text encoders: texts to vectors, one encoder per file."""
