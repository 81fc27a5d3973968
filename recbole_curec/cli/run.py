"""``curec run``: train and test a model; ``python run_curec.py`` is the same."""

from __future__ import annotations

import time

from recbole_curec.cli.command import Command
from recbole_curec.cli.session import command_session
from recbole_curec.explanations.console import both_protocols, reason_block
from recbole_curec.extensions import LANGUAGES
from recbole_curec.hardware import peak_memory_mib
from recbole_curec.plugin.arguments import parse_arguments
from recbole_curec.plugin.config import load_config, merged
from recbole_curec.plugin.experiment import RunResult, run_config
from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.languages.language import Language
from recbole_curec.settings.travel import settings_of


def run(arguments: list[str]) -> str:
    """Run the recommender that the arguments name, and return the report."""
    started = time.perf_counter()
    model, dataset, files, overrides = parse_arguments(arguments)
    config = load_config(model, dataset, files, overrides)
    with command_session(config):
        result = run_config(config, lambda more: load_config(model, dataset, files, merged(overrides, more)))
    language = LANGUAGES.find(settings_of(config).collect.language)
    return report(result, time.perf_counter() - started, language) if result.models else ""


def report(result: RunResult, seconds: float, language: type[Language] = English) -> str:
    """The text that a run prints at its end, with sample reasons in their language."""
    rows = [(model.name, model.test, model.test_without_history) for model in result.models]
    if result.rank is not None and result.rank.on:
        found = result.rank.test
        rows.insert(0, (f"{rows[0][0]}, ranked again", found["recbole"], found["without_history"]))
    parts = ["", both_protocols(rows)]
    if result.rank is not None:
        parts += ["", f"rank: {result.rank.why}"]
    if result.reasons:
        parts += ["", f"{len(result.reasons)} sample reasons", ""]
        parts.append("\n\n".join(reason_block(record, language) for record in result.reasons))
    parts += [
        "",
        *(f"checkpoint ({model.name}): {model.checkpoint}" for model in result.models),
        *([f"reasons: {result.artifacts['correct']}"] if "correct" in result.artifacts else []),
        f"wall time {seconds / 60:.1f} min, peak memory {peak_memory_mib() / 1024:.2f} GiB",
    ]
    return "\n".join(parts)


RUN = Command(run)
