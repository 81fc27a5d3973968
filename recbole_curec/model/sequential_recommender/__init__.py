"""``CURec``, the sequential model, where RecBole looks for it."""
