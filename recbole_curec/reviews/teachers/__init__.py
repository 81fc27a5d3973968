"""Teachers of chains: what the language model learns to write about training reviews, one class per file."""
