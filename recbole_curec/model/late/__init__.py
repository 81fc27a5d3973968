"""Late fusion: towers of one backbone without shared weights, whose standardised scores are summed."""
