"""The search for settings: spaces, trials on validation alone, and the table of what was found at which budget."""
