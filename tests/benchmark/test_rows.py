from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recbole_curec.benchmark.rows import Row, check_protocol, find_rows, named_row
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.yaml_files import read_yaml
from recbole_curec.settings.settings import setting_names

LIFT = Path(__file__).resolve().parents[2] / "benchmarks" / "lift"


def _write(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


def _check(tmp_path: Path, **files: str) -> None:
    _write(tmp_path / "rows", **files)
    rows = find_rows([str(tmp_path / "rows")])
    check_protocol(rows, [row.config("ml-100k", [], {}, 2020) for row in rows])


def test_rows_come_in_the_order_given_and_have_readable_names(tmp_path: Path) -> None:
    _write(tmp_path, b="model: SASRec")
    rows = find_rows([str(tmp_path / "b.yaml"), str(LIFT)])
    assert [row.title for row in rows] == [
        "b", "ids only", "item text only", "reasons of shuffled users", "teacher sentences",
        "reasons without reinforcement", "reasons without correction", "full curec",
    ]  # fmt: skip
    assert named_row(rows, "2-item-text-only") is named_row(rows, "item text only") is rows[2]


@pytest.mark.parametrize(
    ("paths", "text"),
    [([], "has no rows"), (["nowhere.yaml"], "nowhere.yaml' does not exist"), (["x", "y"], "named 'a'")],
)
def test_rows_that_cannot_be_used(tmp_path: Path, paths: list[str], text: str) -> None:
    for folder in ("x", "y"):
        _write(tmp_path / folder, a="model: SASRec")
    with pytest.raises(ConfigurationError, match=text):
        find_rows([str(tmp_path / path) for path in paths])
    with pytest.raises(ConfigurationError, match=r"'z' is no row .* a"):
        named_row([Row("a", tmp_path)], "z")


def test_a_sum_names_other_rows_by_name_or_title(tmp_path: Path) -> None:
    _write(tmp_path, **{"1-a": "model: SASRec", "2-b": "model: SASRec", "3-c": "ensemble: [a, 2-b, a]"})
    assert [row.ensemble for row in find_rows([str(tmp_path)])] == [(), (), ("1-a", "2-b", "1-a")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ensemble: [a, z]", "'c': ensemble: 'z' is no row of this benchmark"),
        ("ensemble: [a]", "list the names of two rows or more"),
        ("ensemble: a", "list the names of two rows or more"),
        ("ensemble: [a, 3]", "list the names of two rows or more"),
        ("ensemble: [a, d]", "'d' is a sum itself"),
        ("ensemble: [a, b]\nmodel: CURec", "model cannot stand beside ensemble"),
    ],
)
def test_sums_that_cannot_be_made(tmp_path: Path, text: str, message: str) -> None:
    _write(tmp_path, a="model: SASRec", b="model: SASRec", c=text, d="ensemble: [a, b]")
    with pytest.raises(ConfigurationError, match=message):
        find_rows([str(tmp_path)])


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({"a": "model: SASRec", "b": "model: GRU4Rec\ntopk: [5, 10]"}, "'a' and 'b' cannot be compared: topk"),
        ({"a": "model: SASRec", "b": "model: SASRec\nmask_history: true"}, "recommend.mask_history is False in one"),
        ({"a": "model: SASRec", "b": "model: BPR"}, "cannot be compared: eval_args"),
        (
            {
                "a": "model: SASRec",
                "b": "model: BPR\nrepeatable: true\n"
                "eval_args: {split: {LS: valid_and_test}, order: TO, group_by: user, mode: full}",
            },
            "history among the candidates",
        ),
        ({"a": "model: SASRec\neval_args: {split: {LS: valid_and_test}, order: TO, mode: uni100}"}, "uni100"),
        ({"a": "model: SASRec\nrl_step: 3"}, "Row 'a': Setting 'rl_step'"),
    ],
)
def test_rows_of_different_protocols_are_not_compared(tmp_path: Path, files: dict[str, str], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        _check(tmp_path, **files)


def test_every_row_of_the_lift_table_differs_from_full_curec_in_one_setting() -> None:
    rows = find_rows([str(LIFT)])
    settings: dict[str, Any] = {}
    for row in rows:
        config = row.config("ml-100k", [], {}, 2020)
        settings[row.name] = {name: config[name] for name in setting_names()}
    full = settings["7-full-curec"]
    changed = {name: {key: value for key, value in own.items() if value != full[key]} for name, own in settings.items()}
    assert changed == {
        "1-ids-only": {"recommend.fusion": "none"},
        "2-item-text-only": {"encode.reason_source": "none"},
        "3-reasons-of-shuffled-users": {"correct.shuffle_users": True},
        "4-teacher-sentences": {"encode.reason_source": "teacher"},
        "5-reasons-without-reinforcement": {"reinforce.steps": 0},
        "6-reasons-without-correction": {"encode.reason_source": "drafts"},
        "7-full-curec": {},
    }
    assert read_yaml(rows[-1].path) == {"model": "CURec"}
    check_protocol(rows, [row.config("ml-100k", [], {}, 2020) for row in rows])
