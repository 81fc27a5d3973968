"""``curec export``: write semantic vectors for plain RecBole models, or a trained model's vectors for an index."""

from __future__ import annotations

from recbole_curec.cli.command import Command, check_one_process, names_model
from recbole_curec.cli.options import own_options
from recbole_curec.cli.session import command_session, set_threads
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.plugin.checks.environment import check_output_folder
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.experiment import log_aliases
from recbole_curec.plugin.export import export_features
from recbole_curec.serving.vectors import IndexVectors

_NO_FOLDER = "No folder is given: set --export_dir=<folder>."
_OWN = ("checkpoint", "export_dir")
_RECBOLE = ("data_path", "gpu_id")


def run(arguments: list[str]) -> str:
    """Write the files and describe them."""
    check_one_process("export")
    if any(argument.startswith("--checkpoint=") for argument in arguments):
        return _index_vectors(arguments)
    model, dataset, files, overrides = parse_arguments(arguments)
    folder = overrides.pop("export_dir", None)
    if folder is None:
        raise ConfigurationError(_NO_FOLDER)
    with_model = {"model": "CURec"} if model is None and not names_model(files) else {}
    config = load_config(model, dataset, files, {**with_model, **overrides})
    with command_session(config):
        log_aliases(config)
        exported = export_features(config, user_path("export_dir", folder))
    return exported.describe()


def _index_vectors(arguments: list[str]) -> str:
    given = own_options("export", arguments, _OWN, _RECBOLE)
    checkpoint, folder = user_path("checkpoint", given.pop("checkpoint")), given.pop("export_dir", None)
    if folder is None:
        raise ConfigurationError(_NO_FOLDER)
    target = user_path("export_dir", folder)
    check_output_folder("export_dir", target)
    set_threads(None)
    return IndexVectors.load(checkpoint, given).write(target).describe()


EXPORT = Command(run)
