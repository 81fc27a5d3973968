"""Reviews: the training reviews, chains of reasoning about them, their rewards and their vectors."""
