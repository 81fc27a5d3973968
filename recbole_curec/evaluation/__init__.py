"""Evaluation of ratings and reasons: metrics, statistics, planted faults, and comparisons by people and judges."""
