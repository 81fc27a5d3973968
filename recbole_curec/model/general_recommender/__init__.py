"""The general recommender, ``CURecGeneral``."""
