from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

import recbole_curec
from recbole_curec.data.collected import Collected
from recbole_curec.errors import DataError
from recbole_curec.llm.engines.engine import Engine, EngineRequest
from recbole_curec.llm.messages import Message
from recbole_curec.llm.tiny_model import train_tokenizer
from recbole_curec.reasoner import Pair, Reasoner, ReasonerParts
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.rewards.model.network import RewardModel
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.model.train import item_texts
from recbole_curec.rewards.reward import ALWAYS
from recbole_curec.settings.settings import Settings, canonical
from recbole_curec.text.lsa import LsaEncoder
from tests.examples import make_catalog, make_history
from tests.pipeline_runs import SharedRun
from tests.tiny_llm import TEMPLATE

CATALOG = make_catalog(
    {
        "10": ("Alien", ("Space",)), "20": ("Brazil", ("Space",)), "30": ("Casino", ("Crime",)),
        "40": ("Drive", ("Crime",)), "50": ("Exotica", ()),
    }
)  # fmt: skip
SEQUENCES = {
    "1": ["10", "20", "30"], "2": ["20", "10", "40"], "3": ["30", "40", "10"], "11": ["40", "30", "40", "20"],
}  # fmt: skip
PAIRS: list[Pair] = [(user, item) for user in SEQUENCES for item in CATALOG.tokens[1:]]
TRUE, FALSE, JUNK = "true", "false", "junk"


class PromptReader(Engine):
    """Writes about the target of a prompt; what is wrong with a draft depends on the prompt alone."""

    opened: list[EngineRequest]
    calls: list[tuple[str, int]]

    @classmethod
    def open(cls, request: EngineRequest) -> PromptReader:
        engine = cls()
        engine.opened, engine.calls = [request], []
        return engine

    def write(
        self,
        prompts: Sequence[list[Message]],
        *,
        temperature: float,
        seed: str,
        description: str = "",
        progress: bool = False,
    ) -> list[str]:
        self.calls.append((seed, len(prompts)))
        return [_completion(prompt[-1]["content"]) for prompt in prompts]


def _completion(prompt: str) -> str:
    (target,) = re.findall('Target: "([^"]*)"', prompt)
    (known,) = re.findall("- it is ([a-z ]+)", prompt)
    kind = TRUE if "Fix: " in prompt else _kind(prompt)
    other = ' like "Zardoz"' if kind == FALSE else ""
    reason = (
        f'<think> "{target}"</think> You may like "{target}"{other} because it is {known} and a good choice for you.'
    )
    return "nothing to say" if kind == JUNK else reason


def _kind(prompt: str) -> str:
    return (TRUE, FALSE, JUNK)[zlib.crc32(prompt.encode()) % 3]


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stages before leave, without having run them: a reward model that learned nothing, a tokenizer."""
    root = tmp_path_factory.mktemp("artifacts")
    for name in ("collect", "reward", "reinforce"):
        (root / name).mkdir()
    history = make_history(SEQUENCES, CATALOG.tokens)
    Collected(CATALOG, history).save(root / "collect")
    encoder = LsaEncoder.fit(item_texts(CATALOG)[1:], 3, seed=0)
    torch.manual_seed(0)
    model = RewardModel(torch.from_numpy(encoder.encode(item_texts(CATALOG))), hidden=8)
    RewardScorer(model, encoder, history, history_length=3, probes=2, seed=0).save(root / "reward")
    tokenizer = train_tokenizer(["History: none Target: facts fans of take it you may like because"] * 3, 400, [])
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(root / "reinforce")
    return root


@pytest.fixture
def open_reasoner(artifacts: Path, tmp_path: Path) -> Callable[..., Reasoner]:
    """Opens a reasoner whose engine is the one above."""

    def opened(**given: Any) -> Reasoner:
        return Reasoner.open(
            ReasonerParts(
                collect=artifacts / "collect",
                reward=artifacts / "reward",
                reinforce=artifacts / "reinforce",
                scratch=tmp_path,
                settings=Settings.from_mapping(canonical(given)[0]),
                engine=PromptReader,
                seed=7,
                device=torch.device("cpu"),
            )
        )

    return opened


@pytest.fixture
def reasoner(open_reasoner: Callable[..., Reasoner]) -> Reasoner:
    """A reasoner with the default settings."""
    return open_reasoner()


def engine_of(reasoner: Reasoner) -> PromptReader:
    engine = reasoner.corrector.writer.engine
    assert isinstance(engine, PromptReader)
    return engine


def without_rewards(record: ReasonRecord) -> dict[str, Any]:
    return {key: value for key, value in asdict(record).items() if key not in ("rewards", "draft_reward")}


def test_the_engine_is_opened_once_over_the_tuned_model(reasoner: Reasoner, artifacts: Path, tmp_path: Path) -> None:
    (request,) = engine_of(reasoner).opened
    assert (request.weights, request.model, request.scratch) == (artifacts / "reinforce", "reinforce", tmp_path)
    assert (request.seed, request.device) == (7, torch.device("cpu"))
    assert request.llm.longest_reason == 96 and request.generate.batch_size == reasoner.batch_size == 128


def test_evidence_is_what_the_training_split_says_before_the_item(reasoner: Reasoner) -> None:
    first, taken, twice, new = reasoner.evidence([("1", "10"), ("1", "30"), ("11", "40"), ("2", "30")])
    assert (first.user, first.item, first.position, first.target) == ("1", "10", 0, "Alien")
    assert first.history == ()
    assert (taken.position, taken.history, taken.target) == (2, ("Alien", "Brazil"), "Casino")
    assert (twice.position, twice.history) == (0, ())  # before it was taken for the first time
    assert (new.position, new.history) == (3, ("Brazil", "Alien", "Drive"))  # never taken: the whole history
    assert "Casino" not in {fact.name for fact in new.facts}
    assert reasoner.evidence([("1", "30")]) == [taken]
    (unpopular,) = reasoner.evidence([("1", "50")])  # an item that nobody took has its text
    assert (unpopular.target, unpopular.position) == ("Exotica", 3)


def test_ids_may_be_numbers(reasoner: Reasoner) -> None:
    pair: Any = (1, 30)
    assert reasoner.evidence([pair]) == reasoner.evidence([("1", "30")])


def test_nothing_is_asked_for_no_pairs(reasoner: Reasoner) -> None:
    assert reasoner.evidence([]) == reasoner.write([]) == reasoner.score([], []) == []
    assert not engine_of(reasoner).calls


def test_reasons_are_drafted_checked_corrected_and_scored(reasoner: Reasoner) -> None:
    records = reasoner.write(PAIRS)
    assert [(record.user, record.item) for record in records] == PAIRS
    assert [record.evidence for record in records] == reasoner.evidence(PAIRS)
    assert [record.position for record in records] == [record.evidence.position for record in records]
    kinds: dict[str | None, set[str]] = {
        None: set(), "title": set(), "format": set(), "said before": set(), "low reward": set()
    }  # fmt: skip
    for record in records:
        kinds[record.failure_kind].add(record.draft)
        assert f'"{record.evidence.target}"' in record.text
        assert tuple(record.rewards) == (*ALWAYS, "total")
        assert record.rewards["format"] == 1.0 and record.written_for == record.user
        assert (record.outcome == "kept") == (record.failure is None)
        assert record.failure is not None or record.text in record.draft
    assert kinds["format"] == {"nothing to say"}
    assert kinds["title"] and all("Zardoz" in draft for draft in kinds["title"])
    assert not any("Zardoz" in draft for kind in (None, "said before", "low reward") for draft in kinds[kind])
    assert len({record.text for record in records}) == len(PAIRS)
    assert not any("Zardoz" in record.text for record in records)
    assert {"kept", "repaired"} <= {record.outcome for record in records}


def test_the_same_pairs_are_written_the_same_way_again(open_reasoner: Callable[..., Reasoner]) -> None:
    reasoner = open_reasoner()
    first = reasoner.write(PAIRS)
    assert reasoner.write(PAIRS) == open_reasoner().write(PAIRS) == first
    seeds = [seed for seed, _ in engine_of(reasoner).calls]
    half = len(seeds) // 2
    assert seeds[:half] == seeds[half:]


@pytest.mark.parametrize("size", [1, 2, 7, 128])
def test_pairs_are_written_alike_in_batches_of_any_size(open_reasoner: Callable[..., Reasoner], size: int) -> None:
    reasoner = open_reasoner(**{"generate.batch_size": size})
    together = reasoner.write(PAIRS)
    drafts = [call for call in engine_of(reasoner).calls if call[0].endswith("/draft")]
    assert [count for _, count in drafts] == [min(size, len(PAIRS) - start) for start in range(0, len(PAIRS), size)]
    assert len({seed for seed, _ in engine_of(reasoner).calls}) == len(engine_of(reasoner).calls)
    assert all(seed.startswith("7/reasoner/") for seed, _ in drafts)
    at_once = open_reasoner().write(PAIRS)
    alone = [record for pair in PAIRS for record in open_reasoner().write([pair])]
    texts = [record.text for record in alone]
    is_new = [text not in texts[:place] for place, text in enumerate(texts)]
    assert set(is_new) == {True, False}
    for record, other, single, new in zip(together, at_once, alone, is_new, strict=True):
        for one in [other, single] if new else [other]:
            assert without_rewards(record) == without_rewards(one)
            assert record.rewards == pytest.approx(one.rewards, abs=1e-5)
            assert record.draft_reward == pytest.approx(one.draft_reward, abs=1e-5)


def test_settings_of_correction_and_of_rewards_are_followed(open_reasoner: Callable[..., Reasoner]) -> None:
    given = {"correct": {"rounds": 0, "threshold": -9.0}, "reinforce.weights": {"tests.rewards.own:Brevity": 2.0}}
    reasoner = open_reasoner(**given, brevity={"words": 4})
    records = reasoner.write(PAIRS)
    assert all(seed.endswith("/draft") for seed, _ in engine_of(reasoner).calls)
    assert {record.outcome for record in records} == {"kept", "replaced"}
    for record in records:
        assert record.rounds == 0 and record.failure_kind != "low reward"
        assert record.rewards["brevity"] < 0
        assert record.rewards["total"] == pytest.approx(2 * record.rewards["brevity"])


def test_given_reasons_are_scored(reasoner: Reasoner) -> None:
    (evidence,) = reasoner.evidence([("1", "30")])
    true = 'You may like "Casino" because it is popular and a good choice for you.'.replace(
        "popular", evidence.facts[-1].name
    )
    texts = [true, true.replace("because", 'like "Zardoz" because'), true.replace('"Casino"', "it"), ""]
    sound, false, nameless, empty = reasoner.score([("1", "30")] * 4, texts)
    assert sound.text == true and (sound.failure is None or sound.failure.kind == "low reward")
    assert tuple(sound.rewards) == (*ALWAYS, "total")
    assert [found.failure.kind for found in (false, nameless, empty) if found.failure] == ["title", "target", "format"]
    assert false.failure is not None and false.failure.words == '"Zardoz" is not in the facts'
    assert [found.rewards["format"] for found in (sound, false, nameless, empty)] == [1.0, 1.0, 1.0, 0.0]
    assert false.rewards["grounding"] < sound.rewards["grounding"] == 1.0
    assert not engine_of(reasoner).calls


def test_a_written_reason_scores_what_its_record_says(reasoner: Reasoner) -> None:
    records = reasoner.write(PAIRS)
    scored = reasoner.score(PAIRS, [record.text for record in records])
    for record, candidate in zip(records, scored, strict=True):
        assert candidate.text == record.text
        assert candidate.rewards == pytest.approx(record.rewards, abs=1e-5)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (
            ("4", "10"),
            "user '4' is not in the training data (4 users): give an original id, as the data",
        ),
        (
            ("1", "60"),
            "item '60' is not in the training data (5 items): give an original id, as the data",
        ),
        (("", "10"), "user '' is not in the training data"),
        (("1", ""), "item '' is not in the training data"),
        (("1", "Alien"), "item 'Alien' is not in the training data"),
    ],
)
def test_an_unknown_id_is_an_error_before_anything_is_written(reasoner: Reasoner, pair: Pair, message: str) -> None:
    asked = [("1", "10"), pair]
    for ask in (reasoner.evidence, reasoner.write, lambda pairs: reasoner.score(pairs, ["text"] * len(pairs))):
        with pytest.raises(DataError, match=re.escape(message)):
            ask(asked)
    assert not engine_of(reasoner).calls


def test_every_pair_needs_its_reason(reasoner: Reasoner) -> None:
    with pytest.raises(DataError, match=r"^2 pairs and 1 reasons were given: give one reason per pair\.$"):
        reasoner.score([("1", "10"), ("1", "20")], ["text"])


def test_the_reasoner_of_a_run_may_write_with_another_engine(shared_run: SharedRun) -> None:
    reasoner = recbole_curec.Reasoner.load(shared_run.result, engine="tests.test_reasoner:PromptReader")
    (record,) = reasoner.write([("u0", "i15")])
    assert engine_of(reasoner).calls[0][1] == 1
    assert (record.user, record.item, record.evidence.target) == ("u0", "i15", "Garden Story 15")
    assert record.draft == _completion(reasoner.corrector.writer.prompts.reason(record.evidence)[-1]["content"])
