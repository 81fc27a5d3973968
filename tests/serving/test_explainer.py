"""Explained lists of a small run of all stages: from the checkpoint to rows, text and files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import recbole_curec as curec
from recbole_curec.api.runs import Reasoner
from recbole_curec.cli import main as cli
from recbole_curec.data.served_history import ServedHistory
from recbole_curec.errors import CheckpointError, ConfigurationError, DataError
from recbole_curec.explanations.result import Explanations
from recbole_curec.plugin.run_record import record_path
from recbole_curec.serving.recommender import Recommender
from tests.pipeline_runs import FAST, SharedRun

USERS = ["u1", "u2", "u3"]


@pytest.fixture(scope="module")
def explained(shared_run: SharedRun) -> Explanations:
    return curec.explain(shared_run.result, USERS, 4)


@pytest.fixture(scope="module")
def recommender(shared_run: SharedRun) -> Recommender:
    return Recommender.load(shared_run.result.checkpoint)


def test_the_lists_are_those_of_the_recommender(explained: Explanations, recommender: Recommender) -> None:
    wanted = recommender.for_users(USERS, 4)
    found = explained.frame()
    assert found[["user", "rank", "item"]].values.tolist() == wanted[["user", "rank", "item"]].values.tolist()
    np.testing.assert_allclose(found["score"], wanted["score"], rtol=1e-5)


def test_the_parts_of_a_score_add_up_to_it(explained: Explanations) -> None:
    assert explained.lists is not None
    assert explained.lists.sources == ["ids", "text", "reasons"]
    for user in explained.lists.users:
        for item in user.items:
            assert set(item.sources) == {"ids", "text", "reasons", "base"}
            assert sum(item.sources.values()) == pytest.approx(item.score, abs=1e-4)
    moved = [
        abs(item.sources[name]) for user in explained.lists.users for item in user.items for name in ("ids", "text")
    ]
    assert max(moved) > 0.01


def test_splitting_leaves_the_model_as_it_was(shared_run: SharedRun, recommender: Recommender) -> None:
    before = recommender.for_users(USERS, 3)
    curec.explain(shared_run.result, USERS[:1], 2)
    pd.testing.assert_frame_equal(recommender.for_users(USERS, 3), before)


def test_other_models_stand_beside_it_with_their_own_lists(shared_run: SharedRun, explained: Explanations) -> None:
    assert [model.name for model in shared_run.result.models] == [
        "CURec (SASRec)", "SASRec, text only", "SASRec, ids only",
    ]  # fmt: skip
    assert explained.lists is not None
    assert [model.role for model in explained.lists.models] == ["full", "text only", "ids only"]
    for place, role in ((1, "text only"), (2, "ids only")):
        other = Recommender.load(shared_run.result.models[place].checkpoint)
        for user in explained.lists.users:
            wanted = other.for_users([user.user], 16)
            assert [one.item for one in user.others[role]] == wanted["item"].tolist()[:4]
            ranks = dict(zip(wanted["item"], wanted["rank"], strict=True))
            assert [item.elsewhere[role] for item in user.items] == [ranks.get(item.item) for item in user.items]


def test_reasons_are_written_from_what_the_user_has_taken_by_now(
    shared_run: SharedRun, explained: Explanations, recommender: Recommender
) -> None:
    histories = recommender.histories(USERS)
    names = {f"i{k}": f"{('Crime', 'Space', 'Music', 'Garden')[k % 4]} Story {k}" for k in range(16)}
    for row in explained.rows:
        taken = histories[row["user"]]
        assert row["evidence"]["position"] == len(taken) == 6  # validation and test interactions included
        assert list(row["evidence"]["history"]) == [names[item] for item in taken][-len(row["evidence"]["history"]) :]
        assert row["item"] not in taken


def test_counts_stay_those_of_training(shared_run: SharedRun) -> None:
    reasoner = Reasoner.load(shared_run.result)
    assert isinstance(reasoner, Reasoner)
    training = reasoner.collected.history
    users = {str(token): user for user, token in enumerate(training.user_tokens)}
    same = {user: [str(training.item_tokens[item]) for item in training.of_user(users[user])] for user in USERS}
    unseen = next(f"i{k}" for k in range(16) if f"i{k}" not in set(same["u1"]))
    served = reasoner.with_histories(same)
    assert isinstance(served.collected.history, ServedHistory)
    pairs = [("u1", unseen), ("u2", "i0")]
    # A present history that is the training history gives the same evidence: nobody is counted twice.
    assert served.evidence(pairs) == reasoner.evidence(pairs)
    assert served.score(pairs, ["You may like it."] * 2) == reasoner.score(pairs, ["You may like it."] * 2)
    more = [f"i{k}" for k in range(16) if f"i{k}" not in {*same["u1"], unseen}][:2]
    longer = reasoner.with_histories({"u1": [*same["u1"], *more]})
    (before,), (after,) = reasoner.evidence([("u1", unseen)]), longer.evidence([("u1", unseen)])
    assert after.position == before.position + 2
    assert after.facts_of("popularity") == before.facts_of("popularity")


def test_a_new_user_is_explained_by_a_history(shared_run: SharedRun, recommender: Recommender) -> None:
    found = curec.explain(shared_run.result, history=["i3", "i7"], k=3)
    assert found.frame()["item"].tolist() == recommender.for_history(["i3", "i7"], 3)["item"].tolist()
    assert {row["user"] for row in found.rows} == {"new user"}
    assert all(row["evidence"]["history"] == ("Garden Story 3", "Garden Story 7") for row in found.rows)


def test_an_interrupted_call_goes_on_where_it_was(
    shared_run: SharedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasoner = Reasoner.load(shared_run.result)
    assert isinstance(reasoner, Reasoner)
    pairs = [(f"u{user}", f"i{item}") for user in range(5) for item in range(4)]
    whole = reasoner.write(pairs)
    original, calls = type(reasoner.corrector).write, []

    def dying(self: object, jobs: list[object], name: str, said: object) -> object:
        if len(calls) == 1:
            raise KeyboardInterrupt
        calls.append(name)
        return original(self, jobs, name, said)  # type: ignore[arg-type]

    monkeypatch.setattr(type(reasoner.corrector), "write", dying)
    with pytest.raises(KeyboardInterrupt):
        reasoner.write(pairs, kept=tmp_path)
    monkeypatch.undo()
    written: list[str] = []

    def counting(self: object, jobs: list[object], name: str, said: object) -> object:
        written.append(name)
        return original(self, jobs, name, said)  # type: ignore[arg-type]

    monkeypatch.setattr(type(reasoner.corrector), "write", counting)
    assert reasoner.write(pairs, kept=tmp_path) == whole
    assert written == ["reasoner/8", "reasoner/16"]
    written.clear()
    assert reasoner.write(pairs, kept=tmp_path) == whole
    assert written == []


def test_the_command_prints_and_writes_every_format(
    shared_run: SharedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [f"--checkpoint={shared_run.result.checkpoint}", "--top_k=2"]
    assert cli.console(["explain", *given, "--users=u1,u2"]) == 0
    out = capsys.readouterr().out
    assert out.count("\nuser ") + out.startswith("user ") == 2
    assert "rank  item" in out
    assert "ids only" in out
    for name in ("why.json", "why.parquet", "why.html"):
        assert cli.console(["explain", *given, "--users=u1,u2", f"--output={tmp_path / name}"]) == 0
        assert "4 explanations written to" in capsys.readouterr().out
    rows = json.loads((tmp_path / "why.json").read_text(encoding="utf-8"))
    assert [row["user"] for row in rows] == ["u1", "u1", "u2", "u2"]
    flat = pd.read_parquet(tmp_path / "why.parquet")
    assert json.loads(flat["sources"][0]).keys() == {"ids", "text", "reasons", "base"}
    assert (tmp_path / "why.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert cli.console(["explain", *given, f"--output={tmp_path / 'all.json'}"]) == 0
    rows = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert {row["user"] for row in rows} == {f"u{k}" for k in range(12)}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"users": "u1", "history": "i1"}, "--users and --history cannot be given together"),
        ({"users": "u1", "items": "i1", "top_k": 3}, "--items and --top_k cannot be given together"),
        ({}, "Explanations for everybody need a file"),
        ({"users": "nobody"}, "user 'nobody' is not in the data"),
        ({"history": "i99"}, "item 'i99' is not in the data"),
        ({"users": "u1", "output": "why.txt"}, ".html"),
        ({"users": "u1", "engine": "warp"}, "warp"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_sentence(
    shared_run: SharedRun, capsys: pytest.CaptureFixture[str], given: dict[str, str], message: str
) -> None:
    options = [f"--{key}={value}" for key, value in given.items()]
    assert cli.console(["explain", f"--checkpoint={shared_run.result.checkpoint}", *options]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert "Traceback" not in err


def test_a_run_without_its_record_is_explained_alone(shared_run: SharedRun, tmp_path: Path) -> None:
    checkpoint = shared_run.result.checkpoint
    assert [model["role"] for model in json.loads(record_path(checkpoint).read_text())["models"]] == [
        "full", "text only", "ids only",
    ]  # fmt: skip
    alone = tmp_path / checkpoint.name
    alone.write_bytes(checkpoint.read_bytes())
    found = curec.explain(alone, ["u1"], 2)
    assert found.lists is not None
    assert found.lists.models == []
    assert all(row["ranks_elsewhere"] == {} for row in found.rows)
    record_path(alone).write_text('{"models": 3}')
    with pytest.raises(CheckpointError, match="record of a run"):
        curec.explain(alone, ["u1"], 2)


def test_strengths_of_a_present_history_are_those_of_other_users(shared_run: SharedRun) -> None:
    reasoner = Reasoner.load(shared_run.result)
    assert isinstance(reasoner, Reasoner)
    training = reasoner.collected.history
    tokens, names = training.item_tokens, dict(zip(training.item_tokens, reasoner.collected.catalog.names, strict=True))
    sets = {
        str(training.user_tokens[user]): {str(tokens[item]) for item in training.of_user(user)}
        for user in range(1, training.n_users)
    }
    histories = {
        "nobody": ["i0", "i4", "i8"],
        "u1": [*Recommender.load(shared_run.result.checkpoint).histories(["u1"])["u1"]],
    }
    for user, history in histories.items():
        served = reasoner.with_histories({user: history})
        others = [items for other, items in sets.items() if other != user]
        for item in sorted({f"i{k}" for k in range(16)} - set(history)):
            (found,) = served.evidence([(user, item)])
            for fact in found.facts_of("similar"):
                past = next(one for one in history if names[one] == fact.name)
                both = sum({past, item} <= items for items in others)
                each = [max(sum(one in items for items in others), 1) for one in (past, item)]
                assert (fact.count, fact.strength) == (both, pytest.approx(both / (each[0] * each[1]) ** 0.5, abs=1e-4))


def test_a_renamed_checkpoint_keeps_its_name_and_the_models_beside_it(shared_run: SharedRun, tmp_path: Path) -> None:
    for model in shared_run.result.models:
        (tmp_path / model.checkpoint.name).write_bytes(model.checkpoint.read_bytes())
    (tmp_path / "best.pth").write_bytes(shared_run.result.checkpoint.read_bytes())
    record_path(tmp_path / "best.pth").write_bytes(record_path(shared_run.result.checkpoint).read_bytes())
    found = curec.explain(tmp_path / "best.pth", ["u1"], 2).lists
    assert found is not None
    assert (found.model, [model.role for model in found.models]) == (
        "CURec (SASRec)",
        ["full", "text only", "ids only"],
    )
    assert list(found.users[0].others) == ["text only", "ids only"]


def test_a_file_named_like_the_checkpoint_leaves_the_record_alone(
    shared_run: SharedRun, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for path in (shared_run.result.checkpoint, record_path(shared_run.result.checkpoint)):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    checkpoint = tmp_path / shared_run.result.checkpoint.name
    curec.explain(checkpoint, ["u1"], 1).save(checkpoint.with_suffix(".json"))
    caplog.clear()
    assert curec.explain(checkpoint, ["u1"], 1).lists is not None
    missing = [tmp_path / model.checkpoint.name for model in shared_run.result.models[1:]]
    assert [message.partition(": ")[0] for message in caplog.messages if "not shown" in message] == [
        f"'{path}' is missing" for path in missing
    ]
    record_path(checkpoint).unlink()
    caplog.clear()
    curec.explain(checkpoint, ["u1"], 1)
    assert [message for message in caplog.messages if message.startswith("No record lies beside")]


def test_an_item_that_was_asked_for_has_its_rank_or_is_said_to_be_taken(
    shared_run: SharedRun, recommender: Recommender
) -> None:
    taken = recommender.histories(["u1"])["u1"][0]
    ranked = recommender.for_users(["u1"], 16)["item"].tolist()
    found = curec.explain(shared_run.result, ["u1"], 1, items=[taken, ranked[4], ranked[4]])
    assert found.lists is not None
    first, second = found.lists.users[0].items
    assert (first.taken, first.rank, second.taken, second.rank) == (True, None, False, 5)
    assert ", which the user has)" in found.blocks[0]


def test_bad_arguments_are_refused(shared_run: SharedRun) -> None:
    with pytest.raises(ConfigurationError, match="cannot be given together"):
        curec.explain(shared_run.result, ["u1"], history=["i1"])
    with pytest.raises(DataError, match="not in the data"):
        curec.explain(shared_run.result, ["u1"], items=["i99"])
    with pytest.raises(ConfigurationError, match="names nothing"):
        curec.explain(shared_run.result, ["u1"], items=[])
    with pytest.raises(ConfigurationError, match="a model that ranks shows none"):
        curec.explain(shared_run.result, ["u1"], statements=2)
    with pytest.raises(ConfigurationError, match="which reads no reasons"):
        curec.explain(shared_run.result.models[2].checkpoint, ["u1"])


def test_a_late_fusion_is_explained_like_any_model(shared_run: SharedRun, tmp_path: Path) -> None:
    shared_run.copy_to(tmp_path)
    places = {"data_path": str(shared_run.dataset.root), "checkpoint_dir": str(tmp_path), "run.log_dir": str(tmp_path)}
    towers = {"recommend.fusion": "late", "late.towers": ["none", "gate"], "run.compare_baseline": False}
    given = {**FAST, "train_batch_size": 64, "MAX_ITEM_LIST_LENGTH": 5, "state": "ERROR", **places, **towers}
    run = curec.run("CURec", shared_run.dataset.name, config=given)
    assert run.models[0].name == "CURec (SASRec)"
    recommender = Recommender.load(run.checkpoint)
    found = curec.explain(run, USERS, 3)
    frame, wanted = found.frame(), recommender.for_users(USERS, 3)
    assert frame[["user", "item"]].values.tolist() == wanted[["user", "item"]].values.tolist()
    np.testing.assert_allclose(frame["score"], wanted["score"], rtol=1e-5)
    assert [sum(row["sources"].values()) for row in found.rows] == pytest.approx(wanted["score"].tolist(), abs=1e-5)
    assert set(found.rows[0]["sources"]) == {"base", "ids", "text", "reasons"}
    report = curec.faithfulness(run, users=USERS, k=3, draws=1)
    assert report.pairs + report.unnamed + report.short == len(wanted)
    new = curec.explain(run, history=["i3", "i7"], k=3).frame()
    assert new["item"].tolist() == recommender.for_history(["i3", "i7"], 3)["item"].tolist()
