"""What an error message looks like."""

from __future__ import annotations

import re

# A colon may come before the fix; a full stop stands within a name or an address only, and at the end.
_ONE = re.compile(r"(?:[^.\n]|\.(?=\w))+\.")


def is_one_sentence(message: object) -> bool:
    """Whether an error's message is one sentence on one line."""
    return _ONE.fullmatch(str(message)) is not None
