"""Facts about RecBole's sequential and general models: their id tables, how they train, and what they require.

Models that are not listed here keep one item table in ``item_embedding`` (and general ones a user table in
``user_embedding``) and need nothing special. A contract test compares these facts with every model of RecBole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from recbole_curec.extensions import is_path, load_object


@dataclass(frozen=True)
class Table:
    """A weight with one vector per item, per user, or per node of the user-item graph.

    Attributes:
        path: Path of the module in the backbone; ``-1`` is the last child. It may be absent under some settings.
        columns: Whether the ids are the columns of the weight, as in a linear layer that reads a multi-hot vector.
        field_of: Path of a RecBole layer that keeps several data columns in one table, of which the first are item ids.
    """

    path: str
    columns: bool = False
    field_of: str = ""


@dataclass(frozen=True)
class Backbone:
    """Facts about one RecBole model that are needed to wrap it.

    Attributes:
        items: Item tables; each is fused with the item vectors.
        users: User tables; each is fused with the user vectors. Sequential models have none here: a user vector is
            computed from the whole training history, which would leak into predictions from a prefix of it.
        nodes: Tables whose rows are all users followed by all items.
        causal: Whether no position's state depends on a later position, so that one pass gives all states.
        by_user: Whether a training batch consists of users with their whole histories instead of interactions.
        every_item: Whether it trains with cross-entropy over all items, whatever ``input_type`` says.
        negative_history: Whether its loss compares every item of the history with a sampled negative.
        own_trainer: Name of the RecBole trainer it needs.
        columns: Setting that names the item columns it reads.
        settings: Settings it requires that differ from RecBole's defaults: value and reason.
        unsupported: Why it cannot be wrapped; empty if it can.
        remark: Note for the documentation (docs/backbones.md).
        defaults: RecBole settings of a user's own model, of lowest precedence; those of RecBole's models are in
            RecBole's YAML files.
    """

    items: tuple[Table, ...] = (Table("item_embedding"),)
    users: tuple[Table, ...] = ()
    nodes: tuple[Table, ...] = ()
    causal: bool = False
    by_user: bool = False
    every_item: bool = False
    negative_history: bool = False
    own_trainer: str = ""
    columns: str = ""
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unsupported: str = ""
    remark: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def tables(self) -> list[tuple[str, Table]]:
        """Every table with the kind of its ids: 'item', 'user' or 'node'."""
        kinds = {"item": self.items, "user": self.users, "node": self.nodes}
        return [(kind, table) for kind, tables in kinds.items() for table in tables]


def _items(*paths: str) -> tuple[Table, ...]:
    return tuple(map(Table, paths))


_SEQUENTIAL = Backbone()
_GENERAL = Backbone(users=_items("user_embedding"))
_SOLVED = "it solves for one item-to-item matrix and learns no vector per item"
_KNOWLEDGE = "it starts from embeddings of a knowledge graph, which CURec's dataset does not load"
_READS_COLUMNS = "reads the item columns named by `selected_features`"
_CPR = Backbone(items=_items("item_embedding", "out_item_embedding"), remark="`loss_type: CE` only")
_ITEM_PAIR = Backbone(items=_items("item_src_embedding", "item_dst_embedding"))
_VAE = Backbone(items=(Table("encoder.0", columns=True), Table("decoder.-1")), by_user=True)
_CONTEXT = Backbone(
    items=(Table("embedding_layer.token_embedding_table.item.embedding", field_of="embedding_layer"),),
    remark="the id must be the item file's first column",
)

_KNOWN: Mapping[str, Backbone] = {
    # Sequential
    "SASRec": replace(_SEQUENTIAL, causal=True),
    "GRU4Rec": replace(_SEQUENTIAL, causal=True),
    "SASRecF": replace(_SEQUENTIAL, causal=True, columns="selected_features", remark=_READS_COLUMNS),
    "GRU4RecF": replace(_SEQUENTIAL, causal=True, columns="selected_features", remark=_READS_COLUMNS),
    "FDSA": replace(_SEQUENTIAL, causal=True, columns="selected_features", remark=_READS_COLUMNS),
    "SASRecCPR": _CPR,
    "GRU4RecCPR": _CPR,
    "HGN": replace(_SEQUENTIAL, items=_items("item_embedding", "item_embedding_for_prediction")),
    "FPMC": replace(_SEQUENTIAL, items=_items("IU_emb", "LI_emb", "IL_emb")),
    "RepeatNet": Backbone(
        items=_items("item_matrix", "explore_recommendation_decoder.matrix_for_explore"),
        every_item=True,
        settings={"loss_type": ("CE", "it knows no negatives")},
    ),
    "SINE": replace(_SEQUENTIAL, every_item=True),
    "DIN": _CONTEXT,
    "DIEN": replace(_CONTEXT, negative_history=True),
    "S3Rec": replace(
        _SEQUENTIAL,
        columns="item_attribute",
        settings={
            "train_stage": ("finetune", "pretrain it with model: S3Rec first and give the checkpoint as pre_model_path")
        },
        remark="`train_stage: finetune` from a checkpoint of `model: S3Rec`; reads the item column `item_attribute`",
    ),
    "KSR": Backbone(unsupported=_KNOWLEDGE),
    "GRU4RecKG": Backbone(unsupported=_KNOWLEDGE),
    # General
    "CDAE": Backbone(items=(Table("h_item", columns=True), Table("out_layer")), users=_items("h_user"), by_user=True),
    "ConvNCF": replace(_GENERAL, remark="the CNN's shape must fit `embedding_size` (64 by default)"),
    "DMF": Backbone(items=(Table("user_linear", columns=True),), users=(Table("item_linear", columns=True),)),
    "DiffRec": Backbone(
        items=(Table("mlp.mlp_layers.mlp_layers.1", columns=True), Table("mlp.mlp_layers.mlp_layers.-1")), by_user=True
    ),
    "LDiffRec": Backbone(
        items=(
            Table("autoencoder.encoder.mlp_layers.1", columns=True),
            Table("autoencoder.decoder.mlp_layers.-1"),
        ),
        by_user=True,
        settings={"n_cate": ("1", "with more, every cluster of items has layers of its own")},
        remark="`n_cate: 1` only (RecBole's default)",
    ),
    "ENMF": replace(_GENERAL, by_user=True),
    "FISM": _ITEM_PAIR,
    "NAIS": _ITEM_PAIR,
    "GCMC": Backbone(items=(), nodes=_items("GcEncoder.weights_u")),
    "LINE": Backbone(
        items=_items("item_embedding", "item_context_embedding"),
        users=_items("user_embedding", "user_context_embedding"),
    ),
    "MacridVAE": Backbone(items=(Table("encoder.0", columns=True), Table("item_embedding")), by_user=True),
    "MultiDAE": replace(_VAE, items=(Table("encoder.mlp_layers.1", columns=True), Table("decoder.-1"))),
    "MultiVAE": _VAE,
    "RaCT": replace(_VAE, remark="trains the stage that `train_stage` names; checkpoints come from `model: RaCT`"),
    "RecVAE": replace(
        _VAE,
        items=(
            Table("encoder.fc1", columns=True),
            Table("prior.encoder_old.fc1", columns=True),
            Table("decoder"),
        ),
        own_trainer="RecVAETrainer",
    ),
    "NCL": replace(_GENERAL, own_trainer="NCLTrainer", remark="k-means by faiss if installed, else by scikit-learn"),
    "NNCF": Backbone(
        items=_items("item_embedding", "user_neigh_embedding"),
        users=_items("user_embedding", "item_neigh_embedding"),
        remark="`neigh_info_method: louvain` needs the packages networkx and python-louvain",
    ),
    "NeuMF": Backbone(
        items=_items("item_mf_embedding", "item_mlp_embedding"),
        users=_items("user_mf_embedding", "user_mlp_embedding"),
    ),
    "SimpleX": Backbone(items=_items("item_emb"), users=_items("user_emb")),
    "ADMMSLIM": Backbone(unsupported=_SOLVED),
    "AsymKNN": Backbone(unsupported="it counts similarities of items or users and learns nothing"),
    "EASE": Backbone(unsupported=_SOLVED),
    "ItemKNN": Backbone(unsupported="it counts similarities of items and learns nothing"),
    "NCEPLRec": Backbone(unsupported="it factorises one matrix in closed form and learns nothing by gradient"),
    "Pop": Backbone(unsupported="it counts how often an item occurs and learns nothing"),
    "Random": Backbone(unsupported="it scores at random and learns nothing"),
    "SLIMElastic": Backbone(unsupported=_SOLVED),
}

CAUSAL_BACKBONES = frozenset(name for name, backbone in _KNOWN.items() if backbone.causal)


_REGISTERED: dict[str, type[Any]] = {}


def register_backbone(model: type[Any], facts: Backbone | None = None) -> type[Any]:
    """Register a user's own RecBole model under the name of its class; usable as a class decorator.

    Args:
        model: A subclass of RecBole's ``SequentialRecommender`` or ``GeneralRecommender``.
        facts: Its facts; by default the class's own ``curec_facts``, or those of models that are not listed.
    """
    if facts is not None:
        model.curec_facts = facts
    _REGISTERED[model.__name__] = model
    return model


def registered_backbones() -> Mapping[str, type[Any]]:
    """The user's own models by name."""
    return _REGISTERED


def backbone_facts(name: str, kind: str) -> Backbone:
    """The facts about a backbone.

    Args:
        name: Name of a RecBole model or of a registered one, or ``my_package.module:Class``.
        kind: 'sequential' or 'general'.
    """
    own = _REGISTERED.get(name) or (load_object(name, "recommend.backbone") if is_path(name) else None)
    return _known(name, kind) if own is None else class_facts(own, kind)


def class_facts(model: type[Any], kind: str) -> Backbone:
    """The facts about a RecBole model, or a user's own, by its class."""
    if model.__module__.partition(".")[0] == "recbole":
        return _known(model.__name__, kind)
    facts: Backbone = getattr(model, "curec_facts", _usual(kind))
    return facts


def _known(name: str, kind: str) -> Backbone:
    return _KNOWN.get(name, _usual(kind))


def _usual(kind: str) -> Backbone:
    return _SEQUENTIAL if kind == "sequential" else _GENERAL
