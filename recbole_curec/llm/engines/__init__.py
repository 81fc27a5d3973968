"""Engines that run a language model: one small interface, one engine per file."""
