"""The small dataset that every case changes: 40 users with 8 of 30 items each."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

NAME = "base"
GENRES = ("Drama", "Comedy", "Horror", "Western", "Musical")
N_USERS, N_ITEMS, LENGTH = 40, 30, 8


class Base:
    """Interactions with ratings and times, and items with a title and a genre; a case changes the text of the files.

    Attributes:
        inter: Lines of the interaction file, the header first, as lists of fields.
        item: Lines of the item file; None leaves it out.
        separator: What stands between fields.
        raw: Bytes by file suffix that replace the file, whatever the lines above hold.
        encoding: Encoding of the files.
        beside: What else is written into the folder of the data.
    """

    def __init__(self) -> None:
        draw = random.Random(7)
        self.inter = [["user_id:token", "item_id:token", "rating:float", "timestamp:float"]]
        time = 1_700_000_000
        visits = [(f"u{user}", item) for user in range(N_USERS) for item in draw.sample(range(N_ITEMS), LENGTH)]
        draw.shuffle(visits)
        for user, item in visits:
            time += draw.choice((1, 7, 40, 300))
            self.inter.append([user, f"i{item}", str(draw.randint(1, 5)), str(time)])
        self.item = [["item_id:token", "title:token_seq", "genre:token"]]
        self.item += [[f"i{item}", f"Story {item}", GENRES[item % len(GENRES)]] for item in range(N_ITEMS)]
        self.separator = "\t"
        self.encoding = "utf-8"
        self.raw: dict[str, bytes] = {}
        self.beside: list[Callable[[Path], object]] = []

    def lines(self, suffix: str) -> list[list[str]]:
        """Lines of one file."""
        lines: list[list[str]] = getattr(self, suffix)
        return lines

    def text(self, suffix: str) -> str:
        """The text of one file as it will be written."""
        return "".join(self.separator.join(fields) + "\n" for fields in self.lines(suffix))

    def write(self, root: Path) -> None:
        """Write the files below ``root/base``."""
        folder = root / NAME
        folder.mkdir(parents=True, exist_ok=True)
        for suffix in ("inter", "item"):
            if self.lines(suffix) and suffix not in self.raw:
                self.raw[suffix] = self.text(suffix).encode(self.encoding)
        for suffix, content in self.raw.items():
            (folder / f"{NAME}.{suffix}").write_bytes(content)
        for write in self.beside:
            write(root)
