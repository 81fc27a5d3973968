"""Models: the wrapper around a RecBole backbone, its fused tables and losses, and RecBole's model classes."""
