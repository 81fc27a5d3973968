"""The plugin: all code that depends on RecBole - config, datasets, trainers, checkpoints, runs and export."""
