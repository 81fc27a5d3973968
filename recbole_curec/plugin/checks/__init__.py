"""Checks that run before stage 1: of the settings when they are loaded, and of the data when they are split."""
