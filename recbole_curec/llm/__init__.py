"""The language model: loading, chat and tokens, number formats, the tiny model, and the engines that run it."""
