"""Correction: selection of the interactions that get a reason, and revision of reasons that fail."""
