"""Languages of prompts and reasons, one class per file: what the teacher says, and what the prompts are made of."""
