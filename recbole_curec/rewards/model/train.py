"""Training of a reward model: fitted on pairs with a reason each, saved, validated on held-out users.

Positives are training interactions, negatives are sampled items for the same user and position. Reasons of both come
from the same generator, the aligned model, so style does not tell them apart; only what the evidence let it say does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.data.history import TrainHistory
from recbole_curec.data.negatives import negative_item
from recbole_curec.data.user_split import UserSplit
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.rewards.model.fit import Pairs, fit_base, fit_reasons
from recbole_curec.rewards.model.network import RewardModel
from recbole_curec.rewards.model.scorer import RewardScorer
from recbole_curec.rewards.model.validate import validate
from recbole_curec.settings.sections import RewardSettings
from recbole_curec.text.lsa import LsaEncoder

# Folder of the judge within the artifact, and what pairs are for.
JUDGE = "judge"
REWARD, PROBE = "reward", "probe"


@dataclass(frozen=True)
class Trainee:
    """One reward model to be: which reasons teach it, and where its random choices come from.

    Attributes:
        group: The pairs it is trained on.
        rng: Source of the order of examples, and of corrupted reasons.
        seed: Seed of its start, and of the other users that are probed.
        folder: Where it is saved.
    """

    group: str
    rng: np.random.Generator
    seed: int
    folder: Path


class RewardTrainer:
    """Trains reward models over the same pairs.

    Args:
        collected: Catalog and training history.
        split: Users that may be seen, and those that are held out.
        pairs: Positives and negatives with a reason each.
        encoder: Encoder of reasons and items.
        settings: Size, epochs, probes.
        builder: Computes evidence, for validation.
        teacher: Writes about it, for validation.
        progress: Whether progress bars are drawn.
    """

    def __init__(
        self,
        collected: Collected,
        split: UserSplit,
        pairs: Pairs,
        encoder: LsaEncoder,
        settings: RewardSettings,
        *,
        builder: EvidenceBuilder,
        teacher: EvidenceTeacher,
        progress: bool,
    ) -> None:
        self.collected, self.split, self.pairs = collected, split, pairs
        self.encoder, self.settings = encoder, settings
        self.builder, self.teacher, self.progress = builder, teacher, progress

    def train(self, trainee: Trainee) -> dict[str, float]:
        """Train on its pairs and on the interactions of their users, save, and validate on held-out users."""
        torch.manual_seed(trainee.seed)
        model = new_model(self.collected.catalog, self.encoder, self.settings)
        history, settings, rng = self.collected.history, self.settings, trainee.rng
        own = self.pairs.of_group(trainee.group)
        fit_base(model, history, self.split.trained, settings, rng, self.progress)
        fit_reasons(model, history, own, self.encoder, settings, rng, self.progress)
        scorer = RewardScorer(
            model,
            self.encoder,
            history,
            history_length=settings.history,
            probes=settings.probes,
            seed=trainee.seed,
        )
        trainee.folder.mkdir(exist_ok=True)
        scorer.save(trainee.folder)
        held_out = self.pairs.of_group(PROBE)
        return validate(scorer, held_out, self.builder, self.teacher, rng, bins=settings.calibration_bins)


def new_model(catalog: Catalog, encoder: LsaEncoder, settings: RewardSettings) -> RewardModel:
    """An untrained reward model; torch's seed decides where it starts."""
    return RewardModel(torch.from_numpy(encoder.encode(item_texts(catalog))), settings.hidden_size)


def item_texts(catalog: Catalog) -> list[str]:
    """Text of every item with its name quoted, as reasons quote it, so that both share terms."""
    return [""] + [
        f'"{name}" {", ".join(labels)}' for name, labels in zip(catalog.names[1:], catalog.attributes[1:], strict=True)
    ]


def fit_encoder(catalog: Catalog, pairs: Pairs, settings: RewardSettings, seed: int) -> LsaEncoder:
    """The encoder of reasons and items, fitted on the items and on what was written for users that may be seen."""
    written = [text for row in pairs.where(pairs.groups != PROBE).texts for text in row]
    return LsaEncoder.fit([*item_texts(catalog)[1:], *written], settings.text_dim, seed)


def draw_pairs(
    history: TrainHistory,
    split: UserSplit,
    settings: RewardSettings,
    rng: np.random.Generator,
    build: Callable[[int, int, int], Evidence],
    write: Callable[[Sequence[Evidence]], list[str]],
) -> Pairs:
    """Draw positives and their negatives, and have a reason written for each.

    Args:
        history: Training interactions.
        split: Users that may be seen, and those that are held out.
        settings: How many of each.
        rng: Source of every choice.
        build: Evidence for user, item and position.
        write: Reasons for a list of evidence.
    """
    rows, groups = _draw_rows(history, split, settings, rng)
    users, positions = history.users[rows], history.positions[rows]
    items = np.stack(
        [
            [int(history.items[row]), *(negative_item(history, int(user), rng) for _ in range(settings.negatives))]
            for row, user in zip(rows, users, strict=True)
        ]
    )
    evidence = [
        build(int(user), int(item), int(position))
        for user, position, row in zip(users, positions, items, strict=True)
        for item in row
    ]
    texts, width = write(evidence), items.shape[1]
    return Pairs(
        users, positions, items, [texts[start : start + width] for start in range(0, len(texts), width)], groups
    )


def _draw_rows(
    history: TrainHistory, split: UserSplit, settings: RewardSettings, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Rows of the positives in ascending order, and what each is for.

    The reward model and its judge learn what reasons say from different halves: a policy that exploits what one of them
    happened to learn does not please the other.
    """
    trained = _later(history, split.trained, rng)[: settings.positives]
    half = (len(trained) + 1) // 2
    judged = trained[half:] if len(trained) > 1 else trained
    probe = _later(history, split.probe, rng)[: max(1, int(settings.holdout * settings.positives))]
    parts = {REWARD: trained[:half], JUDGE: judged, PROBE: probe}
    rows = np.concatenate(list(parts.values()))
    groups = np.repeat(list(parts), [len(part) for part in parts.values()])
    order = np.argsort(rows, kind="stable")
    return rows[order], groups[order]


def _later(history: TrainHistory, users: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of some users in random order, without their first interactions, which have no history to speak of."""
    rows = np.flatnonzero(np.isin(history.users, users))
    later = rows[history.positions[rows] > 0]
    return rng.permutation(later if len(later) else rows)
