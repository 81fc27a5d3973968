"""Rewards: the reward model, its training and validation, and the named reward functions of GRPO."""
