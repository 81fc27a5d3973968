"""``curec prepare``: make atomic files from raw files of ratings and reviews."""

from __future__ import annotations

import re
from typing import Any

from recbole_curec.cli.command import Command, check_one_process
from recbole_curec.cli.options import given_options
from recbole_curec.data.prepare.prepare import prepare
from recbole_curec.data.prepare.report import describe
from recbole_curec.data.prepare.request import Request
from recbole_curec.data.prepare.source import SourceOptions
from recbole_curec.data.prepare.times import seconds_of
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path

_NEEDED = ("source", "reviews", "dataset", "out")
_FILES = ("items", "tags", "authors")
_WORDS = ("columns", "item_columns", "separator", "time_unit")
_TIMES = ("since", "before")
# "2014" and "20140701": taken for seconds they would be of 1970, and keep everything.
_BARE_DATE = re.compile(r"((?:19|20)\d\d)(?:(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))?")
_TEXTS = (*_NEEDED, *_FILES, *_WORDS, *_TIMES, "duplicates", "unrated")
_FLAGS = ("--overwrite", "--crowd_labels")  # may stand without a value
_OPTIONS = (*_TEXTS, "min_rating", "k_core", "header", "crowd_labels", "overwrite")


def run(arguments: list[str]) -> str:
    """Make the data set and say what became of the reviews."""
    check_one_process("prepare")
    request, overwrite = _request([f"{text}=True" if text in _FLAGS else text for text in arguments])
    return describe(prepare(request, overwrite=overwrite))


def _request(arguments: list[str]) -> tuple[Request, bool]:
    given = given_options("prepare", arguments, _OPTIONS, _NEEDED, _TEXTS)
    files = {name: user_path(name, given[name]) for name in _FILES if name in given}
    own: dict[str, Any] = {name: given[name] for name in _WORDS if name in given}
    own |= {name: _truth(name, given[name]) for name in ("header", "crowd_labels") if name in given}
    request = Request(
        source=given["source"],
        reviews=user_path("reviews", given["reviews"]),
        items=files.get("items"),
        dataset=given["dataset"],
        folder=user_path("out", given["out"]),
        k_core=_whole("k_core", given.get("k_core", 0)),
        duplicates=given.get("duplicates", "last"),
        **{name: _time(name, given[name]) for name in _TIMES if name in given},
        min_rating=_number("min_rating", given["min_rating"]) if "min_rating" in given else None,
        unrated=given.get("unrated", "drop"),
        options=SourceOptions(**own, tags=files.get("tags"), authors=files.get("authors")),
    )
    return request, _truth("overwrite", given.get("overwrite", False))


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigurationError(f"{name}={value!r} cannot be used: give a whole number.")
    return value


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationError(f"{name}={value!r} cannot be used: give a number.")
    return float(value)


def _time(name: str, text: str) -> float:
    if date := _BARE_DATE.fullmatch(text):
        year, month, day = (part or "01" for part in date.groups())
        raise ConfigurationError(
            f"{name}={text!r} may be a date or a number of seconds: write {year}-{month}-{day} for the date, or "
            f"{text}.0 for the number."
        )
    try:
        return float(text)
    except ValueError:
        found = seconds_of(text)
    if found is None:
        raise ConfigurationError(
            f"{name}={text!r} cannot be used: give a date, such as 2014-07-01 or 2014-07-01T12:00:00, or a number."
        )
    return found


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name}={value!r} cannot be used: give True or False.")
    return value


PREPARE = Command(run, goes_on=False)
