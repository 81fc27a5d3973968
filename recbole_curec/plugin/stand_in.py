"""A module in another one's place, to patch one name inside one module of RecBole and nowhere else."""

from __future__ import annotations

import types
from typing import Any


class StandIn(types.ModuleType):
    """The same as a module, but for some of its attributes.

    Args:
        module: The module.
        replaced: The attributes that differ.
    """

    def __init__(self, module: types.ModuleType, **replaced: Any) -> None:
        super().__init__(module.__name__)
        self._module = module
        vars(self).update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)
