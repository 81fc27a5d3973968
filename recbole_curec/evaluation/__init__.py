"""Evaluation: trials of the parts that judge reasons, such as faults planted in good ones."""
