"""The language model: loading, chat and tokens, dtypes, the tiny model, and the engines that run it."""
