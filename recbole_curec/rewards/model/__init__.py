"""The reward model: a recommender that reads reasons, its training, validation and scores."""
