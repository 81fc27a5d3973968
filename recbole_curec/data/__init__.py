"""Data: the training history, item text, evidence and reviews, read from RecBole's atomic files."""
