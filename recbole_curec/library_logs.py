"""Lines of other libraries' logs that tell a user nothing to act on."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator

_KERNELS = "bitsandbytes.backends.cpu.ops"


def quiet_missing_kernels() -> Callable[[], None]:
    """Leave out that bitsandbytes has no package ``kernels``, and return what undoes it.

    peft imports bitsandbytes wherever it is installed, whether or not 4 bits are asked for; without that package, whose
    code would be loaded from the network, it computes by itself. Whatever else goes wrong there is still logged.
    """
    logger = logging.getLogger(_KERNELS)
    logger.addFilter(_says_more)
    return lambda: logger.removeFilter(_says_more)


def _says_more(record: logging.LogRecord) -> bool:
    missing = [value for value in record.args or () if isinstance(value, ModuleNotFoundError)]
    return not any(error.name == "kernels" for error in missing)


@contextlib.contextmanager
def lines_of_recbole_left_out() -> Iterator[None]:
    """Leave out what RecBole tells of every training, where there are many; its warnings are still logged.

    RecBole logs to the root logger, whose filters see no other logger's lines.
    """
    root = logging.getLogger()
    root.addFilter(_warns)
    try:
        yield
    finally:
        root.removeFilter(_warns)


def _warns(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO
