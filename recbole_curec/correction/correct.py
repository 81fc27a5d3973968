"""Stage 5, ``correct``: walk the selected interactions in time order, write and correct a reason for each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.correction.corrector import Corrector, Job
from recbole_curec.correction.select import (
    Selection,
    for_other_users,
    for_own_users,
    select_interactions,
    time_steps,
)
from recbole_curec.correction.store import STORE, ReasonRecord, read_records, write_records
from recbole_curec.data.collect import Collected
from recbole_curec.data.evidence import Evidence, EvidenceBuilder
from recbole_curec.data.history import TrainHistory
from recbole_curec.reasons.engines.factory import stage_engine
from recbole_curec.reasons.failures import FAILURE_KINDS
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.language_model import load_tokenizer
from recbole_curec.reasons.teacher import EvidenceTeacher
from recbole_curec.rewards.functions import reward_functions
from recbole_curec.rewards.scorer import RewardScorer
from recbole_curec.stage import StageContext, StageResult


def run(context: StageContext) -> StageResult:
    """Write the reason store, one file per batch until all are there."""
    collected = Collected.load(context.inputs["collect"])
    corrector = corrector_of(context, collected)
    selection = _selection(context, collected.history)
    builder = collected.builder(context.settings.collect)

    records: list[ReasonRecord] = []
    earlier: defaultdict[str, list[ReasonRecord]] = defaultdict(list)
    with tqdm(total=len(selection), desc="correct", unit="reason", disable=not context.show_progress) as bar:
        for step, places in enumerate(time_steps(selection.users)):
            done = []
            for batch in _batches(places, context.settings.generate.generation_batch_size):
                done += _batch(context, builder, corrector, step, selection.take(batch), earlier)
                bar.update(len(batch))
            for record in done:
                earlier[record.written_for].append(record)
            records += done
    write_records(records, context.folder / STORE)
    return _result(records, context.settings.correct.shuffle_users)


def _selection(context: StageContext, history: TrainHistory) -> Selection:
    settings = context.settings.correct
    rows = select_interactions(history, settings.reasons_per_item, np.random.default_rng([context.seed, 5]))
    if settings.shuffle_users:
        return for_other_users(history, rows, np.random.default_rng([context.seed, 5, 1]))
    return for_own_users(history, rows)


def corrector_of(context: StageContext, collected: Collected) -> Corrector:
    """The corrector with the language model, the reward model and the settings of a run."""
    settings = context.settings
    checker = GroundingChecker(collected.catalog)
    return Corrector(
        stage_engine(context, "reinforce"),
        load_tokenizer(context.inputs["reinforce"]),
        reward_functions(RewardScorer.load(context.inputs["reward"], collected.history), checker),
        checker,
        EvidenceTeacher(checker, context.seed),
        settings,
        context.seed,
    )


def _batches(places: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [places[start : start + size] for start in range(0, len(places), size)]


def _batch(
    context: StageContext,
    builder: EvidenceBuilder,
    corrector: Corrector,
    step: int,
    batch: Selection,
    earlier: dict[str, list[ReasonRecord]],
) -> list[ReasonRecord]:
    """Records of one batch: read back if an interrupted run wrote them, else made."""
    name = f"reasons-{step:04d}-{int(batch.rows[0]):09d}"
    path: Path = context.scratch / f"{name}.parquet"
    if path.is_file():
        return read_records(path)
    history = builder.history
    carried = context.settings.correct.carry_reasons
    items = history.items[batch.rows].tolist()
    jobs = []
    for user, item, position in zip(batch.users.tolist(), items, batch.positions.tolist(), strict=True):
        evidence = builder.build(user, item, position)
        told = carried_reasons(earlier[str(history.user_tokens[user])], evidence, carried)
        jobs.append(Job(user, item, position, evidence, told))
    records = [
        _standing_for(record, history, int(row))
        for record, row in zip(corrector.write(jobs, name), batch.rows, strict=True)
    ]
    write_records(records, path)
    return records


def carried_reasons(earlier: Sequence[ReasonRecord], evidence: Evidence, count: int) -> tuple[str, ...]:
    """The user's latest reasons that a prompt may show.

    Those that quote a review of the prompt's own target are left out: where a user took an item twice, such a review
    may be the one written for the very interaction.

    Args:
        earlier: The user's reasons so far, oldest first.
        evidence: The prompt's evidence.
        count: How many to show at most.
    """
    told = [record.text for record in earlier if not record.evidence.quotes_review_of(evidence.target)]
    return tuple(told[max(len(told) - count, 0) :])


def _standing_for(record: ReasonRecord, history: TrainHistory, row: int) -> ReasonRecord:
    """The record under the interaction it stands for; its evidence says for whom it was written."""
    user = int(np.searchsorted(history.indptr, row, side="right") - 1)
    return replace(record, user=str(history.user_tokens[user]), position=row - int(history.indptr[user]))


def _result(records: list[ReasonRecord], shuffled: bool) -> StageResult:
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
        f"{outcomes['left'] * share:.1%} left with a low reward; "
        f"reward {before:.3f} -> {after:.3f}"
    )
    return StageResult(summary, figures)


def _outcomes_by_failure(records: list[ReasonRecord]) -> dict[str, dict[str, int]]:
    """What became of the failed drafts, by kind of failure."""
    return {
        kind: dict(Counter(record.outcome for record in records if record.failure_kind == kind))
        for kind in FAILURE_KINDS
        if any(record.failure_kind == kind for record in records)
    }
