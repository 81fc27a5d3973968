"""The code on a page of the documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        heading: The heading it stands under, of any level.
        language: What its fence says.
        text: What is in it.
    """

    heading: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found, heading = [], ""
    for match in re.finditer(r"^#+ ([^\n]+)$|^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S):
        if match[1] is not None:
            heading = match[1]
        else:
            found.append(Block(heading, match[2], match[3]))
    return found
