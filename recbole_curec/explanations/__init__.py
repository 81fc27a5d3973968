"""Output: results, reasons and recommendation lists as text for a terminal."""
