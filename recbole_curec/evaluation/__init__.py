"""Evaluation of correction: faults planted in good reasons, and a trial that measures whether they are corrected."""
