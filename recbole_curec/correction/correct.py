"""Stage 5, ``correct``: walk the selected interactions in time order, write and correct a reason for each."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recbole_curec.correction.corrector import Corrector, Job
from recbole_curec.correction.select import select_interactions, time_steps
from recbole_curec.correction.store import STORE, ReasonRecord, read_records, write_records
from recbole_curec.data.collect import Collected
from recbole_curec.reasons.generate import Generator
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.language_model import load_model
from recbole_curec.reasons.teacher import EvidenceTeacher
from recbole_curec.rewards.functions import reward_functions
from recbole_curec.rewards.scorer import RewardScorer
from recbole_curec.stage import StageContext, StageResult


def run(context: StageContext) -> StageResult:
    """Write the reason store, one file per batch until all are there."""
    collected = Collected.load(context.inputs["collect"])
    corrector = _corrector(context, collected)
    history = collected.history
    rng = np.random.default_rng([context.seed, 5])
    rows = select_interactions(history, context.settings.correct.reasons_per_item, rng)

    records: list[ReasonRecord] = []
    earlier: defaultdict[str, list[str]] = defaultdict(list)
    with tqdm(total=len(rows), desc="correct", unit="reason", disable=not context.show_progress) as bar:
        for step, step_rows in enumerate(time_steps(history, rows)):
            done = []
            for batch in _batches(step_rows, context.settings.generate.generation_batch_size):
                done += _batch(context, collected, corrector, step, batch, earlier)
                bar.update(len(batch))
            for record in done:
                earlier[record.user].append(record.text)
            records += done
    write_records(records, context.folder / STORE)
    return _result(records)


def _corrector(context: StageContext, collected: Collected) -> Corrector:
    settings = context.settings
    model, tokenizer = load_model(context.inputs["reinforce"])
    generator = Generator.for_stage(context, model, tokenizer)
    checker = GroundingChecker(collected.catalog)
    return Corrector(
        generator,
        tokenizer,
        reward_functions(RewardScorer.load(context.inputs["reward"], collected.history), checker),
        checker,
        EvidenceTeacher(checker, context.seed),
        settings,
        context.seed,
    )


def _batches(rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _batch(
    context: StageContext,
    collected: Collected,
    corrector: Corrector,
    step: int,
    rows: NDArray[np.int64],
    earlier: dict[str, list[str]],
) -> list[ReasonRecord]:
    """Records of one batch: read back if an interrupted run wrote them, else made."""
    name = f"reasons-{step:04d}-{int(rows[0]):09d}"
    path: Path = context.scratch / f"{name}.parquet"
    if path.is_file():
        return read_records(path)
    history, builder = collected.history, collected.builder(context.settings.collect)
    carried = context.settings.correct.carry_reasons
    jobs = []
    for row in rows:
        user = int(np.searchsorted(history.indptr, row, side="right") - 1)
        item, position = int(history.items[row]), int(row - history.indptr[user])
        told = earlier[str(history.user_tokens[user])]
        jobs.append(Job(user, item, position, builder.build(user, item, position), tuple(told[len(told) - carried :])))
    records = corrector.write(jobs, name)
    write_records(records, path)
    return records


def _result(records: list[ReasonRecord]) -> StageResult:
    failed = [record for record in records if record.failure]
    teacher = sum(record.teacher for record in records)
    repaired = sum(not record.teacher and record.failure is not None and record.rounds > 0 for record in records)
    kinds = Counter(_kind(record.failure) for record in failed if record.failure)
    distinct = len({record.text for record in records}) / len(records)
    before = float(np.mean([record.draft_reward for record in records]))
    after = float(np.mean([record.rewards["total"] for record in records]))
    figures = {
        "reasons": len(records),
        "items": len({record.item for record in records}),
        "failed": len(failed),
        "failures": dict(kinds),
        "teacher": teacher,
        "distinct": distinct,
        "reward_before": before,
        "reward_after": after,
    }
    share = 1 / len(records)
    summary = (
        f"{len(records):,} reasons for {figures['items']:,} items, {distinct:.1%} distinct; "
        f"{len(failed) * share:.1%} of drafts failed "
        f"({', '.join(f'{kind} {count * share:.1%}' for kind, count in kinds.most_common()) or 'none'}), "
        f"{repaired * share:.1%} revised by the model, {teacher * share:.1%} replaced by the teacher; "
        f"reward {before:.3f} -> {after:.3f}"
    )
    return StageResult(summary, figures)


def _kind(failure: str) -> str:
    if failure.endswith("is not in the facts"):
        return "ungrounded"
    if failure == "the target is not named":
        return "off target"
    return "low reward" if failure == "say more about this user" else "format"
