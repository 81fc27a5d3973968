"""The encoder of reviews: its network, its two kinds of body, its common axes, and its training."""
