"""What the checks of settings look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# What RecBole puts in place of parts that eval_args leaves out.
_EVALUATION = {"split": {"RS": [0.8, 0.1, 0.1]}, "order": "RO", "group_by": "user", "mode": "full"}
PHASES = ("valid", "test")


@dataclass(frozen=True)
class Candidate:
    """Settings of a run before RecBole has read them.

    Attributes:
        given: Settings from files, dict or command line.
        final: Defaults and given settings, merged.
        model: Name of the model: one of ours, or of RecBole.
        trained: Class that is trained: for our models the backbone.
        kind: ``sequential``, ``general``, ``context-aware``, ``knowledge-aware`` or ``external-library``.
        launched: Whether RecBole's own launcher may have started the process; False for our commands and functions.
    """

    given: Mapping[str, Any]
    final: Mapping[str, Any]
    model: str
    trained: type[Any]
    kind: str
    launched: bool = False

    @cached_property
    def evaluation(self) -> dict[str, Any]:
        """``eval_args`` as RecBole completes them, with one mode for validation and one for the test."""
        given = self.final.get("eval_args")
        found = {**_EVALUATION, **(given if isinstance(given, Mapping) else {})}
        modes = found["mode"]
        if isinstance(modes, Mapping):
            either = modes.get("valid", modes.get("test", "full"))
            found["mode"] = {phase: modes.get(phase, either) for phase in PHASES}
        else:
            found["mode"] = dict.fromkeys(PHASES, modes)
        return found

    def listed(self, key: str) -> list[Any]:
        """A setting that is one value or a list of values, as a list."""
        value = self.final.get(key)
        return list(value) if isinstance(value, list | tuple) else [value]
