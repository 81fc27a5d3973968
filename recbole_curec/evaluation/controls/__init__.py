"""Explanations that any writer is compared with: a constant, a sentence of somebody else's review, and an oracle."""
