"""Evaluation: rating metrics, explanation metrics, statistics, and a trial of correction on planted faults."""
