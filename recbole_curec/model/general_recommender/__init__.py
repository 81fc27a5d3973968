"""General RecBole models."""
