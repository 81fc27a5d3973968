"""Stage 1, collect: the training history, item text and evidence, and RecBole datasets that keep exact order."""
