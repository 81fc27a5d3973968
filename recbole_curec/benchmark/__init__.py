"""Many configurations times many seeds under one protocol: a table with spread, significance and slices."""
