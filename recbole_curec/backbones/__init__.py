"""Backbones: facts about RecBole's models and users' own models, and their lookup by name."""
