"""Teachers: who writes the reasons the language model learns from, one class per file."""
