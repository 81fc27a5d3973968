"""A kit for people: blinded sheets that compare and rate explanations, and what annotators' answers say."""
