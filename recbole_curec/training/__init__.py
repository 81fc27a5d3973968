"""Training: supervised fine-tuning and GRPO over rows and rewards, with what is reported on the way."""
