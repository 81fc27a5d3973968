"""Blinding: which explanation stands on which side, in which order questions are asked, and the key that knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recbole_curec.evaluation.annotation.attention import attention_checks
from recbole_curec.evaluation.annotation.key import Key, KeyedCheck, KeyedQuestion, KeyedSheet
from recbole_curec.evaluation.annotation.salted import Salted
from recbole_curec.evaluation.annotation.sheet import SIDES, Question, Sheet, sheet_digest
from recbole_curec.evaluation.compared_pairs import Compared, ComparedPair, drawn
from recbole_curec.evaluation.planted_sides import Planted
from recbole_curec.pipeline.fingerprint import fingerprint


@dataclass(frozen=True)
class Study:
    """What is handed out, and what is kept.

    Attributes:
        sheets: One per annotator.
        key: Which side is which.
        pairs: Pairs that are compared.
        checks: Attention checks of every sheet.
    """

    sheets: tuple[Sheet, ...]
    key: Key
    pairs: Sequence[ComparedPair]
    checks: Sequence[Planted]


def make_study(
    compared: Compared, *, pairs: int, annotators: int, checks: int, scales: Sequence[str], seed: int, salt: str
) -> Study:
    """Draw pairs and lay them out on one sheet per annotator.

    On every sheet each set stands on side A as often as on side B, give or take one; every annotator meets the other
    order than the one before, and asks in an order of their own.

    Args:
        compared: The two sets.
        pairs: Pairs to compare; all, if there are fewer.
        annotators: Number of sheets.
        checks: Attention checks per sheet.
        scales: Scales on which both sides are rated.
        seed: Seed of the draw: which pairs are compared.
        salt: Secret of the study, on which all that the sheets hide depends; see :func:`new_salt`.
    """
    shuffled = drawn(compared.pairs, seed)
    asked, spare = shuffled[:pairs], shuffled[pairs:]
    salted = Salted(salt, seed)
    rng = salted.generator("study")
    # Who knows both sets and the seed knows the order of the draw, and so which pairs of it come next.
    others = [spare[place] for place in rng.permutation(len(spare))]
    planted = attention_checks(asked, others, checks, rng)
    swapped, swapped_checks = _balanced(len(asked), rng), _balanced(len(planted), rng)
    mark = _mark(compared.names, salted, scales, asked, planted)
    sheets, keyed = [], {}
    for number in range(annotators):
        layout = _Layout(f"sheet-{number + 1}-{mark}", number % 2 == 1, salted)
        layout.compare(asked, swapped)
        layout.check(planted, swapped_checks)
        sheets.append(layout.sheet(scales))
        keyed[layout.name] = layout.key(sheets[-1])
    key = Key(names=compared.names, seed=seed, salt=salt, scales=tuple(scales), sheets=keyed)
    return Study(tuple(sheets), key, asked, planted)


def _mark(
    names: tuple[str, str],
    salted: Salted,
    scales: Sequence[str],
    asked: Sequence[ComparedPair],
    planted: Sequence[Planted],
) -> str:
    """What tells the sheets of two studies apart: it depends on everything that they show, and on the salt."""
    return fingerprint(
        {
            "names": names,
            "salt": salted.name("mark"),
            "scales": list(scales),
            "asked": [[*_ids_and_context(pair), *pair.texts] for pair in asked],
            "checks": [[*_ids_and_context(one.pair), one.kind, one.right, one.wrong] for one in planted],
        }
    )[:8]


def _ids_and_context(pair: ComparedPair) -> list[str | tuple[str, ...]]:
    return [pair.user, pair.item, pair.title, () if pair.context is None else pair.context.history]


def _balanced(count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """True for half of them, by chance; which half is the larger is by chance too."""
    return rng.permutation((np.arange(count) + rng.integers(2)) % 2 == 0)


class _Layout:
    """The questions of one sheet.

    Args:
        name: Name of the sheet.
        turned: Whether all sides are exchanged.
        salted: Source of names and of chance.
    """

    def __init__(self, name: str, turned: bool, salted: Salted) -> None:
        self.name, self._turned, self._salted = name, turned, salted
        self._questions: list[Question] = []
        self._sides: list[tuple[ComparedPair, int, Planted | None]] = []

    def compare(self, pairs: Sequence[ComparedPair], swapped: NDArray[np.bool_]) -> None:
        """Add comparisons; the first set stands on side B where it is swapped."""
        for pair, swap in zip(pairs, swapped.tolist(), strict=True):
            self._add(pair, pair.texts, swap, None)

    def check(self, checks: Sequence[Planted], swapped: NDArray[np.bool_]) -> None:
        """Add attention checks; the right explanation stands on side B where it is swapped."""
        for planted, swap in zip(checks, swapped.tolist(), strict=True):
            self._add(planted.pair, (planted.right, planted.wrong), swap, planted)

    def _add(self, pair: ComparedPair, texts: tuple[str, str], swap: bool, planted: Planted | None) -> None:
        place = int(swap != self._turned)
        # A number would tell checks, which come last, and a draw would tell the generator that orders them.
        name = f"q{self._salted.name(self.name, len(self._questions))}"
        self._questions.append(Question.about(name, pair, texts if place == 0 else (texts[1], texts[0])))
        self._sides.append((pair, place, planted))

    def sheet(self, scales: Sequence[str]) -> Sheet:
        """The sheet, its questions in random order under names that say nothing of it."""
        order = self._salted.generator(self.name).permutation(len(self._questions)).tolist()
        return Sheet(self.name, [self._questions[place] for place in order], scales)

    def key(self, sheet: Sheet) -> KeyedSheet:
        """What the sheet does not say."""
        digests = sheet.digests()
        keyed = {
            question.name: KeyedQuestion(
                user=pair.user,
                item=pair.item,
                first_on=SIDES[place],
                digest=digests[question.name],
                texts=pair.text_hashes(),
                check=None if planted is None else KeyedCheck(kind=planted.kind, right=SIDES[place]),
            )
            for question, (pair, place, planted) in zip(self._questions, self._sides, strict=True)
        }
        return KeyedSheet(questions=keyed, digest=sheet_digest(digests))
