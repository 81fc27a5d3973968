"""Reasons: prompts, parsing, what is true of them, who teaches them, and where they are stored."""
