from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.tiny_model import build_tiny
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.rewards.reward import columns
from recbole_curec.settings.sections import TinySettings
from recbole_curec.training.held_out import HeldOut
from tests.examples import CATALOG, EVIDENCE

SMALL = TinySettings(hidden_size=32, layers=1, vocab_size=384)
TEXTS = ["History: none Target: facts", "<think> a</think> you may like it because it is popular."]


class _Scorer:
    """A reason adds the user's number, and as much again per word; the other user is the next one of three."""

    def other_users(self, user: int, item: int, position: int) -> tuple[Any, Any]:
        if item == 9:  # everybody has it
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        return np.array([user % 3 + 1, 7]), np.array([position, 0])

    def lift(self, users: list[int], items: list[int], positions: list[int], texts: list[str]) -> Any:
        return np.array([float(user + len(text.split())) for user, text in zip(users, texts, strict=True)])

    def score(self, *arguments: Any) -> Any:
        return SimpleNamespace(total=2 * self.lift(*arguments), accuracy=self.lift(*arguments))


class _Copier:
    """Writes what the model, a text, says to the prompt."""

    def __init__(self, model: str) -> None:
        self.model = model

    def write(self, prompts: Any, *, temperature: float, seed: str) -> list[str]:
        return [f"{self.model} {prompt} {temperature} {seed}" for prompt in prompts]


def _held_out(rows: list[dict[str, Any]], tokenizer: Any = None) -> HeldOut:
    return HeldOut(
        rows=rows,
        rewards={"grounding": lambda completions, **_: [1.0, 0.5, 1.0][: len(completions)]},
        weights={"grounding": 2.0},
        scorer=_Scorer(),
        judge=_Scorer(),
        checker=ClaimChecker(CATALOG),
        tokenizer=tokenizer,
        device=torch.device("cpu"),
        writer=_Copier,
        temperature=0.7,
        seed="0/probe",
    )  # type: ignore[arg-type]


def test_measures_by_hand() -> None:
    rows = [{"prompt": [], **columns(EVIDENCE, user, 1, 0)} for user in (3, 1, 1)]
    texts = ["one two", "one two three", "it is fine indeed"]
    found = _held_out(rows).measure([f"<think>x</think> {text}" for text in texts])
    # Users 3, 1 and 1; the others are 1, 2 and 2.
    assert found == {
        "grounding": pytest.approx(2.5 / 3),
        "total": pytest.approx(5 / 3),
        "grounded": pytest.approx(2 / 3),
        "generic": pytest.approx(1 / 3),
        "lift": pytest.approx((5 + 4 + 5) / 3),
        "shuffled_lift": pytest.approx((3 + 5 + 6) / 3),
        "personal": pytest.approx(1 / 3),
        "judge": pytest.approx(2 * 14 / 3),
        "judge_lift": pytest.approx(14 / 3),
        "judge_shuffled_lift": pytest.approx(14 / 3),
        "words": 3.0,
    }
    assert len(_held_out(rows).first(2).rows) == 2


def test_where_everybody_has_the_item_a_reason_adds_no_more_for_its_user() -> None:
    found = _held_out([{"prompt": [], **columns(EVIDENCE, 2, 9, 4)}]).measure(["<think>x</think> one two"])
    assert (found["lift"], found["shuffled_lift"], found["personal"]) == (4.0, 4.0, 0.5)


def test_the_model_at_hand_writes_for_every_prompt() -> None:
    held_out = _held_out([{"prompt": "p"}, {"prompt": "q"}])
    assert held_out.write("model") == ["model p 0.7 0/probe", "model q 0.7 0/probe"]
    assert held_out.first(1).write("later") == ["later p 0.7 0/probe"]


def test_kl_is_the_mean_over_the_completions_tokens() -> None:
    model, tokenizer = build_tiny(TEXTS, [], SMALL, longest=608, seed=0)
    other, _ = build_tiny(TEXTS, [], SMALL, longest=608, seed=1)
    prompts = [[{"role": "user", "content": text}] for text in (TEXTS[0], "Target: facts")]
    completions = [TEXTS[1], "you may like it."]
    held_out = _held_out([{"prompt": prompt} for prompt in prompts], tokenizer)
    assert held_out.kl(model, model, completions) == 0.0
    values = []
    for prompt, completion in zip(prompts, completions, strict=True):  # one at a time, without padding
        start = prompt_tokens(tokenizer, prompt)
        tokens = [*start, *tokenizer(completion, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        with torch.no_grad():
            policy, reference = (
                network.eval()(torch.tensor([tokens])).logits[0, len(start) - 1 : -1].log_softmax(-1)
                for network in (model, other)
            )
        values += (policy.exp() * (policy - reference)).sum(-1).tolist()
    assert held_out.kl(model, other, completions) == pytest.approx(np.mean(values), rel=1e-4)
    assert np.mean(values) > 1e-3
