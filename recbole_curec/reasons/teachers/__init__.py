"""Teachers: sources of the reasons that the language model learns from, one class per file."""
