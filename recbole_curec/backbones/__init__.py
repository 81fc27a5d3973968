"""Backbones: what RecBole's models and a user's own look like inside, and how they are found by name."""
