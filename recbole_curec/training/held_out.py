"""Measurements of a language model on prompts of held-out users: rewards, signs of reward gaming, and KL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recbole_curec.reasons.claims.truth_checker import TruthChecker
from recbole_curec.reasons.parsing import parse_reason, words_of
from recbole_curec.rewards.gaming import gaming_rewards
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.reward import columns_of, evaluate, evidence_of
from recbole_curec.training.held_out_prompts import HeldOutPrompts


@dataclass(frozen=True)
class HeldOut(HeldOutPrompts):
    """Prompts of held-out users, with the columns of :func:`~recbole_curec.rewards.reward.columns`.

    Attributes:
        scorer: The reward model that guides RL.
        judge: The second reward model, which does not guide RL.
        checker: Finds what a reason claims.
    """

    scorer: RewardScorer
    judge: RewardScorer
    checker: TruthChecker

    def measure(self, completions: Sequence[str]) -> dict[str, float]:
        """Means over the prompts.

        Returns:
            Every reward and ``total``; ``grounded``, the share of reasons that make true claims and no false one;
            ``generic``, the share of praise that claims nothing; ``lift`` and
            ``shuffled_lift``, the change of log-odds by the reason for its user, and for another user at the same
            position who did not take the item; ``personal``, the share of reasons with a larger change for their own
            user (a tie counts half); ``judge``, the judge's reward, and ``judge_lift`` and ``judge_shuffled_lift``;
            ``words``, the length of the reason.
        """
        values = evaluate(self.rewards, self.weights, completions, [columns_of(row) for row in self.rows])
        reasons = [parse_reason(completion) for completion in completions]
        texts = [reason.text for reason in reasons]
        shown = [evidence_of(row["evidence"]) for row in self.rows]
        users, items, positions = ([row[key] for row in self.rows] for key in ("user", "item", "position"))
        others, lengths = self._others(users, items, positions)
        own = self.scorer.lift(users, items, positions, texts)
        shuffled = self.scorer.lift(others, items, lengths, texts)
        judged = self.judge.score(users, items, positions, texts)
        measured = {
            **values,
            "grounded": np.asarray(values["grounding"]) == 1.0,
            "generic": [self.checker.is_generic(one, facts) for one, facts in zip(reasons, shown, strict=True)],
            "lift": own,
            "shuffled_lift": shuffled,
            "personal": (own > shuffled) + 0.5 * (own == shuffled),
            "judge": judged.total,
            "judge_lift": judged.accuracy,
            "judge_shuffled_lift": self.judge.lift(others, items, lengths, texts),
            "words": [len(words_of(text)) for text in texts],
        }
        return {name: float(np.mean(numbers)) for name, numbers in measured.items()}

    def _others(
        self, users: Sequence[int], items: Sequence[int], positions: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """For every prompt another user and the position in that user's history; the own user if there is none."""
        found = []
        for user, item, position in zip(users, items, positions, strict=True):
            others, lengths = self.scorer.other_users(user, item, position)
            found.append((int(others[0]), int(lengths[0])) if len(others) else (user, position))
        return [user for user, _ in found], [length for _, length in found]

    def gaming(self) -> dict[str, dict[str, float]]:
        """Mean rewards of the policies that exploit them."""
        return gaming_rewards(self.rewards, self.weights, self.rows)
