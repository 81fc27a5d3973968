"""Stage 5, ``correct``: write and correct a reason for each selected interaction, in time order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.correction.carrying import carried_reasons
from recbole_curec.correction.corrector import Job as ReasonJob
from recbole_curec.correction.said import Said
from recbole_curec.correction.select import (
    Selection,
    for_other_users,
    for_own_users,
    run_selection,
    time_steps,
)
from recbole_curec.data.history import TrainHistory
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reasoner import Reasoner, ReasonerParts
from recbole_curec.reasons.failures import FAILURE_KINDS
from recbole_curec.reasons.store import STORE, ReasonRecord, read_batch, write_batch_records, write_records
from recbole_curec.settings.choices import ENGINE, REWARD
from recbole_curec.settings.sections import (
    CollectSettings,
    CorrectSettings,
    GenerateSettings,
    LanguageModelSettings,
    ReinforceSettings,
    SelectSettings,
)
from recbole_curec.stages.evidence import evidence_from, statements_folder


def run(job: Job) -> StageResult:
    """Write the reason store; until it is complete, each batch is kept in a file of its own."""
    settings, workspace = job.settings.of(CorrectSettings), job.workspace
    reasoner = Reasoner.open(
        ReasonerParts(
            collect=job.inputs["collect"],
            reward=job.inputs["reward"],
            reinforce=job.inputs["reinforce"],
            scratch=workspace.scratch,
            settings=job.settings,
            engine=job.settings.entry(ENGINE),
            statements=statements_folder(job),
            seed=workspace.seed,
            device=workspace.device,
        )
    )
    select = job.settings.of(SelectSettings)
    selection = _selection(settings, select, reasoner.collected.history, workspace.seed)
    records: list[ReasonRecord] = []
    earlier: defaultdict[str, list[ReasonRecord]] = defaultdict(list)
    said = Said()
    with tqdm(total=len(selection), desc="correct", unit="reason", disable=not workspace.show_progress) as bar:
        for step, places in enumerate(time_steps(selection.users)):
            done = []
            for batch in _batches(places, reasoner.batch_size):
                part = selection.take(batch)
                name = f"reasons-{step:04d}-{int(part.rows[0]):09d}"
                written = write_batch(reasoner, part, earlier, said, select.carry_reasons, workspace.scratch, name)
                for record in written:
                    said.add(record.text)
                done += written
                bar.update(len(batch))
            for record in done:
                earlier[record.written_for].append(record)
            records += done
    write_records(records, workspace.folder / STORE)
    shares = _prompt_shares(records, selection, settings, bool(select.carry_reasons))
    return _result(records, shares, settings.shuffle_users)


def _selection(settings: CorrectSettings, select: SelectSettings, history: TrainHistory, seed: int) -> Selection:
    rows = run_selection(history, select, seed)
    if settings.shuffle_users:
        return for_other_users(history, rows, np.random.default_rng([seed, 5, 1]))
    return for_own_users(history, rows)


def _batches(places: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [places[start : start + size] for start in range(0, len(places), size)]


def write_batch(
    reasoner: Reasoner,
    batch: Selection,
    earlier: Mapping[str, Sequence[ReasonRecord]],
    said: Said,
    carried: int,
    scratch: Path,
    name: str,
) -> list[ReasonRecord]:
    """Records of one batch: read from its file if an interrupted run wrote it, else made.

    Args:
        reasoner: Writes and corrects.
        batch: The interactions.
        earlier: Every user's reasons so far, oldest first.
        said: All of them, which the batch does not repeat.
        carried: How many of them a prompt shows.
        scratch: Folder of the batch files until the stage is done.
        name: Name of the batch's file; it also seeds every random choice of the batch.
    """
    path = scratch / f"{name}.parquet"
    stored = read_batch(path, len(batch))
    if stored is not None:
        return stored
    history = reasoner.collected.history
    items = history.items[batch.rows].tolist()
    jobs = []
    for user, item, position in zip(batch.users.tolist(), items, batch.positions.tolist(), strict=True):
        target = reasoner.target(user, item, position)
        shown = carried_reasons(earlier.get(str(history.user_tokens[user]), ()), target.evidence, carried)
        jobs.append(ReasonJob(target, shown))
    records = [
        _for_interaction(record, history, int(row))
        for record, row in zip(reasoner.corrector.write(jobs, name, said), batch.rows, strict=True)
    ]
    write_batch_records(records, path)
    return records


def _for_interaction(record: ReasonRecord, history: TrainHistory, row: int) -> ReasonRecord:
    """The record with the user and position of its interaction, which differ from those it was written for if shuffled.

    Args:
        record: A written reason.
        history: The training history.
        row: Index of the interaction in the history.
    """
    user, _, position = history.interaction(row)
    return replace(record, user=str(history.user_tokens[user]), position=position)


def _prompt_shares(
    records: list[ReasonRecord], selection: Selection, settings: CorrectSettings, carried: bool
) -> dict[str, float]:
    """Share of drafts whose prompt shows an earlier reason, and of all prompts that name a fault."""
    later = len(selection) - len(np.unique(selection.users))
    revisions = settings.candidates * sum(record.rounds for record in records)
    return {
        "with_earlier_reason": later / len(selection) if carried else 0.0,
        "naming_a_fault": revisions / (len(records) + revisions),
    }


def _result(records: list[ReasonRecord], shares: dict[str, float], shuffled: bool) -> StageResult:
    kinds = Counter(record.failure_kind for record in records if record.failure_kind)
    outcomes = Counter(record.outcome for record in records)
    failed = sum(kinds.values())
    distinct = len({record.text for record in records}) / len(records)
    before = float(np.mean([record.draft_reward for record in records]))
    after = float(np.mean([record.rewards["total"] for record in records]))
    figures = {
        "reasons": len(records),
        "items": len({record.item for record in records}),
        "failed": failed,
        "failures": dict(kinds),
        "repaired": outcomes["repaired"],
        "teacher": outcomes["replaced"],
        "left": outcomes["left"],
        "outcomes_by_failure": _outcomes_by_failure(records),
        "distinct": distinct,
        "prompts": shares,
        "reward_before": before,
        "reward_after": after,
        "reward_fell": sum(record.rewards["total"] < record.draft_reward for record in records),
        "written_for_others": sum(record.written_for != record.user for record in records),
    }
    share = 1 / len(records)
    summary = (
        f"{len(records):,} reasons for {figures['items']:,} items{', written for other users' if shuffled else ''}, "
        f"{distinct:.1%} distinct; "
        f"{failed * share:.1%} of drafts failed "
        f"({', '.join(f'{kind} {count * share:.1%}' for kind, count in kinds.most_common()) or 'none'}), "
        f"{outcomes['repaired'] * share:.1%} repaired by the model, "
        f"{outcomes['replaced'] * share:.1%} replaced by the teacher, "
        f"{outcomes['left'] * share:.1%} left as they are; "
        f"reward {before:.3f} -> {after:.3f}"
    )
    return StageResult(summary, figures)


def _outcomes_by_failure(records: list[ReasonRecord]) -> dict[str, dict[str, int]]:
    """Number of failed drafts by kind of failure and by outcome of the correction."""
    return {
        kind: dict(Counter(record.outcome for record in records if record.failure_kind == kind))
        for kind in FAILURE_KINDS
        if any(record.failure_kind == kind for record in records)
    }


CORRECT = Stage(
    name="correct",
    run=run,
    settings=(
        CorrectSettings,
        SelectSettings,
        CollectSettings,
        GenerateSettings,
        LanguageModelSettings,
        ReinforceSettings,
    ),
    choices=(ENGINE, REWARD),
    inputs=evidence_from("collect", "reward", "reinforce"),
    revision=8,
)
