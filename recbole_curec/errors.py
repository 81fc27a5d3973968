"""Errors a user can fix: each message is one sentence that names the value and the fix."""

from __future__ import annotations

from pathlib import Path


class CURecError(ValueError):
    """Base of every error caused by input or settings; the command line turns it into exit code 2."""


class ConfigurationError(CURecError):
    """A setting is unknown, has the wrong type, or contradicts another one."""


class DataError(CURecError):
    """The dataset cannot be used as it is."""


class ServerError(CURecError):
    """A server that writes completions cannot be reached, refuses, or answers something else."""


class RewardError(CURecError):
    """The reward model is too poor to train against."""


class CheckpointError(CURecError):
    """A checkpoint cannot be used, or not with the data that lie there now."""


class DiskFullError(CURecError):
    """There is no room left; what was complete before is kept.

    Args:
        folder: Where something was written.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The disk is full: nothing more can be written below '{folder}': free some space and run the same "
            "command, which goes on from what was complete."
        )


class UndeclaredReadError(LookupError):
    """A stage reads settings, an input or the source that it does not declare: a fault of its author, not a user's."""
