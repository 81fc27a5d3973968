"""``curec export``: write the vectors as atomic files for plain RecBole models."""

from __future__ import annotations

from recbole_curec.cli.command import Command, check_one_process, names_model
from recbole_curec.cli.session import command_session
from recbole_curec.errors import ConfigurationError
from recbole_curec.paths import user_path
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.experiment import log_aliases
from recbole_curec.plugin.export import export_features

USAGE = """usage: curec export --dataset=ml-100k --export_dir=<folder> [--model=CURec]
                    [--config_files=a.yaml b.yaml] [--key=value ...]

Makes or reuses stages 1 to 6 and writes the vectors of items and users as RecBole atomic files, with the YAML lines
that load them into any RecBole model.
"""


def run(arguments: list[str]) -> str:
    """Write the files and describe them."""
    check_one_process("export")
    model, dataset, files, overrides = parse_arguments(arguments)
    folder = overrides.pop("export_dir", None)
    if folder is None:
        raise ConfigurationError("No folder is given: set --export_dir=<folder>.")
    with_model = {"model": "CURec"} if model is None and not names_model(files) else {}
    config = load_config(model, dataset, files, {**with_model, **overrides})
    with command_session(config):
        log_aliases(config)
        exported = export_features(config, user_path("export_dir", folder))
    return exported.describe()


EXPORT = Command(USAGE, run)
