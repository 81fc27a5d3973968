"""An extension point that a single test looks through, so that nobody has done so before."""

from __future__ import annotations

from recbole_curec.extensions import ExtensionPoint
from tests.parts import Part

UNSEEN: ExtensionPoint[Part] = ExtensionPoint("part", "tests.parts.unseen", "machine.part", "tests.parts:Part")
