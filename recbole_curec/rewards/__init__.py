"""Rewards: functions that score written reasons, one per file."""
