"""Features: from vectors of texts to whitened vectors of items and users, stored by original id."""
