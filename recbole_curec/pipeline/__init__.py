"""Pipeline: stages, the runner that hands each what it declares, artifacts and fingerprints."""
