"""Evaluation of reasons: faults planted in good ones, whether they are corrected, comparisons by people and judges."""
