"""Errors a user can fix: each message is one sentence that names the value and the fix."""


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
