"""Export of the semantic vectors as RecBole atomic files, for plain RecBole models.

RecBole joins an additional file's id column with the dataset's ids (``alias_of_item_id``) and provides its vectors as
``dataset.get_preload_weight``. An item id without any interaction would enter the vocabulary, and so the ranking, as an
item that can never be a correct answer: such phantom items are left out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from recbole.data import create_dataset
from recbole.utils import FeatureType, init_seed

from recbole_curec.atomic_write import write_text_to, write_whole
from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.data.atomic_file import meant_separator
from recbole_curec.errors import ConfigurationError
from recbole_curec.features.store import FeatureStore
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.checks.environment import check_output_folder
from recbole_curec.plugin.features import run_stages
from recbole_curec.plugin.file_layout import file_layout
from recbole_curec.version import __version__

logger = logging.getLogger(__name__)

ITEM_SUFFIX, USER_SUFFIX = "itememb", "useremb"
ITEM_ID, ITEM_VECTOR, USER_ID, USER_VECTOR = "iid", "item_emb", "uid", "user_emb"


@dataclass(frozen=True)
class Exported:
    """The exported files.

    Attributes:
        items: File of item vectors.
        users: File of user vectors.
        settings: YAML file that loads both.
        data_path: Folder in which RecBole looks for them.
        n_items: Number of item vectors.
        n_users: Number of user vectors.
        pruned: Number of items with a vector but without any interaction, which were left out.
        dim: Size of a vector.
    """

    items: Path
    users: Path
    settings: Path
    data_path: Path
    n_items: int
    n_users: int
    pruned: int
    dim: int

    def describe(self) -> str:
        """Description that the command prints."""
        lines = [
            f"{self.n_items:,} item vectors ({self.pruned:,} phantom items pruned) and {self.n_users:,} user vectors "
            f"of {self.dim} dimensions:",
            *(f"  {path}" for path in (self.items, self.users, self.settings)),
        ]
        if self.items.parent.resolve() != self.data_path.resolve():
            names = f"{self.items.name} and {self.users.name}"
            lines.append(f"RecBole looks for {names} in {self.data_path}: put them there.")
        return "\n".join(lines)


def export_features(config: Any, folder: Path) -> Exported:
    """Make or reuse stages 1 to 6 and write ``<dataset>.itememb``, ``<dataset>.useremb`` and ``<dataset>.yaml``.

    Args:
        config: RecBole's config of a CURec run.
        folder: Folder of the three files; existing ones are replaced only when all three are complete.

    Raises:
        CURecError: The model is not one of ours, a stage cannot run, or the folder cannot be written.
    """
    if config["model"] not in OUR_MODELS:
        raise ConfigurationError(
            f"model: {config['model']} has no vectors to export: use one of {', '.join(OUR_MODELS)}."
        )
    check_output_folder("export_dir", folder)  # before the stages, which take long
    init_seed(config["seed"], config["reproducibility"])
    dataset = create_dataset(config)
    items, users = dataset.interacting(dataset.iid_field), dataset.interacting(dataset.uid_field)
    settings = load_settings(config, dataset)  # before the split, which changes the dataset
    artifacts = run_stages(config, dataset.build()[0].praised_history())
    store = FeatureStore.load(artifacts["encode"].folder)
    item_rows, user_rows = _rows(store.item_tokens, items), _rows(store.user_tokens, users)
    name = str(config["dataset"])
    exported = Exported(
        items=folder / f"{name}.{ITEM_SUFFIX}",
        users=folder / f"{name}.{USER_SUFFIX}",
        settings=folder / f"{name}.yaml",
        data_path=Path(config["data_path"]),
        n_items=len(item_rows),
        n_users=len(user_rows),
        pruned=len(store.item_tokens) - len(item_rows),
        dim=store.item.shape[1],
    )
    item_table = _table(ITEM_ID, ITEM_VECTOR, store.item_tokens, store.item, item_rows, config["seq_separator"])
    user_table = _table(USER_ID, USER_VECTOR, store.user_tokens, store.user, user_rows, config["seq_separator"])
    write_whole(
        {
            exported.items: _atomic(item_table, config),
            exported.users: _atomic(user_table, config),
            exported.settings: write_text_to(_yaml(settings, exported, artifacts)),
        }
    )
    logger.info("exported %d item and %d user vectors to %s", exported.n_items, exported.n_users, folder)
    return exported


def load_settings(config: Any, dataset: Any) -> dict[str, Any]:
    """The settings that make RecBole load the files, in addition to the values of the run's config.

    Args:
        config: RecBole's config of the run.
        dataset: The dataset before its split.

    Raises:
        ConfigurationError: The dataset has columns of the names used here.
    """
    taken = {ITEM_ID, ITEM_VECTOR, USER_ID, USER_VECTOR} & set(dataset.field2type)
    if taken:
        raise ConfigurationError(
            f"Column '{sorted(taken)[0]}' of dataset {config['dataset']} has the name of an exported column: rename it "
            "or leave it out with load_col."
        )
    settings: dict[str, Any] = {}
    if config["load_col"] is not None:  # otherwise RecBole loads every column of every file
        settings["load_col"] = {
            **config["load_col"],
            ITEM_SUFFIX: [ITEM_ID, ITEM_VECTOR],
            USER_SUFFIX: [USER_ID, USER_VECTOR],
        }
    settings["additional_feat_suffix"] = [*(config["additional_feat_suffix"] or []), ITEM_SUFFIX, USER_SUFFIX]
    settings["alias_of_item_id"] = [*(config["alias_of_item_id"] or []), ITEM_ID]
    settings["alias_of_user_id"] = [*(config["alias_of_user_id"] or []), USER_ID]
    settings["preload_weight"] = {**(config["preload_weight"] or {}), ITEM_ID: ITEM_VECTOR, USER_ID: USER_VECTOR}
    if config["normalize_all"]:
        # It would rescale all vectors to [0, 1]; only the number columns of the data must be normalised.
        settings["normalize_all"] = False
        settings["normalize_field"] = _number_columns(config, dataset)
    return settings


def _number_columns(config: Any, dataset: Any) -> list[str]:
    """Number columns of the data files; the label is left out because RecBole derives it from another column."""
    numbers = (FeatureType.FLOAT, FeatureType.FLOAT_SEQ)
    return [str(name) for name, kind in dataset.field2type.items() if kind in numbers and name != config["LABEL_FIELD"]]


def _rows(tokens: Sequence[str], wanted: NDArray[np.str_]) -> NDArray[np.int64]:
    """Row numbers of the feature store whose id is wanted, ascending."""
    return np.flatnonzero(np.isin(np.asarray(tokens, dtype=np.str_), wanted))


def _table(
    id_name: str,
    vector_name: str,
    tokens: Sequence[str],
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    separator: str,
) -> pd.DataFrame:
    """The table of an atomic file; numbers are written as the shortest text that parses to the same float32."""
    return pd.DataFrame(
        {
            f"{id_name}:token": [tokens[row] for row in rows],
            f"{vector_name}:float_seq": [separator.join(values) for values in vectors[rows].astype(str).tolist()],
        }
    )


def _atomic(table: pd.DataFrame, config: Any) -> Callable[[Path], None]:
    """A function that writes a table as an atomic file in the format of the config."""
    layout = file_layout(config)
    separator = meant_separator(layout["separator"])

    def written(field: str) -> str:
        marked = any(mark in field for mark in (separator, '"', "\n", "\r"))
        doubled = field.replace('"', '""')
        return f'"{doubled}"' if marked else field

    def write(path: Path) -> None:
        # Not pandas: it writes one character between fields, and RecBole's separator may be several.
        with path.open("w", encoding=layout["encoding"], newline="\n") as file:
            for row in chain([list(table.columns)], table.itertuples(index=False, name=None)):
                file.write(separator.join(map(written, row)) + "\n")

    return write


def _yaml(settings: dict[str, Any], exported: Exported, artifacts: Mapping[str, Artifact]) -> str:
    described = [
        f"# Item text holds sentences written by a language model ({artifact.folder.name})."
        for stage, artifact in artifacts.items()
        if stage == "describe"
    ]
    lines = [
        f"# Loads the vectors of {exported.items.name} and {exported.users.name} into any RecBole model.",
        f"# Written by recbole-curec {__version__} from {artifacts['encode'].folder.name}.",
        *described,
        f"# {exported.n_items} items, {exported.n_users} users, {exported.dim} dimensions.",
        f"# RecBole looks for both files beside the .inter file, in {exported.data_path}.",
        f"# dataset.get_preload_weight('{ITEM_ID}') and ('{USER_ID}') have one row per internal id; an id without a",
        "# vector, padding included, has a row of zeros.",
    ]
    return "\n".join(lines) + "\n" + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
