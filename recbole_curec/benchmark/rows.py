"""The rows of a benchmark: one file each, a config or a sum of other rows, all checked to use the same protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recbole.utils import ModelType

from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.config import load_config, merged
from recbole_curec.plugin.yaml_files import read_yaml
from recbole_curec.settings.settings import setting_defaults

# Settings that determine the test interactions, the candidate items, and the selection of the best epoch.
PROTOCOL = (
    "dataset", "eval_args", "repeatable", "metrics", "topk", "valid_metric", "metric_decimal_place",
    "user_inter_num_interval", "item_inter_num_interval", "val_interval", "filter_inter_by_user_or_item",
    "rm_dup_inter", "field_separator", "USER_ID_FIELD", "ITEM_ID_FIELD", "TIME_FIELD", "recommend.mask_history",
)  # fmt: skip
_ENSEMBLE = "ensemble"


@dataclass(frozen=True)
class Row:
    """One row of the benchmark's table.

    Attributes:
        name: The file's name without its suffix.
        path: The config file; it names the model. None for a row that consists of a model alone.
        ensemble: Names of the rows whose scores it sums, instead of training a model; empty for all others.
        model: The model of a row without a file.
    """

    name: str
    path: Path | None
    ensemble: tuple[str, ...] = ()
    model: str | None = None

    @property
    def title(self) -> str:
        """The name in the table, without the leading number that orders the files."""
        return re.sub(r"^\d+[-_]", "", self.name).replace("-", " ").replace("_", " ")

    def config(
        self, dataset: str | None, files: Sequence[str], overrides: Mapping[str, Any], seed: int, **more: Any
    ) -> Any:
        """RecBole's config of this row under one seed; precedence: ``overrides``, the row's file, ``files``.

        Args:
            dataset: Dataset name; None takes it from the files.
            files: Config files of lower precedence.
            overrides: Settings that override the row's file.
            seed: RecBole's seed.
            more: Further settings that override it.

        Raises:
            CURecError: A setting or the data cannot be used.
        """
        try:
            given = merged(overrides, {"seed": seed, "run.compare_baseline": False, **more})
            own = [] if self.path is None else [str(self.path)]
            return load_config(self.model, dataset, [*files, *own], given)
        except ConfigurationError as error:
            raise ConfigurationError(f"Row '{self.name}': {error}") from error


def find_rows(paths: Sequence[str]) -> list[Row]:
    """Rows from config files, and from folders of config files, in the order given.

    Raises:
        ConfigurationError: There is no file, one is missing, two have the same name, or one sums what is no row.
    """
    files: list[Path] = []
    for path in (user_path("row", path) for path in paths):
        files += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    for file in files:
        if not file.is_file():
            raise ConfigurationError(f"Benchmark row '{file}' does not exist: give YAML files or folders of them.")
    if not files:
        raise ConfigurationError("A benchmark has no rows: give YAML files or folders of them, one file per row.")
    rows = [Row(file.stem, file, _members(file)) for file in files]
    titles = [row.title for row in rows]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise ConfigurationError(f"Two benchmark rows are named '{twice[0]}': rename one of the files.")
    return [_resolved(row, rows) for row in rows]


def named_row(rows: Sequence[Row], name: str, asked: str = "references") -> Row:
    """The row with a name or title.

    Args:
        rows: The rows.
        name: Name or title.
        asked: What named it, for the message.

    Raises:
        ConfigurationError: There is no such row.
    """
    for row in rows:
        if name in (row.name, row.title):
            return row
    raise ConfigurationError(f"{asked}: '{name}' is no row of this benchmark: {', '.join(row.name for row in rows)}.")


def _members(file: Path) -> tuple[str, ...]:
    """What ``ensemble`` lists in a row's file; nothing in a config."""
    content = read_yaml(file)
    if _ENSEMBLE not in content:
        return ()
    members = content[_ENSEMBLE]
    if other := sorted(str(key) for key in content if key != _ENSEMBLE):
        raise ConfigurationError(
            f"Row '{file.stem}': {other[0]} cannot stand beside ensemble, which trains nothing: set it in the "
            "rows that are summed."
        )
    if not isinstance(members, list) or len(members) < 2 or not all(isinstance(member, str) for member in members):
        raise ConfigurationError(
            f"Row '{file.stem}': ensemble: {members!r} cannot be used: list the names of two rows or more, or one name "
            "twice for two seeds of it."
        )
    return tuple(members)


def _resolved(row: Row, rows: Sequence[Row]) -> Row:
    """The row with the names, not the titles, of the rows it sums."""
    if not row.ensemble:
        return row
    members = [named_row(rows, member, f"Row '{row.name}': ensemble") for member in row.ensemble]
    if nested := next((member for member in members if member.ensemble), None):
        raise ConfigurationError(
            f"Row '{row.name}': ensemble: '{nested.name}' is a sum itself: list the rows that it sums."
        )
    return replace(row, ensemble=tuple(member.name for member in members))


def check_protocol(rows: Sequence[Row], configs: Sequence[Any]) -> None:
    """Check that all rows are tested in the same way.

    Raises:
        ConfigurationError: Two rows differ in a setting of the protocol, or one ranks sampled items only.
    """
    first = configs[0]
    for row, config in zip(rows, configs, strict=True):
        for key in PROTOCOL:
            ours, theirs = (_value(one, key) for one in (first, config))
            if ours != theirs:
                raise ConfigurationError(
                    f"Rows '{rows[0].name}' and '{row.name}' cannot be compared: {key} is {ours!r} in one and "
                    f"{theirs!r} in the other: set it to the same value."
                )
        if (config["MODEL_TYPE"] == ModelType.SEQUENTIAL) != (first["MODEL_TYPE"] == ModelType.SEQUENTIAL):
            raise ConfigurationError(
                f"Rows '{rows[0].name}' and '{row.name}' cannot be compared: RecBole leaves a user's history among the "
                f"candidates of sequential models, and not of others; put {first['model']} and {config['model']} into "
                "separate benchmarks."
            )
        modes = config["eval_args"]["mode"]
        mode = modes.get("test") if isinstance(modes, Mapping) else modes
        if mode != "full":
            raise ConfigurationError(
                f"Row '{row.name}': eval_args.mode: {mode} ranks sampled items only: a benchmark needs mode: full."
            )


def _value(config: Any, key: str) -> Any:
    """A setting of the protocol; plain models have none of ours unless it is given."""
    value = config[key]
    return setting_defaults().get(key) if value is None else value
