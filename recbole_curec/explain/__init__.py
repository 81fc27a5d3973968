"""Explaining: results, reasons and lists as text for a terminal."""
