"""Stages: one per file, each a short ``run`` function and the ``Stage`` that declares its inputs."""
