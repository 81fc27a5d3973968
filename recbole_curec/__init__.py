"""Language-model reasons, aligned with each user's own interactions, as semantic features for any RecBole model.

Importing this package is all RecBole needs to find ``CURec`` and ``CURecGeneral``. It reads no command line, touches no
network, leaves the root logger alone, and imports nothing heavy: the functions below come from
:mod:`recbole_curec.api` when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from recbole_curec import install as _wiring

if TYPE_CHECKING:
    from recbole_curec.api import (
        Reasoner,
        load_features,
        load_reasons,
        recommend,
        register_backbone,
        register_encoder,
        register_engine,
        register_fusion,
        register_reward,
        register_teacher,
        run,
    )

__version__ = "0.1.0"

__all__ = [
    "Reasoner",
    "__version__",
    "load_features",
    "load_reasons",
    "recommend",
    "register_backbone",
    "register_encoder",
    "register_engine",
    "register_fusion",
    "register_reward",
    "register_teacher",
    "run",
]

_wiring.install()


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("recbole_curec.api"), name)
    raise AttributeError(f"module 'recbole_curec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
