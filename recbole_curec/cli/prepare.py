"""``curec prepare``: make atomic files from raw review files."""

from __future__ import annotations

from typing import Any

from recbole_curec.cli.command import Command, check_one_process
from recbole_curec.cli.options import given_options
from recbole_curec.data.prepare.prepare import prepare
from recbole_curec.data.prepare.report import describe
from recbole_curec.data.prepare.request import Request
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path

USAGE = """usage: curec prepare --source=amazon --reviews=<file> [--items=<metadata file>] --dataset=<name>
                     --out=<folder> [--k_core=0] [--duplicates=last|first] [--overwrite]

Reads raw reviews (JSON lines, plain or gzipped) and writes <folder>/<name>/: <name>.inter and <name>.item, which every
model reads, and prepare.json with the counts of every step. Several reviews of an item by one user count as one, the
last by time. --k_core=5 drops users and items with fewer than five reviews until none is left; 0 keeps them all.
"""
_NEEDED = ("source", "reviews", "dataset", "out")
_TEXTS = (*_NEEDED, "items", "duplicates")
_OPTIONS = (*_TEXTS, "k_core", "overwrite")


def run(arguments: list[str]) -> str:
    """Make the data set and say what became of the reviews."""
    check_one_process("prepare")
    request, overwrite = _request(["--overwrite=True" if text == "--overwrite" else text for text in arguments])
    return describe(prepare(request, overwrite=overwrite))


def _request(arguments: list[str]) -> tuple[Request, bool]:
    given = given_options("prepare", arguments, _OPTIONS, _NEEDED, _TEXTS)
    request = Request(
        source=given["source"],
        reviews=user_path("reviews", given["reviews"]),
        items=user_path("items", given["items"]) if "items" in given else None,
        dataset=given["dataset"],
        folder=user_path("out", given["out"]),
        k_core=_whole("k_core", given.get("k_core", 0)),
        duplicates=given.get("duplicates", "last"),
    )
    return request, _truth("overwrite", given.get("overwrite", False))


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigurationError(f"{name}={value!r} cannot be used: give a whole number.")
    return value


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name}={value!r} cannot be used: give True or False.")
    return value


PREPARE = Command(USAGE, run)
