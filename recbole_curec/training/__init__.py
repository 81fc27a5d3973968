"""Training of the language model: supervised fine-tuning, GRPO, and measurements during training."""
