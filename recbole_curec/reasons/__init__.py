"""Reasons: language model, prompts, parsing, teacher, alignment, reinforcement, generation."""
