"""Serving: what a trained recommender gives to users, from its checkpoint."""
