"""Pipeline: stages, the runner that gives each stage the inputs it declares, artifacts and fingerprints."""
