"""Stage 6, encode: reasons to vectors, and how the vectors enter a RecBole backbone."""
