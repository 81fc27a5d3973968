"""Correction: which interactions get a reason, and how a failing one is revised."""
