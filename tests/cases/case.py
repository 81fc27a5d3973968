"""A line of the table, the trial that runs it, and what can be expected to come out."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recbole.data import create_dataset, data_preparation
from recbole.utils import init_seed

from recbole_curec.cli.main import main
from recbole_curec.data.catalog import Catalog, read_catalog
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.loaders import dataset_of
from recbole_curec.settings.travel import settings_of
from tests.cases.base import NAME, Base
from tests.cases.changes import Change

# Settings of every command, unless a case gives others.
DEFAULTS = {
    "dataset": NAME, "data_path": "{folder}", "epochs": 1, "show_progress": False, "train_batch_size": 256,
    "checkpoint_dir": "out/saved", "artifact_dir": "out/artifacts", "log_dir": "out/log",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes:
        name: What is wrong, or right, with the input.
        change: What is changed in the small dataset.
        command: Arguments of ``curec run``, beside those of :data:`DEFAULTS`; ``{folder}`` is where the data lie.
        expected: What must come out.
    """

    name: str
    change: Change
    command: str
    expected: Expected


class Trial:
    """A case's command over its changed dataset, in an empty working folder."""

    def __init__(
        self, case: Case, folder: Path, capture: pytest.CaptureFixture[str], log: pytest.LogCaptureFixture
    ) -> None:
        self.folder, self._capture, self._log = folder, capture, log
        base = Base()
        case.change(base)
        base.write(folder)
        given = shlex.split(case.command)
        named = {argument.removeprefix("--").partition("=")[0] for argument in given}
        defaults = [f"--{key}={value}" for key, value in DEFAULTS.items() if key not in named]
        self.argv = [argument.replace("{folder}", str(folder)) for argument in [*defaults, *given]]

    def run(self) -> tuple[int, str, str]:
        """Run the command: exit code, standard output, standard error."""
        code = main(self.argv)
        captured = self._capture.readouterr()
        self.said = captured.out + captured.err
        return code, captured.out, captured.err.strip()

    @cached_property
    def config(self) -> Any:
        """The command's settings."""
        model, dataset, files, overrides = parse_arguments(self.argv)
        return load_config(model, dataset, files, overrides)

    @cached_property
    def splits(self) -> tuple[Any, Any, Any]:
        """Datasets of training, validation and test; no features are made."""
        self._log.set_level(logging.INFO)
        init_seed(self.config["seed"], self.config["reproducibility"])
        self.dataset = create_dataset(self.config)
        return tuple(dataset_of(loader) for loader in data_preparation(self.config, self.dataset))  # type: ignore[return-value]

    @property
    def log(self) -> str:
        """Everything that was logged."""
        return self._log.text

    def written(self) -> list[str]:
        """Files and folders that exist in the working folder, beside the data."""
        return sorted(str(path) for path in Path().rglob("*"))


Expected = Callable[[Trial], None]


def fails(*words: str) -> Expected:
    """Exit code 2, one sentence on standard error with these words, no traceback, and nothing written but a log."""

    def check(trial: Trial) -> None:
        code, _, message = trial.run()
        last = message.splitlines()[-1] if message else ""
        assert code == 2, message
        assert last.startswith("error: ")
        assert "Traceback" not in message
        for word in words:
            assert word in last
        kept = [path for path in trial.written() if path.endswith((".pth", ".safetensors", ".parquet", ".npy"))]
        assert not kept, "something was left half-written"

    return check


def hides(secret: str, expected: Expected) -> Expected:
    """What is expected, and the secret in nothing that is printed or written."""

    def check(trial: Trial) -> None:
        expected(trial)
        assert secret not in trial.said
        files = [path for path in [*Path().rglob("*"), *trial.folder.parent.rglob("*")] if path.is_file()]
        assert files
        assert not [path for path in files if secret.encode() in path.read_bytes()]

    return check


def runs(*words: str) -> Expected:
    """Exit code 0 after the whole run, and these words in what it prints or logs."""

    def check(trial: Trial) -> None:
        code, out, message = trial.run()
        assert code == 0, message
        for word in words:
            assert word in out + message

    return check


def trains(rows: int, *words: str, items: int | None = None, without: Sequence[str] = ()) -> Expected:
    """So many training rows (and items, padding left out), and these words in the log."""

    def check(trial: Trial) -> None:
        assert len(trial.splits[0].inter_feat) == rows
        if items is not None:
            assert trial.dataset.item_num - 1 == items
        for word in words:
            assert word in trial.log
        for word in without:
            assert word not in trial.log

    return check


def holds(column: str, **values: Any) -> Expected:
    """240 training rows, and the values of an item's column by item id, as RecBole's dataset holds them.

    The command has to load the column: ``--load_col="{...,'item':['item_id','genre']}"``.
    """

    def check(trial: Trial) -> None:
        assert len(trial.splits[0].inter_feat) == 240
        dataset = trial.dataset
        found = dataset.get_item_feature()
        ids = dict(zip(dataset.field2id_token[dataset.iid_field], range(dataset.item_num), strict=True))
        for item, expected in values.items():
            value = np.atleast_1d(found[column][ids[item]].numpy())
            tokens = dataset.field2id_token[column][value].tolist()
            assert [token for token in tokens if token != "[PAD]"] == expected, item

    return check


def catalog(item: str, *, name: str | None = None, labels: Sequence[str] | None = None) -> Expected:
    """What CURec's catalog knows of an item: its name and its attribute labels."""

    def check(trial: Trial) -> None:
        found = _catalog(trial, np.array([item]))
        place = found.index[item]
        if name is not None:
            assert found.names[place] == name
        if labels is not None:
            assert list(found.attributes[place]) == list(labels)

    return check


def _catalog(trial: Trial, train_tokens: Any) -> Catalog:
    config = trial.config
    return read_catalog(
        Path(config["data_path"]) / f"{NAME}.item", "item_id", train_tokens, settings_of(config).collect,
        separator=config["field_separator"], seq_separator=config["seq_separator"],
        encoding=config["encoding"] or "utf-8",
    )  # fmt: skip
