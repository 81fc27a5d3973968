"""Every line of the table."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

from tests.cases import table
from tests.cases.case import Case, Trial

CASES: list[Case] = [
    case
    for module in pkgutil.iter_modules(table.__path__)
    for case in importlib.import_module(f"{table.__name__}.{module.name}").CASES
]


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "-") for case in CASES])
def test_case(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    case.expected(Trial(case, tmp_path / "data", capsys, caplog))
