"""Language-model reasons, aligned with each user's own interactions, as semantic features for any RecBole model.

Importing this package lets RecBole find ``CURec`` and ``CURecGeneral``. The import reads no command line, uses no
network, does not change the root logger, and imports nothing heavy: each public name is imported from its module when
it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from recbole_curec import install as _wiring
from recbole_curec.version import __version__

if TYPE_CHECKING:
    from recbole_curec.api.annotating import make_annotation, read_annotation
    from recbole_curec.api.benchmarking import run_benchmark
    from recbole_curec.api.evaluating import evaluate
    from recbole_curec.api.explaining import explain, faithfulness
    from recbole_curec.api.judging import judge
    from recbole_curec.api.recommending import recommend
    from recbole_curec.api.registering import (
        register_backbone,
        register_encoder,
        register_engine,
        register_feature,
        register_fusion,
        register_language,
        register_reward,
        register_teacher,
    )
    from recbole_curec.api.runs import Reasoner, load_features, load_reasons, run
    from recbole_curec.api.tuning import run_tuning
    from recbole_curec.install import uninstall

__all__ = [
    "Reasoner",
    "__version__",
    "evaluate",
    "explain",
    "faithfulness",
    "judge",
    "load_features",
    "load_reasons",
    "make_annotation",
    "read_annotation",
    "recommend",
    "register_backbone",
    "register_encoder",
    "register_engine",
    "register_feature",
    "register_fusion",
    "register_language",
    "register_reward",
    "register_teacher",
    "run",
    "run_benchmark",
    "run_tuning",
    "uninstall",
]
_SOURCES = {
    "runs": ("Reasoner", "load_features", "load_reasons", "run"),
    "evaluating": ("evaluate",),
    "annotating": ("make_annotation", "read_annotation"),
    "benchmarking": ("run_benchmark",),
    "explaining": ("explain", "faithfulness"),
    "judging": ("judge",),
    "recommending": ("recommend",),
    "tuning": ("run_tuning",),
    "registering": tuple(name for name in __all__ if name.startswith("register_")),
}

_wiring.install()


def __getattr__(name: str) -> Any:
    if name == "uninstall":
        return _wiring.uninstall
    for module, names in _SOURCES.items():
        if name in names:
            return getattr(importlib.import_module(f"recbole_curec.api.{module}"), name)
    raise AttributeError(f"module 'recbole_curec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
