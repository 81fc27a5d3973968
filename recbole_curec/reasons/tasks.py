"""Alignment examples of four task families (reason, judge, choose, understand), with prompts and completions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.data.negatives import negative_item
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.parsing import completion
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.prompts import PromptBuilder, reads_as_data
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher

_CANDIDATES = 3


@dataclass(frozen=True)
class Example:
    """One supervised example; only examples of the reason task have evidence."""

    task: str
    prompt: list[Message]
    completion: str
    evidence: Evidence | None = None


class ExampleFactory:
    """Draws alignment examples from the training history.

    A task gives no example if the answer that follows from the evidence is wrong or does not exist; :attr:`rejected`
    counts those by task.

    Args:
        builder: Computes evidence; holds the training interactions and the catalog.
        teacher: Writes reasons.
        mix: Adds earlier reasons and faults to prompts.
        prompts: Builds the prompts.
        rng: Source of every choice.
    """

    def __init__(
        self,
        builder: EvidenceBuilder,
        teacher: EvidenceTeacher,
        mix: PromptMix,
        prompts: PromptBuilder,
        rng: np.random.Generator,
    ) -> None:
        self.builder, self.teacher, self.mix, self.prompts, self.rng = builder, teacher, mix, prompts, rng
        self.history, self.catalog = builder.history, builder.catalog
        self.rejected: Counter[str] = Counter()
        self._tasks: dict[str, Callable[[], Example | None]] = {
            "reason": self._reason,
            "judge": self._judge,
            "choose": self._choose,
            "understand": self._understand,
        }

    def draw(self, mix: dict[str, float], count: int, *, progress: bool = True) -> list[Example]:
        """Draw ``count`` examples, with tasks at random in the shares of ``mix``."""
        names = list(mix)
        shares = np.array([mix[name] for name in names])
        examples: list[Example] = []
        with tqdm(total=count, desc="alignment examples", unit="ex", leave=False, disable=not progress) as bar:
            while len(examples) < count:
                name = names[int(self.rng.choice(len(names), p=shares / shares.sum()))]
                example = self._tasks[name]()
                if example is None:
                    self.rejected[name] += 1
                    # A rejected example is replaced by a reason, so that the number of examples stays the same.
                    example = self._reason()
                examples.append(example)
                bar.update()
        return examples

    def _interaction(self) -> tuple[int, int, int]:
        return self.history.interaction(int(self.rng.integers(self.history.n_interactions)))

    def negative(self, user: int) -> int:
        """A sampled item that is not in the user's history."""
        return negative_item(self.history, user, self.rng)

    def _reason(self) -> Example:
        mix, rng = self.mix, self.rng
        # Half of them are interactions selected for the correct stage, among them rare items with few facts.
        chosen = rng.random() < 0.5
        user, item, position = mix.selected(rng) if chosen else self._interaction()
        # Half of the targets are sampled items, so that drafts for negatives come from the same distribution.
        target = item if rng.random() < 0.5 else self.negative(user)
        evidence = self.builder.build(user, target, position)
        if chosen:
            earlier = mix.earlier(user, position, evidence)
        else:
            earlier = mix.earlier_anywhere(user, position, evidence, rng)
        prompt = self.prompts.reason(evidence, earlier, mix.fault(rng))
        return Example("reason", prompt, self.teacher.write(evidence).completion, evidence)

    def _judge(self) -> Example | None:
        user, item, position = self._interaction()
        liked = bool(self.rng.random() < 0.5)
        evidence = self.builder.build(user, item if liked else self.negative(user), position)
        strength = sum(fact.strength for fact in evidence.facts_of("similar"))
        verdict = strength > self._typical_strength
        if verdict != liked:
            return None
        think = self.prompts.thinking(evidence.target, evidence.facts_of("similar"))
        answer = self.prompts.language.answers[0 if liked else 1]
        return Example("judge", self.prompts.judge(evidence), completion(think, answer))

    @cached_property
    def _typical_strength(self) -> float:
        rows = [self._interaction() for _ in range(200)]
        drawn = [
            sum(fact.strength for fact in self.builder.build(user, target, position).facts_of("similar"))
            for user, item, position in rows
            for target in (item, self.negative(user))
        ]
        return float(np.median(drawn))

    def _choose(self) -> Example | None:
        user, item, position = self._interaction()
        targets = [item, *(self.negative(user) for _ in range(_CANDIDATES - 1))]
        if position == 0 or len({self.catalog.names[target] for target in targets}) < _CANDIDATES:
            return None
        candidates: list[Evidence] = [self.builder.build(user, target, position) for target in targets]
        strengths = [max((f.strength for f in c.facts_of("similar")), default=0.0) for c in candidates]
        if int(np.argmax(strengths)) != 0 or strengths[0] == 0:
            return None
        order: NDArray[np.int64] = self.rng.permutation(_CANDIDATES)
        think = f' "{candidates[0].facts[0].name}"'
        shown = [candidates[k] for k in order]
        chosen = completion(think, f'"{candidates[0].target}"')
        return Example("choose", self.prompts.choose(candidates[0].history, shown), chosen)

    def _understand(self) -> Example | None:
        item = int(self.rng.integers(1, self.catalog.n_items))
        name, labels = self.catalog.names[item], self.catalog.attributes[item]
        if not name:
            return None
        if labels and self.rng.random() < 0.5:
            return Example("understand", self.prompts.text("Describe", f'"{name}"'), ", ".join(labels))
        if reads_as_data(labels[0] if labels else name):
            return None
        if labels:
            return Example("understand", self.prompts.text("Identify", ", ".join(labels)), f'"{name}"')
        words = name.split(" ")
        if len(words) < 2:
            return None
        cut = int(self.rng.integers(1, len(words)))
        return Example("understand", self.prompts.text("Complete", " ".join(words[:cut])), f'"{name}"')
