"""Reasons: prompts, parsing, checks, teachers and the reason store."""
