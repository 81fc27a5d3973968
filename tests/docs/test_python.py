"""docs/python.md runs from top to bottom, and every line gives what the page says it gives."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import recbole_curec as curec
from recbole_curec.data.collected import Collected
from recbole_curec.extensions import FUSIONS
from recbole_curec.reasons.store import STORE, read_records
from tests.docs.pages import DOCS, blocks
from tests.pipeline_runs import FAST, SharedRun

PAGE = DOCS / "python.md"
_GIVES = re.compile(r"  # -> (.+)$")


def run_page(source: str, names: dict[str, Any]) -> int:
    """Execute a block; the number of lines whose value was compared with what stands after ``# ->``."""
    lines, compared = source.splitlines(), 0
    for statement in ast.parse(source).body:
        told = _GIVES.search(lines[(statement.end_lineno or 0) - 1])
        code = ast.get_source_segment(source, statement) or ""
        if told is None:
            # With its decorators, which are not part of the segment.
            first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", []))])
            exec("\n".join(lines[first - 1 : statement.end_lineno]), names)
        else:
            assert repr(eval(code, names)) == told[1], code
            compared += 1
    return compared


@pytest.fixture(scope="module")
def page(shared_run: SharedRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Everything the page defines, after it ran over the shared run's data and artifacts under the name ``books``."""
    folder = tmp_path_factory.mktemp("python")
    books = folder / "data" / "books"
    books.mkdir(parents=True)
    for kind in ("inter", "item"):
        source = shared_run.dataset.root / "topics" / f"topics.{kind}"
        (books / f"books.{kind}").write_bytes(source.read_bytes())
    shared_run.copy_to(folder / "saved")
    (folder / "saved" / "curec" / "topics").rename(folder / "saved" / "curec" / "books")
    given = {**FAST, "data_path": "data", "MAX_ITEM_LIST_LENGTH": 5, "state": "ERROR"}
    (folder / "books.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    names: dict[str, Any] = {"__name__": "python_page", "__file__": str(folder / "python_page.py")}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("sys.argv", ["pytest"])
        try:
            compared = sum(run_page(block.text, names) for block in blocks(PAGE) if block.language == "python")
        finally:
            FUSIONS.unregister("plain_sum")
    assert compared == PAGE.read_text(encoding="utf-8").count("  # -> ")
    yield names


def test_the_page_names_all_there_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in set(curec.__all__) - {"__version__"}:
        assert re.search(rf"\b(curec\.)?{name}\b", text), name


def test_a_run_reuses_artifacts_and_measures_both_models(page: dict[str, Any], shared_run: SharedRun) -> None:
    result = page["result"]
    assert {name: folder.name for name, folder in result.artifacts.items()} == {
        name: artifact.folder.name for name, artifact in shared_run.artifacts.items()
    }
    for model in result.models:
        assert (Path(page["__file__"]).parent / model.checkpoint).is_file()
        assert 0 <= model.test["ndcg@10"] <= model.test["recall@10"] <= 1


def test_reasons_and_features_are_those_of_the_artifacts(page: dict[str, Any], shared_run: SharedRun) -> None:
    reasons, records = page["reasons"], read_records(shared_run.artifacts["correct"].folder / STORE)
    assert reasons["text"].tolist() == [record.text for record in records]
    assert reasons["rewards"].tolist() == [record.rewards for record in records]
    assert reasons["fault_kind"].tolist() == [record.failure_kind for record in records]
    assert [evidence["item"] for evidence in reasons["evidence"]] == reasons["item"].tolist()
    assert (reasons["written_for"] == reasons["user"]).all()
    features = curec.load_features(shared_run.artifacts["encode"].folder)
    assert np.array_equal(page["features"].item, features.item)
    assert np.array_equal(page["vectors"]["i3"], features.item[features.item_tokens.index("i3")])


def test_the_reasoner_writes_and_judges(page: dict[str, Any], shared_run: SharedRun) -> None:
    records, reasoner = page["records"], page["reasoner"]
    assert [(record.user, record.item) for record in records] == page["pairs"]
    assert [record.text for record in reasoner.write(page["pairs"])] == [record.text for record in records]
    history = Collected.load(shared_run.artifacts["collect"].folder).history
    for evidence, (user, item) in zip(reasoner.evidence(page["pairs"]), page["pairs"], strict=True):
        taken = history.item_tokens[history.of_user(history.user_tokens.tolist().index(user))].tolist()
        assert evidence.position == (taken.index(item) if item in taken else len(taken))
        assert list(evidence.history) == [f"{name_of(one)}" for one in taken[: evidence.position][-5:]]
    again = reasoner.score(page["pairs"], [record.text for record in records])
    for judged, record in zip(again, records, strict=True):
        assert judged.rewards["total"] == pytest.approx(record.rewards["total"], abs=1e-6)
    wrong, right = page["judged"], again[0]
    assert wrong.failure.kind == "preference"
    assert right.failure is None or right.failure.kind == "low reward"  # sound, whatever the model wrote
    assert wrong.rewards["total"] < right.rewards["total"]


def name_of(item: str) -> str:
    """The title that the data give an item."""
    number = int(item[1:])
    return f"{('Crime', 'Space', 'Music', 'Garden')[number % 4]} Story {number}"


def test_lists_hold_what_a_user_does_not_have(page: dict[str, Any], shared_run: SharedRun) -> None:
    rows = pd.read_csv(shared_run.dataset.root / "topics" / "topics.inter", sep="\t")
    taken = rows.groupby("user_id:token")["item_id:token"].agg(set).to_dict()
    everybody = pd.read_parquet(Path(page["__file__"]).with_name(page["path"].name))
    assert set(everybody["user"]) == set(taken)
    assert everybody.groupby("user")["rank"].agg(list).tolist() == [[1, 2, 3]] * 12
    for user, items in everybody.groupby("user")["item"]:
        assert not set(items) & taken[user]
    lists = page["lists"]
    for user in ("u0", "u7"):
        both = [table[table["user"] == user].reset_index(drop=True) for table in (lists, everybody)]
        pd.testing.assert_frame_equal(*both, check_dtype=False, rtol=1e-4)
        assert both[0]["score"].is_monotonic_decreasing
    assert not {"i4", "i8"} & set(page["fresh"]["item"])


def test_a_part_of_ones_own_was_used(page: dict[str, Any]) -> None:
    summed = page["summed"]
    assert json.dumps(summed.models[0].test) != json.dumps(page["result"].models[0].test)
    assert "plain_sum" not in FUSIONS.entries()
    assert page["model"].backbone.item_embedding.name == "gate"
