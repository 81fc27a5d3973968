"""How values of raw files are read, and how sources are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recbole_curec.data.prepare.source import SOURCES, RawLine
from recbole_curec.errors import ConfigurationError, DataError


def line(**values: Any) -> RawLine:
    return RawLine(Path("raw.json"), 7, values)


@pytest.mark.parametrize(("value", "found"), [("A1", "A1"), (" A1 ", "A1"), (7, "7"), ("007", "007"), ("NA", "NA")])
def test_ids(value: Any, found: str) -> None:
    assert line(key=value).id("key") == found


@pytest.mark.parametrize("value", ["", " ", None, True, 1.5, ["A1"], "a\tb", "a\nb", 'a"b', "a\u200bb", "[PAD]"])
def test_what_is_no_id(value: Any) -> None:
    with pytest.raises(DataError, match=r"^raw\.json, line 7: key is .*: an id is .*; correct or remove that line\.$"):
        line(key=value).id("key")


@pytest.mark.parametrize(("value", "found"), [(5, 5.0), (3.5, 3.5), ("4.0", 4.0), (-1, -1.0)])
def test_numbers(value: Any, found: float) -> None:
    assert line(key=value).number_of("key") == found


@pytest.mark.parametrize("value", ["five", "", None, True, [5], float("nan"), float("inf"), "nan", 10**400])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(DataError, match=r"^raw\.json, line 7: key is .*: it must be a finite number; correct"):
        line(key=value).number_of("key")


def test_texts_may_be_missing() -> None:
    assert line(key="Good").text("key") == "Good"
    assert line(key=None).text("key") == line().text("key") == ""
    with pytest.raises(DataError, match=r"line 7: key is 3: it must be a text"):
        line(key=3).text("key")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(DataError, match=r"^raw\.json, line 7: there is no overall: it must be a finite number"):
        line(other=1).number_of("overall")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Bob the 2nd", "Bob the 2nd"), (7, "7"), ('a"b', "a%22b"), ("50%", "50%25"), (" a ", "%20a%20"), (" ", "%20"),
        ("a\tb", "a%09b"), ("[PAD]", "%5BPAD]"), ("\u200b", "%E2%80%8B"), ("\ud800", "%ED%A0%80"),
        ("J\u00f6", "J\u00f6"),
    ],
)  # fmt: skip
def test_names_that_people_choose(value: Any, found: str) -> None:
    assert line(key=value).name("key") == found
    assert line(key=found).id("key") == found


def test_an_empty_name_is_no_id() -> None:
    with pytest.raises(DataError, match="key is '': an id is"):
        line(key="").name("key")


def test_dates() -> None:
    assert line(key=" 1970-01-02 ").seconds("key") == 86_400
    for value in ("yesterday", 5, None, ""):
        with pytest.raises(DataError, match=r"line 7: key is .*: it must be a date, such as"):
            line(key=value).seconds("key")


def test_an_unknown_source() -> None:
    with pytest.raises(ConfigurationError, match=r"source: 'amazn' is no raw source \(nearest: 'amazon'\): use one of"):
        SOURCES.find("amazn")
