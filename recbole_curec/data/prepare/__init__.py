"""Raw data to RecBole's atomic files: one source per file, then duplicates, k-core, cleaning and order for all."""
