"""Features: text vectors pooled to whitened vectors of items and users, and the feature store."""
