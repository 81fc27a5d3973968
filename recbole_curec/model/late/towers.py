"""The mixin of ``fusion: late``: several towers in one RecBole model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch
from recbole.utils import init_seed
from torch import nn

from recbole_curec.backbones.facts import Table
from recbole_curec.model.dot_products import DotProducts
from recbole_curec.model.fusions.fusion import Fusion
from recbole_curec.model.random_states import RandomStream
from recbole_curec.model.standard_scores import ItemMoments, standard_scores
from recbole_curec.model.wrapper import find_tables
from recbole_curec.settings.choices import tower_fusions
from recbole_curec.settings.late import NO_FUSION
from recbole_curec.settings.travel import settings_of, with_fusion


class LateTowers(nn.Module):
    """Towers of one backbone without shared weights; a score is the weighted sum of their standard scores.

    Every tower is the model that its fusion alone would make, with random draws of its own: the first one continues the
    global random states, as it would alone; each other one has a stream that starts from a seed of its own, also for
    its initial weights. Batches, RecBole's negatives included, are the same for all.

    Attributes:
        towers: The towers, in the order of ``late.towers``.
        fusions: Their fusions.
        weights: Weight of each tower's standard scores, shape ``(T,)``; saved with the model.
        active: Numbers of the towers that are still trained.
        progress: What the trainer knows of every tower's best epoch; saved with the model.
    """

    towers: Any
    weights: torch.Tensor
    n_items: int

    def build_towers(self, config: Any, dataset: Any, kind: str, make: Callable[[Any, Any], nn.Module]) -> None:
        """Build every tower.

        Args:
            config: RecBole's config with CURec's settings.
            dataset: Training split.
            kind: 'sequential' or 'general'.
            make: Class of a tower.
        """
        settings = settings_of(config)
        self.fusions = tower_fusions(settings)
        seed, exact = config["seed"], config["reproducibility"]
        self._streams = [RandomStream(partial(_seed, seed, exact, number)) for number in range(1, len(self.fusions))]
        self.towers = nn.ModuleList()
        for number, fusion in enumerate(self.fusions):
            # Alignment is between ids and features.
            alignment = 0.0 if fusion == NO_FUSION else settings.recommend.fusion_alignment
            with self.drawing(number):
                self.towers.append(make(with_fusion(config, fusion, alignment), dataset))
        self.register_buffer("weights", torch.full((len(self.fusions),), 1 / len(self.fusions)))
        self._plain = {
            f"towers.{number}.backbone.{path}": (ids, table)
            for number, (tower, fusion) in enumerate(zip(self.towers, self.fusions, strict=True))
            if fusion == NO_FUSION and settings.uses_features
            for path, table, ids in find_tables(tower.backbone, config, kind)
        }
        for tower in self.towers[1:]:
            tower._travels = self.towers[0]._travels  # every tower's holds all ids as text
        self.active = list(range(len(self.fusions)))
        self.progress: list[dict[str, Any]] = []
        self._share_features()

    def drawing(self, number: int) -> AbstractContextManager[None]:
        """A context in which a tower draws its random numbers."""
        return nullcontext() if number == 0 else self._streams[number - 1].drawing()

    def calculate_loss(self, interaction: Any, **options: Any) -> tuple[torch.Tensor, ...]:
        """The loss of every tower that is still trained; their sum has the gradients of each alone."""
        losses: list[torch.Tensor] = []
        for number in self.active:
            with self.drawing(number):
                loss: Any = self.towers[number].calculate_loss(interaction, **options)
            losses.append(torch.stack(loss).sum() if isinstance(loss, tuple) else loss)
        return tuple(losses)

    def full_sort_predict(self, interaction: Any) -> torch.Tensor:
        """Weighted sums of standard scores of every item, shape ``(B, n_items)``."""
        total: torch.Tensor | None = None
        for number, weight in enumerate(self.weights.tolist()):
            if weight == 0:
                continue
            with self.drawing(number):
                scores = self.towers[number].full_sort_predict(interaction).view(-1, self.n_items)
            part = standard_scores(scores).mul_(weight)
            total = part if total is None else total.add_(part)
        assert total is not None  # noqa: S101 - the weights sum to 1
        return total

    def predict(self, interaction: Any) -> torch.Tensor:
        """Scores of user-item pairs, shape ``(B,)``: those of :meth:`full_sort_predict`.

        A standard score depends on the user's scores of all items, so these are computed, once for every user and
        history in the batch.
        """
        fields = [name for name in self.user_fields() if name in interaction]
        known = torch.cat([interaction[name].view(len(interaction), -1) for name in fields], dim=1)
        distinct, row = torch.unique(known, dim=0, return_inverse=True)
        places = torch.arange(len(row), device=row.device)
        first = places.new_full((len(distinct),), len(row)).scatter_reduce_(0, row, places, "amin")
        return self.full_sort_predict(interaction[first])[row, interaction[self.ITEM_ID]]

    def user_fields(self) -> list[str]:
        """Columns of a batch on which the scores of all items depend."""
        raise NotImplementedError

    def fused_kinds(self) -> dict[str, str]:
        """Kind of id ('item', 'user' or 'node') of every replaced table, by its path in this model."""
        return {
            f"towers.{number}.{path}": ids
            for number, tower in enumerate(self.towers)
            for path, ids in tower.fused_kinds().items()
        }

    def semantic_tables(self) -> list[Fusion]:
        """The tables that were replaced, of all towers."""
        return [table for tower in self.towers for table in tower.semantic_tables()]

    @contextmanager
    def tables_once(self) -> Iterator[None]:
        """Compute each fused table at most once within this context."""
        with ExitStack() as stack:
            for tower in self.towers:
                stack.enter_context(tower.tables_once())
            yield

    def dot_products(self) -> DotProducts:
        """The towers' vectors side by side: the users' standardised and weighted, the items' centred.

        A user's mean and deviation follow from the mean and covariance of the item vectors, so no score is computed.
        """
        weights = [float(weight) for weight in self.weights]
        used = [(tower.dot_products(), weight) for tower, weight in zip(self.towers, weights, strict=True) if weight]
        moments = [ItemMoments.of(vectors.items) for vectors, _ in used]
        centred = [vectors.items - one.mean.to(vectors.items) for (vectors, _), one in zip(used, moments, strict=True)]

        def users(interaction: Any) -> torch.Tensor:
            parts = [
                weight * one.standardised(vectors.users(interaction))
                for (vectors, weight), one in zip(used, moments, strict=True)
            ]
            return torch.cat(parts, dim=1)

        return DotProducts(torch.cat(centred, dim=1), users)

    def plain_tables(self) -> dict[str, tuple[str, Table]]:
        """Tables of the towers of ids alone, by path: kind of id and facts."""
        return self._plain

    def other_parameter(self) -> dict[str, Any]:
        """Data saved with the weights: the backbones' own, what identifies the data, and the best epochs."""
        identity: dict[str, Any] = {}
        for tower in self.towers:
            own = tower.other_parameter()["curec"]
            identity = own if own["dim"] > identity.get("dim", 0) else identity
        return {
            "towers": [tower.backbone.other_parameter() for tower in self.towers],
            "progress": self.progress,
            "curec": identity,
        }

    def load_other_parameter(self, para: dict[str, Any] | None) -> None:
        """Restore what :meth:`other_parameter` saved of the backbones and of the best epochs."""
        saved = para or {}
        for tower, own in zip(self.towers, saved.get("towers", []), strict=False):
            tower.load_other_parameter({"backbone": own})
        self.progress = list(saved.get("progress", []))

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:
        moved = super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._share_features()
        return moved

    def _share_features(self) -> None:
        """Keep equal features of several towers once; they are the largest part of a model with many items."""
        kept: list[torch.Tensor] = []
        for table in self.semantic_tables():
            own = table.semantic
            same = next((one for one in kept if one is own or (one.shape == own.shape and one.equal(own))), None)
            if same is None:
                kept.append(own)
            else:
                table.semantic = same


def _seed(seed: int, reproducibility: bool, number: int) -> None:
    """Set the global random states for a tower; unlike ``seed + number``, no run's seed is another tower's."""
    (derived,) = np.random.SeedSequence([seed, number]).generate_state(1)
    init_seed(int(derived), reproducibility)
