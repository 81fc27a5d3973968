"""RecBole model classes."""
