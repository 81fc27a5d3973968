"""The reward model, a recommender that reads reasons: network, training, validation and scoring."""
