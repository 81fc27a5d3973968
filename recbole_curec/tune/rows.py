"""The rows that are tuned: files or models, each with its settings as they are and the space of its backbone."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recbole_curec.backbones.lookup import OUR_MODELS
from recbole_curec.benchmark.rows import Row, check_protocol, find_rows
from recbole_curec.benchmark.runs import run_key
from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.recbole_keys import known_keys
from recbole_curec.plugin.validating import check_validates
from recbole_curec.plugin.yaml_files import read_yaml
from recbole_curec.settings.settings import canonical
from recbole_curec.tune.backbones import backbone_of, kind_of, known_settings
from recbole_curec.tune.space_checks import check_space, stages_made_again
from recbole_curec.tune.space_files import default_space, given_space
from recbole_curec.tune.spaces import Space

logger = logging.getLogger(__name__)

# No trial ranks again: that comes after the choice of settings, and needs trainings of its own.
_OFF = {"rank.use": "off"}


@dataclass(frozen=True)
class Asked:
    """What a command asks of all its rows.

    Attributes:
        dataset: Dataset name; None takes it from the files.
        files: Config files of lower precedence than the rows' own.
        overrides: Settings that override the rows' files.
        seed: Seed of every training.
    """

    dataset: str | None
    files: Sequence[str]
    overrides: Mapping[str, Any]
    seed: int


@dataclass(frozen=True)
class TunedRow:
    """One row of the table.

    Attributes:
        row: The row.
        config: RecBole's config of its settings as they are.
        space: What is tuned.
        asked: What the command asks of all rows.
        key: Fingerprint of what its scores depend on: settings, data, version.
    """

    row: Row
    config: Any
    space: Space
    asked: Asked
    key: str

    @property
    def model(self) -> str:
        """Its model, with the backbone of ours in brackets."""
        model, backbone = str(self.config["model"]), backbone_of(self.config)
        return f"{model} ({backbone})" if model in OUR_MODELS else model

    def trial_config(self, settings: Mapping[str, Any]) -> Any:
        """The config of a trial, new for each, since RecBole writes into a config while it runs.

        Raises:
            ConfigurationError: The settings contradict each other.
        """
        asked = self.asked
        return _config(self.row, asked, settings)

    def own_settings(self) -> dict[str, Any]:
        """Content of the row's file, or the model alone, under full names, with the command line's settings above."""
        own = {"model": self.row.model} if self.row.path is None else read_yaml(self.row.path)
        return {**own, **self.asked.overrides}


def rows_of(paths: Sequence[str], models: Sequence[str]) -> list[Row]:
    """The rows of config files and folders of them, then those of models.

    Raises:
        ConfigurationError: There is none, two have one name, or one sums others.
    """
    rows = find_rows(paths) if paths or not models else []
    summed = next((row for row in rows if row.ensemble), None)
    if summed is not None:
        raise ConfigurationError(f"Row '{summed.name}' is a sum, which trains nothing: tune the rows that it sums.")
    return [*rows, *(Row(model, None, model=model) for model in models)]


def tuned_rows(rows: Sequence[Row], asked: Asked, place: str | None) -> list[TunedRow]:
    """Load and check every row and its space.

    Args:
        rows: The rows.
        asked: What the command asks of all of them.
        place: File or folder of spaces; None for the defaults.

    Raises:
        CURecError: A row or a space cannot be used, or two rows are not measured in the same way.
    """
    configs = [_config(row, asked, {}) for row in rows]
    for config in configs:
        check_validates(config)
    rows = [_named(row, config) for row, config in zip(rows, configs, strict=True)]
    names = [row.name for row in rows]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigurationError(f"Two rows are named '{twice}': name each once.")
    if len(rows) > 1:
        check_protocol(rows, configs)
    return [_tuned(row, config, asked, place) for row, config in zip(rows, configs, strict=True)]


def _config(row: Row, asked: Asked, settings: Mapping[str, Any]) -> Any:
    given = copy.deepcopy({**asked.overrides, **settings})  # RecBole completes mappings where they stand
    return row.config(asked.dataset, asked.files, given, asked.seed, **_OFF)


def _named(row: Row, config: Any) -> Row:
    """The row; that of one of our models alone is named by its backbone too."""
    is_ours_alone = row.path is None and row.model in OUR_MODELS
    return replace(row, name=f"{row.model}-{backbone_of(config)}") if is_ours_alone else row


def _tuned(row: Row, config: Any, asked: Asked, place: str | None) -> TunedRow:
    backbone = backbone_of(config)
    space = None if place is None else given_space(place, (row.name, backbone))
    given = canonical(asked.overrides, known_keys())[0]
    if space is None:
        space = _without(default_space(backbone, kind_of(config), known_settings(config)), given, row)
    check_space(space, row.title, config)
    if both := next((name for name in space.dimensions if name in given), None):
        raise ConfigurationError(f"Row '{row.title}': {both} is given and in the space ({space.source}): remove one.")
    for name, stages in stages_made_again(space, config).items():
        logger.warning(
            "%s: every new value of %s makes stages again: %s; their artifacts are kept",
            row.title,
            name,
            ", ".join(stages),
        )
    return TunedRow(row, config, space, asked, run_key(config))


def _without(space: Space, given: Mapping[str, Any], row: Row) -> Space:
    """A default space without what the command line sets."""
    fixed = [name for name in space.dimensions if name in given]
    if not fixed:
        return space
    logger.info("%s: not tuned, since given: %s", row.title, ", ".join(fixed))
    rest = {name: one for name, one in space.dimensions.items() if name not in fixed}
    if not rest:
        raise ConfigurationError(f"Row '{row.title}': every setting of its space is given: give another space.")
    return Space(rest, f"{space.source}, without {', '.join(fixed)}")
