"""Errors that a user can fix: each message is one sentence that names the value and the fix."""

from __future__ import annotations

from pathlib import Path


def shown(value: object, longest: int = 200) -> str:
    """A value as a message quotes it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= longest else f"{text[:longest]}..."


def in_one_line(text: object) -> str:
    """A text, or what an error says, with every run of blanks and line breaks as one blank."""
    return " ".join(str(text).split())


def first_line(error: BaseException) -> str:
    """The first line of what an error says, without a full stop; empty if it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else ""


class CURecError(ValueError):
    """Base of every error caused by input or settings; the command line turns it into exit code 2."""


class ConfigurationError(CURecError):
    """A setting is unknown, has the wrong type, or contradicts another one."""


class DataError(CURecError):
    """The dataset cannot be used as it is."""


class ServerError(CURecError):
    """A completion server cannot be reached, refuses a request, or gives an unexpected answer."""


class RewardError(CURecError):
    """The reward model is too poor to train against."""


class DivergedError(CURecError):
    """A training ended in weights that are no numbers."""


class CheckpointError(CURecError):
    """A checkpoint cannot be used, or does not match the current data."""


class DiskFullError(CURecError):
    """The disk is full; files completed before are kept.

    Args:
        folder: Folder that was being written to.

    Attributes:
        fault: The message without what to do: whoever runs the command knows whether it goes on or starts again.
    """

    def __init__(self, folder: Path) -> None:
        self.fault = f"The disk is full: nothing more can be written below '{folder}'"
        super().__init__(f"{self.fault}: free some space and run again.")


class UndeclaredReadError(LookupError):
    """A stage reads settings, an input or the source that it does not declare: a bug in the stage."""
