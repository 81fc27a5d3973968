"""The wrapper shared by ``CURec`` and ``CURecGeneral``: builds a RecBole model and fuses its id tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from recbole_curec.backbones.facts import Table, backbone_facts
from recbole_curec.backbones.lookup import OUR_MODELS, backbone_class
from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import ConfigurationError, in_one_line
from recbole_curec.extensions import FUSIONS
from recbole_curec.model.dot_products import DotProducts
from recbole_curec.model.fusions.fusion import Fusion
from recbole_curec.model.semantic_layers import fuse
from recbole_curec.settings.travel import settings_of

# Errors that RecBole's models raise for settings and columns that do not fit; GRU4RecCPR raises SystemExit.
_BUILD_ERRORS = (
    ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NotImplementedError, OSError,
    RuntimeError, SystemExit, TypeError, ValueError,
)  # fmt: skip
_FOR_TRAINERS = frozenset({"encoder", "decoder", "update_prior", "e_step"})


class BackboneWrapper(nn.Module):
    """Mixin that holds a RecBole backbone with fused id tables and delegates to it.

    Attributes:
        backbone: RecBole's own model, built from the same config.
    """

    backbone: Any

    def wrap(self, config: Any, dataset: Any, kind: str) -> None:
        """Build the backbone and replace its tables of item and user vectors by fused ones.

        Args:
            config: RecBole's config with CURec's settings.
            dataset: Training split; ``dataset.features`` holds the semantic vectors.
            kind: 'sequential' or 'general'.

        Raises:
            ConfigurationError: The backbone has no table where one is needed.
        """
        # Built first, so that with the same seed it has the same initial weights as without CURec.
        self.backbone = _build(config, dataset, kind)
        self._travels = _id_maps(dataset)
        settings = settings_of(config)
        recommend = settings.recommend
        self.alignment = recommend.fusion_alignment
        self._kinds: dict[str, str] = {}
        if not settings.uses_features:
            return
        chosen: Any = FUSIONS.find(recommend.fusion)
        fusion = partial(chosen, settings=settings)
        tables = find_tables(self.backbone, config, kind)
        # Read after the checks above, because reading the features may run the long stages.
        features = getattr(dataset, "features", None)
        if features is None:
            raise ConfigurationError(
                f"fusion: {recommend.fusion} needs semantic features, but the dataset was not built by CURec: set "
                "fusion: none."
            )
        unseen = _unseen(dataset.train_history())
        for path, table, ids in tables:
            vectors = _vectors(features, ids)
            original = self.backbone.get_submodule(path)
            fused = fuse(original, vectors, fusion, self.alignment > 0, table.columns)
            for name, module in fused.named_modules(prefix=path):
                if isinstance(module, Fusion):
                    self._kinds[name] = ids
                    module.hold_ids(unseen[ids])
            _replace(self.backbone, original, fused)

    def semantic_tables(self) -> list[Fusion]:
        """The tables that were replaced; none with ``fusion: none``."""
        return [module for module in self.modules() if isinstance(module, Fusion)]

    def fused_kinds(self) -> dict[str, str]:
        """Kind of id ('item', 'user' or 'node') of every replaced table, by its path in this model."""
        return {f"backbone.{path}": ids for path, ids in self._kinds.items()}

    def tables_of(self, kind: str) -> list[Fusion]:
        """The trainable fused tables with a row per 'item', 'user' or 'node'."""
        tables = [self.backbone.get_submodule(path) for path, ids in self._kinds.items() if ids == kind]
        return [table for table in tables if any(parameter.requires_grad for parameter in table.parameters())]

    @contextmanager
    def tables_once(self) -> Iterator[None]:
        """Compute each fused table at most once within this context."""
        with ExitStack() as stack:
            for table in self.semantic_tables():
                stack.enter_context(table.computed_once())
            yield

    def with_alignment(self, loss: Any, ids_by_kind: Mapping[str, torch.Tensor]) -> Any:
        """Add ``fusion_alignment`` times the InfoNCE loss of the ids of this batch.

        Args:
            loss: The backbone's loss; if it is a tuple, the alignment loss is added to its first part.
            ids_by_kind: Ids of the batch, by kind of table.
        """
        if self.alignment == 0:
            return loss
        extra = sum(
            self.alignment * table.alignment_loss(ids.reshape(-1))
            for kind, ids in ids_by_kind.items()
            for table in self.tables_of(kind)
        )
        # Not the last part, which NCL's trainer ignores during warm-up.
        return (loss[0] + extra, *loss[1:]) if isinstance(loss, tuple) else loss + extra

    def predict(self, interaction: Any) -> torch.Tensor:
        """Scores of user-item pairs, shape ``(B,)``."""
        with self.tables_once():
            scores: torch.Tensor = self.backbone.predict(interaction)
        return scores

    def full_sort_predict(self, interaction: Any) -> torch.Tensor:
        """Scores of every item, shape ``(B * n_items,)`` or ``(B, n_items)``."""
        with self.tables_once():
            scores: torch.Tensor = self.backbone.full_sort_predict(interaction)
        return scores

    def dot_products(self) -> DotProducts:
        """Vectors whose dot products are the scores.

        Raises:
            ConfigurationError: The backbone is not known to score so.
        """
        raise ConfigurationError(
            f"backbone: {type(self.backbone).__name__} is not known to score by dot products of user and item "
            "vectors, so it has none for an index: choose another backbone, such as SASRec or BPR."
        )

    def plain_tables(self) -> dict[str, tuple[str, Table]]:
        """Tables of ids alone beside fused ones, by path: kind of id and facts; only a late fusion has both."""
        return {}

    def other_parameter(self) -> dict[str, Any]:
        """Data saved with the weights: the backbone's own, the id maps, and a hash of the training data."""
        semantic = next((table.semantic for table in self.semantic_tables()), None)
        dim = 1 if semantic is None else int(semantic.shape[1])
        return {"backbone": self.backbone.other_parameter(), "curec": {"dim": dim, **self._travels}}

    def load_other_parameter(self, para: dict[str, Any] | None) -> None:
        """Restore the backbone's part of :meth:`other_parameter`."""
        self.backbone.load_other_parameter((para or {}).get("backbone"))

    def __getattr__(self, name: str) -> Any:
        """Delegate attributes that the trainers of RecVAE and NCL read to the backbone."""
        return getattr(self.backbone, name) if name in _FOR_TRAINERS else super().__getattr__(name)


def check_backbone(config: Any, dataset: Any) -> None:
    """Build the backbone once to check that it accepts its settings and that its tables can be fused.

    Args:
        config: RecBole's config with CURec's settings.
        dataset: Training split.

    Raises:
        ConfigurationError: The backbone cannot be built, or has no table that can be fused.
    """
    kind = OUR_MODELS[config["model"]]
    with torch.random.fork_rng(devices=[]):
        backbone = _build(config, dataset, kind)
    find_tables(backbone, config, kind)


def find_tables(backbone: Any, config: Any, kind: str) -> list[tuple[str, Table, str]]:
    """The tables of a backbone with one vector per id: path, facts and kind of id.

    Raises:
        ConfigurationError: There is no item table.
    """
    name = settings_of(config).recommend.backbone
    facts = backbone_facts(name, kind)
    found, seen = [], set()
    for ids, table in facts.tables():
        path = _resolve(backbone, table.path)
        # Two attributes may refer to the same table.
        if path is not None and id(backbone.get_submodule(path)) not in seen:
            seen.add(id(backbone.get_submodule(path)))
            found.append((path, table, ids))
    if not any(ids in ("item", "node") for _, _, ids in found):
        paths = ", ".join(table.path for table in (*facts.items, *facts.nodes))
        raise ConfigurationError(
            f"backbone: {name} keeps no item table in {paths}, so features cannot enter it: choose another backbone "
            "or set fusion: none."
        )
    for _, table, _ in found:
        _check_first_column(backbone, table, config)
    return found


def _check_first_column(backbone: Any, table: Table, config: Any) -> None:
    if not table.field_of:
        return
    columns = backbone.get_submodule(table.field_of).token_field_names["item"]
    if columns[0] != config["ITEM_ID_FIELD"]:
        name = settings_of(config).recommend.backbone
        raise ConfigurationError(
            f"backbone: {name} keeps all item columns in one table, where features need the id's rows first, but "
            f"'{columns[0]}' stands there: make '{config['ITEM_ID_FIELD']}' the item file's first column."
        )


def _build(config: Any, dataset: Any, kind: str) -> Any:
    name = settings_of(config).recommend.backbone
    facts = backbone_facts(name, kind)
    missing = [column for column in _needed_columns(config, facts.columns) if column not in dataset.field2type]
    if missing:
        raise ConfigurationError(
            f"backbone: {name} reads the item column '{missing[0]}' ({facts.columns}), which is not loaded: name it "
            f"in load_col: {{item: [{config['ITEM_ID_FIELD']}, {missing[0]}]}}, or set {facts.columns} to one that is."
        )
    try:
        return backbone_class(name, kind)(config, dataset)
    except _BUILD_ERRORS as error:
        if isinstance(error, ConfigurationError):
            raise
        reason = in_one_line(error) or "no reason given"
        raise ConfigurationError(f"backbone: {name} cannot be built: {type(error).__name__}: {reason}.") from error


def _needed_columns(config: Any, setting: str) -> list[str]:
    value = config[setting] if setting else []
    return [value] if isinstance(value, str) else list(value or [])


def _unseen(history: TrainHistory) -> dict[str, torch.Tensor]:
    """Ids without a training interaction, by kind: users, items, and nodes (users followed by items); never id 0."""
    users = np.setdiff1d(np.arange(1, history.n_users), history.users)
    items = np.setdiff1d(np.arange(1, history.n_items), history.items)
    nodes = np.concatenate([users, history.n_users + items])
    return {kind: torch.from_numpy(rows) for kind, rows in (("user", users), ("item", items), ("node", nodes))}


def _id_maps(dataset: Any) -> dict[str, str]:
    """Identification of the data in a checkpoint: original ids by internal id as JSON, hash of the training split."""
    if not hasattr(dataset, "train_history"):
        return {}
    history = dataset.train_history()
    return {
        "user_tokens": json.dumps(history.user_tokens.tolist()),
        "item_tokens": json.dumps(history.item_tokens.tolist()),
        "training": history.digest(),
    }


def _vectors(features: Any, ids: str) -> torch.Tensor:
    if ids == "node":
        return torch.cat([features.user, features.item])
    vectors: torch.Tensor = features.item if ids == "item" else features.user
    return vectors


def _resolve(backbone: nn.Module, path: str) -> str | None:
    """The path with ``-1`` replaced by the last child's name, or None if there is no such module."""
    module, names = backbone, []
    for part in path.split("."):
        children = dict(module.named_children())
        name = list(children)[-1] if part == "-1" and children else part
        child = getattr(module, name, None)
        if not isinstance(child, nn.Module):
            return None
        module = child
        names.append(name)
    return ".".join(names)


def _replace(backbone: nn.Module, original: nn.Module, fused: nn.Module) -> None:
    """Replace ``original`` by ``fused`` under all its names; some backbones have two for one table."""
    paths = [path for path, module in backbone.named_modules(remove_duplicate=False) if module is original]
    for path in paths:
        parent, _, name = path.rpartition(".")
        setattr(backbone.get_submodule(parent), name, fused)
