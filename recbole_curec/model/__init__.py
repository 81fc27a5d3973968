"""Recommenders: the wrapper around a RecBole backbone, fused tables, losses, and the model classes for RecBole."""
