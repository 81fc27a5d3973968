"""What stages that build evidence share: its builder, and the artifacts that it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import EvidenceBuilder
from recbole_curec.pipeline.stage import Job
from recbole_curec.reviews.statements.chooser import load_statements
from recbole_curec.settings.sections import CollectSettings
from recbole_curec.settings.settings import Settings

STATEMENTS = "statements"


def evidence_builder(job: Job, collected: Collected) -> EvidenceBuilder:
    """The builder of evidence of a run, with statements where the settings ask for them.

    Args:
        job: Of a stage whose inputs :func:`evidence_from` gives.
        collected: The artifact of ``collect``.
    """
    folder = statements_folder(job)
    statements = None if folder is None else load_statements(folder, collected.history)
    return collected.builder(job.settings.of(CollectSettings), statements)


def statements_folder(job: Job) -> Path | None:
    """The artifact of ``statements``; None where evidence holds none of them."""
    return job.inputs[STATEMENTS] if job.settings.of(CollectSettings).evidence_statements else None


def evidence_from(*names: str) -> Callable[[Settings], tuple[str, ...]]:
    """The inputs of a stage that builds evidence: these, and ``statements`` where evidence holds some."""

    def inputs(settings: Settings) -> tuple[str, ...]:
        return (*names, STATEMENTS) if settings.collect.evidence_statements else names

    return inputs
