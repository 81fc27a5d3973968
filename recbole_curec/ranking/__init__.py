"""The recommender's candidates in another order: queries, features (one family per file in `features/`), the ranker."""
