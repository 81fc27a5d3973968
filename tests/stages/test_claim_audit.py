"""A model as judge of claims: what is drawn, asked and reported, against a scripted server; off by default."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from recbole.data import create_dataset
from sklearn.metrics import cohen_kappa_score

from recbole_curec.data.collected import Collected
from recbole_curec.errors import ConfigurationError, ServerError
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines.curec import curec_pipeline, own_stages, stage_count, targets
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.features import artifact_root, data_source
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.parsing import completion_naming, parse_reason
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.settings.settings import Settings
from recbole_curec.settings.travel import settings_of
from recbole_curec.stages.audit import AUDIT_TABLE, draw
from tests.llm.engines.scripted import ScriptedServer
from tests.pipeline_runs import FAST, SharedRun, layered
from tests.stage_runs import run_until

pytest.importorskip("openai")
ASKED = "Words to check: "
OFF = ["collect", "align", "reward", "reinforce", "correct", "encode"]


class Judge(ScriptedServer):
    """Answers by the words alone: No, an evasion, or Yes."""

    def answer(self, question: str) -> str:
        (words,) = (line.removeprefix(ASKED) for line in question.splitlines() if line.startswith(ASKED))
        return verdict(words)


def verdict(words: str) -> str:
    return ("I cannot tell.", "No", "no.", "Yes", "<think>No?</think> Yes.")[zlib.crc32(words.encode()) % 5]


@pytest.fixture
def judge() -> Iterator[Judge]:
    with Judge() as server:
        yield server


def given(judge: Judge, **more: Any) -> dict[str, Any]:
    server = {"openai_base_url": judge.url, "openai_concurrency": 4}
    return {"claim_judge": "openai", "claim_judge_model": "large", "judged_reasons": 21, **server, **more}


def audit(shared: SharedRun, folder: Path, **settings: Any) -> Artifact:
    """The artifact, over the session's reasons."""
    shared.copy_to(folder)
    return run_until("audit", shared.dataset, folder, **settings)["audit"]


def test_the_claims_of_the_drawn_reasons_are_judged_and_both_disagreements_counted(
    shared_run: SharedRun, judge: Judge, tmp_path: Path
) -> None:
    artifact = audit(shared_run, tmp_path, **given(judge))
    assert sorted(path.name for path in artifact.folder.iterdir()) == [AUDIT_TABLE, "run.json"]
    table, manifest = pd.read_parquet(artifact.folder / AUDIT_TABLE), artifact.manifest()
    figures = manifest["figures"]

    # Every claim is there with the verdict of the rules.
    upstream = shared_run.artifacts
    records = read_records(upstream["correct"].folder / STORE)
    checker = ClaimChecker(Collected.load(upstream["collect"].folder).catalog)
    drawn = draw(records, 21, FAST.get("reason_seed", 2020))
    expected = []
    for record, source in drawn:
        told = record.draft if source == "draft" else completion_naming(record.evidence.target, record.text)
        clauses = checker.judged_clauses(parse_reason(told), record.evidence)
        assert all(true for _, true in clauses) == (checker.faults(parse_reason(told), record.evidence) == [])
        expected += [(record.user, record.item, source, true) for _, true in clauses]
    assert list(table[["user", "item", "source", "rules"]].itertuples(index=False, name=None)) == expected
    assert set(table["rules"]) == {True, False}
    assert table.loc[table["source"] == "text", "rules"].all()
    assert (figures["reasons"], figures["final_texts"], figures["drafts"]) == (21, 11, 10)

    # The judge was asked once about each.
    assert len(judge.asked) == figures["claims"] == len(table) > 20
    assert {(request["model"], request["temperature"]) for request in judge.asked} == {("large", 0.0)}
    assert table["answer"].tolist() == [verdict(words) for words in table["claim"]]
    said = [{"Y": True, "n": False, "N": False, "<": True}.get(answer[0]) for answer in table["answer"]]
    assert [None if pd.isna(one) else one for one in table["judge"]] == said

    answered = [(rules, told) for rules, told in zip(table["rules"], said, strict=True) if told is not None]
    assert figures["unanswered"] == said.count(None) > 0
    assert figures["agreement"] == pytest.approx(sum(rules == told for rules, told in answered) / len(answered))
    both = pd.DataFrame(answered, columns=["rules", "judge"], dtype=bool)
    assert figures["kappa"] == pytest.approx(cohen_kappa_score(both["rules"], both["judge"]))
    for name, kind in (("by_rules_alone", (True, False)), ("by_judge_alone", (False, True))):
        words = [
            {"claim": row.claim, "reason": row.reason, "source": row.source}
            for row, told in zip(table.itertuples(), said, strict=True)
            if (row.rules, told) == kind
        ]
        assert figures[name] == {"claims": len(words), "examples": words[:5]}
        assert words
    assert (
        f"{len(table)} claims of 21 reasons judged by large, {said.count(None)} without an answer"
        in (manifest["summary"])
    )
    assert (
        f"agree on {figures['agreement']:.1%} of those answered (kappa {figures['kappa']:.2f})" in (manifest["summary"])
    )


def test_a_server_that_stops_is_one_sentence_and_the_next_run_goes_on(
    shared_run: SharedRun, judge: Judge, tmp_path: Path
) -> None:
    judge.limit = 9
    with pytest.raises(ServerError, match=r"stopped after 9 of .* completions"):
        audit(shared_run, tmp_path / "cut", **given(judge))
    judge.limit, judge.unknown = None, True
    with pytest.raises(ServerError, match=r"the model 'large'.* or set claims\.judge_model or openai\.base_url"):
        run_until("audit", shared_run.dataset, tmp_path / "cut", **given(judge))
    judge.unknown = False
    resumed = run_until("audit", shared_run.dataset, tmp_path / "cut", **given(judge))["audit"]
    assert len(judge.asked) == resumed.manifest()["figures"]["claims"]  # none of them twice
    whole = audit(shared_run, tmp_path / "whole", **given(judge))
    assert resumed.manifest()["files"] == whole.manifest()["files"]


def plan(shared: SharedRun, folder: Path, **overrides: Any) -> dict[str, str]:
    """Key of every artifact that a run needs."""
    settings = layered({**FAST, "data_path": str(shared.dataset.root), "checkpoint_dir": str(folder)}, overrides)
    config = load_config("CURec", shared.dataset.name, (), settings)
    chosen, history = settings_of(config), create_dataset(config).build()[0].train_history()
    pipeline = curec_pipeline(chosen, data_source(config, history))
    found = pipeline.plan(chosen, artifact_root(config), config["device"], targets(chosen))
    return {name: artifact.key for name, artifact in found.items()}


def test_off_changes_nothing_and_on_adds_one_stage_that_no_other_reads(
    shared_run: SharedRun, judge: Judge, tmp_path: Path
) -> None:
    off = plan(shared_run, tmp_path)
    assert list(off) == OFF
    assert off == {name: artifact.key for name, artifact in shared_run.artifacts.items()}
    assert plan(shared_run, tmp_path, **{"claims.judged_reasons": 7, "claims.judge_model": "other"}) == off
    on = plan(shared_run, tmp_path, **given(judge))
    assert list(on) == [*OFF[:-1], "audit", "encode"]
    assert {name: key for name, key in on.items() if name != "audit"} == off
    for change in ({"judged_reasons": 22}, {"claim_judge_model": "larger"}, {"claims.judge_max_tokens": 9}):
        changed = plan(shared_run, tmp_path, **given(judge, **change))
        assert [name for name in on if changed[name] != on[name]] == ["audit"]
    assert plan(shared_run, tmp_path, **given(judge, openai_concurrency=1)) == on

    settings = Settings.from_mapping(given(judge))
    assert [stage_count(one) for one in (Settings(), settings)] == [7, 8]
    assert not [stage.name for stage in own_stages(settings) if "audit" in stage.inputs_for(settings)]


def test_the_draw_is_half_and_half_without_repetition_and_by_seed(shared_run: SharedRun) -> None:
    records = read_records(shared_run.artifacts["correct"].folder / STORE)
    drawn = draw(records, 9, 1)
    assert [source for _, source in drawn] == ["text"] * 5 + ["draft"] * 4
    places = [(record.user, record.position) for record, _ in drawn]
    assert len(set(places)) == 9
    assert draw(records, 9, 1) == drawn != draw(records, 9, 2)
    assert len(draw(records, 10_000, 1)) == len(records)
    assert draw([], 9, 1) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"openai_base_url": None}, "claims.judge: openai needs the address of a server: set openai.base_url"),
        ({"openai_base_url": "localhost"}, r"openai\.base_url='localhost' is no address"),
        (
            {"claim_judge_model": None},
            r"claims\.judge: openai needs the name of the model to ask for: set claims\.judg",
        ),
        ({"openai_key_variable": "NO_SUCH_KEY"}, "NO_SUCH_KEY names an environment variable that is not set"),
        ({"claim_judge": "rules"}, r"claims\.judge='rules' cannot be used: Input should be 'none' or 'openai'"),
        ({"judged_reasons": 0}, r"claims\.judged_reasons=0 cannot be used"),
    ],
)
def test_a_wrong_setting_is_one_sentence_before_anything_runs(
    shared_run: SharedRun, judge: Judge, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        plan(shared_run, tmp_path, **given(judge, **change))
    assert "\n" not in str(caught.value)
    assert not judge.asked and not list(tmp_path.iterdir())
