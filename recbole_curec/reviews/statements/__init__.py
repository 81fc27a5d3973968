"""Statements of other users' reviews about an item: which sentences they are, and which suit a user."""
