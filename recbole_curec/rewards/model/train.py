"""Training of a reward model: draw pairs with reasons, fit, save, and validate on held-out users.

Positives are training interactions, negatives are sampled items for the same user and position. The aligned language
model writes the reasons of both, so that they differ only in the claims that the evidence allows and not in style.
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

# Groups of pairs; JUDGE is also the folder of the judge within the artifact.
JUDGE = "judge"
REWARD, PROBE = "reward", "probe"


@dataclass(frozen=True)
class Trainee:
    """One reward model to be trained: its group of pairs, random sources and folder.

    Attributes:
        group: Group of pairs it is trained on.
        rng: Source of the order of examples, and of corrupted reasons.
        seed: Seed of its initial weights, and of the other users it is compared on.
        folder: Folder it is saved to.
    """

    group: str
    rng: np.random.Generator
    seed: int
    folder: Path


class RewardTrainer:
    """Trains reward models on groups of the same pairs.

    Args:
        collected: Catalog and training history.
        split: Split of users into training and held-out ones.
        pairs: Positives and negatives with a reason each.
        encoder: Text encoder of reasons and items.
        settings: Size, epochs, probes.
        builder: Computes evidence, for validation.
        teacher: Writes reasons from evidence, for validation.
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
    """A reward model with initial weights from torch's global generator."""
    return RewardModel(torch.from_numpy(encoder.encode(item_texts(catalog))), settings.hidden_size)


def item_texts(catalog: Catalog) -> list[str]:
    """Text of every item with its name in quotation marks as in reasons, so that both share terms."""
    return [""] + [
        f'"{name}" {", ".join(labels)}' for name, labels in zip(catalog.names[1:], catalog.attributes[1:], strict=True)
    ]


def fit_encoder(catalog: Catalog, pairs: Pairs, settings: RewardSettings, seed: int) -> LsaEncoder:
    """The text encoder of reasons and items, fitted on the items and on the reasons of training users."""
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
    """Draw positives and their negatives, and write a reason for each.

    Args:
        history: Training interactions.
        split: Split of users into training and held-out ones.
        settings: Numbers of positives and negatives.
        rng: Source of every choice.
        build: Computes evidence for user, item and position.
        write: Writes reasons for a list of evidence.
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
    """History rows of the positives in ascending order, and the group of each.

    The reward model and the judge are trained on different halves of the reasons, so that a policy that exploits errors
    of one does not score well with the other.
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
    """History rows of some users in random order, without their first interactions, which have no history."""
    rows = np.flatnonzero(np.isin(history.users, users))
    later = rows[history.positions[rows] > 0]
    return rng.permutation(later if len(later) else rows)
