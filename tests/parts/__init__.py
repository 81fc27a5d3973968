"""An extension point with two entries, as small as one can be; only ``test_extensions.py`` looks through it."""

from __future__ import annotations

from recbole_curec.extensions import ExtensionPoint
from recbole_curec.settings.entry import Entry


class Part(Entry):
    """Base of the parts."""


PARTS: ExtensionPoint[Part] = ExtensionPoint("part", "tests.parts", "machine.part", "tests.parts:Part")
