"""Correction: which interactions get a reason, chronological correction, and the reason store."""
