from __future__ import annotations

from typing import ClassVar

from tests.parts import Part
from tests.parts.unseen import UNSEEN


@UNSEEN.register
class Sail(Part):
    name: ClassVar[str] = "sail"
