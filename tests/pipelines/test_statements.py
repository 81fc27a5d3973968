"""Statements in a run: what the stage makes, what reaches evidence and vectors, and what must not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import EvidenceBuilder
from recbole_curec.data.served_history import ServedHistory
from recbole_curec.errors import ConfigurationError
from recbole_curec.features.statement_blocks import StatementBlock
from recbole_curec.features.store import FeatureStore
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.datasets import CURecDataset, CURecGeneralDataset
from recbole_curec.plugin.features import planned_artifacts, run_stages
from recbole_curec.plugin.review_sources import statements_of_history
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reviews.statements.chooser import load_statements
from recbole_curec.settings.sections import CollectSettings
from recbole_curec.stages.statements import CHOSEN
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import artifact_bytes, artifact_text
from tests.review_runs import config_of
from tests.reviews.statements.told import ITEMS, REVIEWS, USERS, mark_of, table

HELD_OUT = "zebrafinch"
COLUMNS = "user_id:token item_id:token timestamp:float rating:float review:token_seq"
GIVEN: dict[str, Any] = {
    "encode": {"reason_source": "none", "statements": True, "feature_dim": 6}, "reccot": {}, "embed": {},
    "statements": {"trees": 10, "leaves": 4, "grades": [0.5, 0.6, 0.7]}, "collect": {"evidence_statements": 2},
    "inner_size": 16, "n_layers": 1, "n_heads": 1, "hidden_size": 16, "topk": [3], "valid_metric": "NDCG@3",
}  # fmt: skip


def write(folder: Path, rows: list[tuple[Any, ...]], columns: str = COLUMNS) -> AtomicDataset:
    data = AtomicDataset(folder, "told")
    data.write("inter", columns, rows)
    data.write("item", "item_id:token title:token_seq", [(f"i{k}", f"Strap {k}") for k in range(ITEMS)])
    return data


def made(folder: Path, rows: list[tuple[Any, ...]], **given: Any) -> dict[str, Artifact]:
    config = config_of(folder, write(folder / "data", rows), "CURec", **{**GIVEN, **given})
    return run_stages(config, CURecDataset(config).build()[0].praised_history())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    """The artifacts of one run, which nobody changes."""
    return made(tmp_path_factory.mktemp("told"), table(HELD_OUT))


def test_an_interrupted_encode_goes_on(finished: dict[str, Artifact], tmp_path: Path) -> None:
    for name in ("collect", "statements"):
        made_before = finished[name].folder
        shutil.copytree(made_before, tmp_path / "saved" / "curec" / "told" / made_before.name)
    left = tmp_path / "saved" / "curec" / "told" / finished["encode"].partial.name / "statements"
    left.mkdir(parents=True)
    (left / "lsa.json").write_text("half")
    again = made(tmp_path, table(HELD_OUT))
    assert artifact_bytes(again) == artifact_bytes(finished)


def builder_of(artifacts: dict[str, Artifact]) -> EvidenceBuilder:
    collected = Collected.load(artifacts["collect"].folder)
    statements = load_statements(artifacts["statements"].folder, collected.history)
    return collected.builder(CollectSettings(evidence_statements=2), statements)


def written_at(text: str) -> tuple[int, int]:
    """User and time of a statement, by the word that stands in it alone."""
    user, time = text.partition("tok")[2].removesuffix("end").split("at")
    return int(user), int(time)


def test_the_stage_reports_its_rankers(finished: dict[str, Artifact]) -> None:
    assert list(finished) == ["collect", "statements", "encode"]
    figures = finished["statements"].manifest()["figures"]
    assert figures["statements"] == figures["interactions"] == USERS * (REVIEWS - 2)
    ndcg = figures["ndcg"]
    assert ndcg["users"] == USERS and ndcg["ranker"]["mean"] > ndcg["random"]["mean"] + 0.1
    low, high = ndcg["ranker - random"]["interval"]
    assert 0 < low <= ndcg["ranker - random"]["mean"] <= high
    assert (
        f"on {USERS} held-out users: ranker {ndcg['ranker']['mean']:.3f}"
        in finished["statements"].manifest()["summary"]
    )


def test_a_chosen_statement_is_anothers_and_earlier(finished: dict[str, Artifact]) -> None:
    chosen = pd.read_parquet(finished["statements"].folder / CHOSEN)
    times = {(user, item): time for user, item, time, *_ in table()}
    assert len(chosen) > USERS
    for user, item, text in zip(chosen["user"], chosen["item"], chosen["text"], strict=True):
        writer, place = written_at(text)
        assert f"strap {item[1:]} " in text and f"u{writer:02}" != user
        assert 100 * place + writer < times[user, item]


def test_held_out_reviews_change_no_byte(finished: dict[str, Artifact], tmp_path: Path) -> None:
    assert HELD_OUT not in artifact_text(finished)
    again = made(tmp_path, [
        (user, item, time, rating if time < 400 else 6 - rating, text)
        for user, item, time, rating, text in table("wombat")
    ])  # fmt: skip
    assert {stage: one.key for stage, one in again.items()} == {stage: one.key for stage, one in finished.items()}
    assert artifact_bytes(again) == artifact_bytes(finished)


def test_evidence_and_prompts_hold_neither_own_nor_later_statements(finished: dict[str, Artifact]) -> None:
    builder, prompts, found = builder_of(finished), TablePrompts(CollectSettings()), 0
    history = builder.history
    for row in range(history.n_interactions):
        user, _, position = history.interaction(row)
        time = 100 * position + user - 1
        for item in range(1, ITEMS + 1):  # the true one, and all negatives
            evidence = builder.build(user, item, position)
            shown = prompts.reason(evidence)[-1]["content"]
            for one in evidence.statements:
                writer, place = written_at(one.text)
                assert 100 * place + writer < time and writer != user - 1 and one.text in shown
            found += len(evidence.statements)
            assert not any(mark_of(user - 1, place) in shown for place in range(REVIEWS))
    assert found > 100


def test_of_now_all_training_reviews_of_others_are_read_and_no_others(finished: dict[str, Artifact]) -> None:
    builder = builder_of(finished)
    training = builder.history
    user, untaken = 1, 6
    present = np.concatenate([training.of_user(user), [5, 6]])  # two more, of which no training review is known
    served = ServedHistory.of(training, [present, present[:2]], ["u00", "new"], [user, 0])
    now = EvidenceBuilder(served, builder.catalog, builder.pairs, builder.settings, builder.statements)
    for number, position in ((training.n_users, len(present)), (training.n_users + 1, 2), (training.n_users, 5)):
        evidence = now.build(number, untaken, position)
        assert len(evidence.statements) == 2
        assert all("strap 5 " in one.text for one in evidence.statements)
    # What the user took in training keeps its own time: nobody had written about it before.
    assert now.build(training.n_users, int(present[0]), 0).statements == ()
    assert now.build(user, int(present[0]), 0).statements == ()


def test_vectors_hold_statements_and_the_control_those_of_other_items(
    finished: dict[str, Artifact], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[tuple[Any, ...]] = []
    make = StatementBlock.of
    monkeypatch.setattr(StatementBlock, "of", lambda *given: blocks.append(given) or make(*given))
    places = {"artifact_dir": str(tmp_path / "artifacts")}
    for shuffle in (False, True):
        encode = {**GIVEN["encode"], "shuffle_statements": shuffle}
        control = made(tmp_path, table(HELD_OUT), encode=encode, **places)
    assert [stage for stage in control if control[stage].key != finished[stage].key] == ["encode"]
    assert "given to other items" in control["encode"].manifest()["summary"]
    (texts, rows, vectors, _), (same_texts, same_rows, others, _) = blocks
    np.testing.assert_array_equal(texts, same_texts)  # item text stays with its item
    np.testing.assert_array_equal(rows, same_rows)

    def said(of: Any, item: int) -> set[bytes]:
        return {vector.tobytes() for vector in of[rows == item]}

    for item in np.unique(rows).tolist():
        sources = [other for other in np.unique(rows).tolist() if said(others, item) <= said(vectors, other)]
        assert len(sources) == 1 and item not in sources
    store = FeatureStore.load(finished["encode"].folder)
    assert np.linalg.norm(store.item - store.item_text, axis=1).min() > 0.2  # what is not item text


def test_off_it_runs_nothing_and_changes_no_fingerprint(tmp_path: Path) -> None:
    data = write(tmp_path / "data", table())

    def keys(**given: Any) -> dict[str, str]:
        config = config_of(tmp_path, data, "CURec", **{**GIVEN, "collect": {}, "encode": {}, **given})
        history = CURecDataset(config).build()[0].praised_history()
        return {stage: one.key for stage, one in planned_artifacts(config, history).items()}

    off = keys(statements={})
    assert "statements" not in off and off == keys(statements={"trees": 3})
    assert "evidence_statements" not in CollectSettings().fingerprint_fields()
    on = keys(collect={"evidence_statements": 1})
    assert set(on) == {*off, "statements"}
    vectors = keys(encode={"statements": True})
    assert {stage for stage in off if vectors[stage] != off[stage]} == {"encode"}


@pytest.mark.parametrize(
    ("given", "columns", "message"),
    [
        ({}, COLUMNS.replace("review:token_seq", "review:token"), None),
        ({}, COLUMNS.replace("review", "words"), "collect.evidence_statements: 2 finds no column of review text"),
        (
            {"collect": {}},
            COLUMNS.replace("review", "words"),
            "encode.statements: true finds no column .* encode.statements: false",
        ),
        (
            {"encode": {"shuffle_statements": True}},
            COLUMNS,
            "encode.shuffle_statements: true shuffles what is not read",
        ),
        ({"statements": {"grades": [0.5, 0.4, 0.9]}}, COLUMNS, "three rising cosines"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_start(
    tmp_path: Path, given: dict[str, Any], columns: str, message: str | None
) -> None:
    data = write(tmp_path / "data", table(), columns)
    if message is None:
        assert config_of(tmp_path, data, "CURec", **{**GIVEN, **given})
        return
    with pytest.raises(ConfigurationError, match=message):
        config_of(tmp_path, data, "CURec", **{**GIVEN, **given})


def test_reviews_without_ratings_or_times_will_do(tmp_path: Path) -> None:
    rows = [(user, item, text) for user, item, _, _, text in sorted(table(), key=lambda row: row[2])]
    data = write(tmp_path / "data", rows, "user_id:token item_id:token review:token_seq")
    config = config_of(tmp_path, data, "CURecGeneral", encode=GIVEN["encode"], collect=GIVEN["collect"])
    source = statements_of_history(config, CURecGeneralDataset(config).build()[0].praised_history())
    assert np.isnan(source.ratings).all()
    assert sorted(source.ranks.tolist()) == list(range(1, len(source.ranks) + 1))
    order = {(user, item): line for line, (user, item, _) in enumerate(rows)}
    lines = [order[pair] for pair in zip(source.users.tolist(), source.items.tolist(), strict=True)]
    assert np.argsort(lines).tolist() == np.argsort(source.ranks).tolist()
