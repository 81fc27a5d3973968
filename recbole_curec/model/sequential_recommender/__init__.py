"""Sequential RecBole models."""
