"""The code on a page of the documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "dataset/README.md")),
    *sorted(DOCS.glob("*.md")),
]
_PART = re.compile(
    r"^#+ (?P<heading>[^\n]+)$"
    r"|^(?:<!-- not checked: (?P<why>[^\n]+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        heading: The heading it stands under, of any level.
        language: What its fence says.
        text: What is in it.
        unchecked: Why tests do not look into it, from a comment ``<!-- not checked: why -->`` in the line above.
    """

    heading: str
    language: str
    text: str
    unchecked: str = ""


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found, heading = [], ""
    for match in _PART.finditer(page.read_text(encoding="utf-8")):
        if match["heading"] is not None:
            heading = match["heading"]
        else:
            found.append(Block(heading, match["language"], match["text"], match["why"] or ""))
    return found
