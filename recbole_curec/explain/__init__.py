"""Showing results: tables and reasons as text."""
