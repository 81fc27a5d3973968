from __future__ import annotations

from typing import ClassVar

from tests.parts import PARTS, Part


@PARTS.register
class Wheel(Part):
    name: ClassVar[str] = "wheel"
    revision: ClassVar[int] = 3


class Spare(Part):
    """Is not registered."""


SPOKES = 32
