"""``CURecGeneral``, the general model, where RecBole looks for it."""
