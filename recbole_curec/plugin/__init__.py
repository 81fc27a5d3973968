"""The plugin: everything that knows RecBole - settings, datasets, trainers, checkpoints, runs and export."""
