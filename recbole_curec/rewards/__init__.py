"""Rewards: what a written reason is worth, one reward per file."""
