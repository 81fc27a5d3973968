"""The sequential recommender, ``CURec``."""
