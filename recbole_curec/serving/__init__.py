"""Serving: recommendation lists of a trained recommender, from its checkpoint."""
