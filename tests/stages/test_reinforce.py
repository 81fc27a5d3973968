"""RL's prompts: correction's, from users that are not measured; the probe's from those that taught nothing."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from recbole_curec.correction.select import run_selection
from recbole_curec.data.collected import Collected
from recbole_curec.data.user_split import UserSplit
from recbole_curec.llm.engines.ctranslate2 import CTranslate2Engine
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import ReinforceSettings, SelectSettings
from recbole_curec.stages.reinforce import prompt_rows
from tests.examples import toy_builder
from tests.pipeline_runs import write_topics
from tests.stage_runs import run_until
from tests.tiny_llm import save_llm


@pytest.fixture(scope="module")
def drawn():
    builder = toy_builder()
    select = SelectSettings(reasons_per_item=2, fault_share=0.25)
    rows = run_selection(builder.history, select, 0)
    mix = PromptMix(rows, builder, EvidenceTeacher(ClaimChecker(builder.catalog), 0), select)
    split = UserSplit.draw(builder.history, 0.2, np.random.default_rng(0))
    settings = ReinforceSettings(steps=60, prompts=10, probe_prompts=100)
    return mix, split, prompt_rows(mix, split, settings, lambda request: request, 0)


def test_training_and_probe_share_no_user(drawn):
    _, split, (train, probe) = drawn
    assert (len(train), len(probe)) == (600, 100)
    assert {row["user"] for row in probe} <= set(split.probe.tolist())
    assert {row["user"] for row in train} <= set(split.trained.tolist())


def test_prompts_are_those_of_correction_in_the_same_shares(drawn):
    mix, _, (train, _) = drawn
    selected = {(int(mix.history.users[row]), int(mix.history.positions[row])) for row in mix.rows}
    assert {(row["user"], row["position"]) for row in train} <= selected
    assert np.mean([bool(row["prompt"].earlier) for row in train]) == pytest.approx(mix.earlier_share, abs=0.06)
    assert np.mean([row["prompt"].failure is not None for row in train]) == pytest.approx(0.25, abs=0.05)


def test_the_split_is_drawn_once_and_passed_on(shared_run):
    artifacts = shared_run.artifacts
    history = Collected.load(artifacts["collect"].folder).history
    split = UserSplit.load(artifacts["reward"].folder)
    figures = artifacts["reward"].manifest()["figures"]
    assert figures["users"] == {"trained": len(split.trained), "probe": len(split.probe)}
    assert sorted({*split.trained.tolist(), *split.probe.tolist()}) == np.unique(history.users).tolist()
    shown = artifacts["correct"].manifest()["figures"]["prompts"]
    assert 0 < shown["with_earlier_reason"] < 1 and 0 < shown["naming_a_fault"] < 1


@pytest.mark.parametrize("engine", ["ctranslate2", "transformers"])
def test_a_pretrained_model_is_probed_with_the_engine_that_will_write(atomic, tmp_path, monkeypatch, engine):
    write_topics(atomic)
    written: dict[str, list[list[str]]] = {"ctranslate2": [], "transformers": []}
    prompts: list[Any] = []

    def spy(entry: Any) -> None:
        write = entry.write

        def spied(self: Any, asked: Any, **more: Any) -> list[str]:
            texts = write(self, asked, **more)
            written[entry.name].append(texts)
            prompts.extend(asked)
            return texts

        monkeypatch.setattr(entry, "write", spied)

    spy(CTranslate2Engine)
    spy(TransformersEngine)
    given = {"llm.name": str(save_llm(tmp_path / "llm")), "use_gpu": False, "generate.engine": engine}
    sizes = {"reinforce.watch_prompts": 4, "reinforce.save_steps": 1, "reinforce.probe_prompts": 6}
    sizes |= {"align.steps": 2, "reinforce.steps": 2}
    artifacts = run_until("reinforce", atomic, tmp_path, **given, **sizes, **{"llm.max_reason_tokens": 16})
    _, before, *curve, after = written.pop(engine)  # the first are those of stage 3
    assert len(before) == len(after) == 6
    assert [len(texts) for texts in curve] == [4, 4]  # its first point is among those before
    assert not any(written.values())
    assert artifacts["reinforce"].manifest()["settings"]["generate"]["engine"] == engine
    rollouts = pd.read_parquet(artifacts["reinforce"].folder / "completions.parquet")
    everything = [*before, *after, *rollouts["completion"]]
    assert all(text.startswith("<think>") for text in everything)
    assert not any(text.startswith("<think>") for text in rollouts["prompt"])
    assert all(prompt[-1]["role"] == "assistant" for prompt in prompts)
