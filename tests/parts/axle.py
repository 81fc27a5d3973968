from __future__ import annotations

from typing import ClassVar

from tests.parts import PARTS, Part


@PARTS.register
class Axle(Part):
    name: ClassVar[str] = "axle"
