"""``audit``, after ``correct`` where it is on: a language model judges claims of stored reasons, beside the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from recbole_curec.atomic_write import write_whole
from recbole_curec.data.collected import Collected
from recbole_curec.errors import in_one_line
from recbole_curec.llm.engines.openai import OpenAIEngine
from recbole_curec.llm.server import ServerSettings
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reasons.claim_judge import (
    MODEL_SETTING,
    Agreement,
    JudgedClaim,
    Source,
    claims_to_judge,
    read_verdict,
)
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.store import STORE, ReasonRecord, read_records
from recbole_curec.settings.sections import ClaimsSettings

AUDIT_TABLE = "audit.parquet"
# Disagreements of each kind that the figures quote.
_EXAMPLES = 5


def run(job: Job) -> StageResult:
    """Ask about every claim of the drawn reasons, greedily; answers are logged as they arrive.

    Raises:
        ServerError: The server fails; the answers so far are kept.
    """
    settings, workspace = job.settings.of(ClaimsSettings), job.workspace
    checker = checker_of(Collected.load(job.inputs["collect"]).catalog)
    drawn = draw(read_records(job.inputs["correct"] / STORE), settings.judged_reasons, workspace.seed)
    claims = [claim for record, source in drawn for claim in claims_to_judge(checker, record, source)]
    engine = OpenAIEngine.asking(
        job.settings.of(ServerSettings),
        settings.judge_model or "",
        workspace.scratch,
        max_new_tokens=settings.judge_max_tokens,
        model_setting=MODEL_SETTING,
    )
    answers = engine.write(
        [claim.prompt() for claim in claims],
        temperature=0.0,
        seed=f"{workspace.seed}/audit",
        description="audit",
        progress=workspace.show_progress,
    )
    verdicts = [read_verdict(answer) for answer in answers]
    table = _table(claims, answers, verdicts)
    write_whole({workspace.folder / AUDIT_TABLE: lambda temporary: table.to_parquet(temporary, index=False)})
    return _result(settings.judge_model or "", drawn, claims, verdicts)


def draw(records: Sequence[ReasonRecord], count: int, seed: int) -> list[tuple[ReasonRecord, Source]]:
    """Stored reasons at random, none twice: the first half to be read as final texts, the second as first drafts.

    Args:
        records: All stored reasons.
        count: How many are drawn; all of them if there are fewer.
        seed: Seed of the draw.
    """
    places = np.random.default_rng([seed, 5, 2]).permutation(len(records))[:count].tolist()
    texts = len(places) - len(places) // 2
    return [(records[place], "text" if number < texts else "draft") for number, place in enumerate(places)]


def _table(claims: Sequence[JudgedClaim], answers: Sequence[str], verdicts: Sequence[bool | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user": [claim.record.user for claim in claims],
            "item": [claim.record.item for claim in claims],
            "position": [claim.record.position for claim in claims],
            "source": [claim.source for claim in claims],
            "reason": [claim.reason for claim in claims],
            "claim": [claim.words for claim in claims],
            "rules": pd.array([claim.supported for claim in claims], dtype="boolean"),
            "judge": pd.array(list(verdicts), dtype="boolean"),
            "answer": list(map(in_one_line, answers)),
        }
    )


def _result(
    model: str,
    drawn: Sequence[tuple[ReasonRecord, Source]],
    claims: Sequence[JudgedClaim],
    verdicts: Sequence[bool | None],
) -> StageResult:
    judged = [(claim, verdict) for claim, verdict in zip(claims, verdicts, strict=True) if verdict is not None]
    agreement = Agreement([(claim.supported, verdict) for claim, verdict in judged])
    rules_alone = [claim for claim, verdict in judged if claim.supported and not verdict]
    judge_alone = [claim for claim, verdict in judged if verdict and not claim.supported]
    figures = {
        "judge": model,
        "reasons": len(drawn),
        "final_texts": sum(source == "text" for _, source in drawn),
        "drafts": sum(source == "draft" for _, source in drawn),
        "claims": len(claims),
        "unanswered": len(claims) - len(judged),
        "supported_by_rules": sum(claim.supported for claim, _ in judged),
        "supported_by_judge": sum(verdict for _, verdict in judged),
        "agreement": agreement.share,
        "kappa": agreement.kappa,
        "by_rules_alone": _disagreement(rules_alone),
        "by_judge_alone": _disagreement(judge_alone),
    }
    agreed = "none of them" if agreement.share is None else f"{agreement.share:.1%} of those answered"
    kappa = "no kappa" if agreement.kappa is None else f"kappa {agreement.kappa:z.2f}"
    summary = (
        f"{len(claims):,} claims of {len(drawn):,} reasons judged by {model}, {figures['unanswered']:,} without an "
        f"answer; rules and judge agree on {agreed} ({kappa}), {len(rules_alone):,} supported by the rules alone and "
        f"{len(judge_alone):,} by the judge alone"
    )
    return StageResult(summary, figures)


def _disagreement(claims: Sequence[JudgedClaim]) -> dict[str, Any]:
    examples = [{"claim": claim.words, "reason": claim.reason, "source": claim.source} for claim in claims[:_EXAMPLES]]
    return {"claims": len(claims), "examples": examples}


AUDIT = Stage(
    name="audit",
    run=run,
    settings=(ClaimsSettings, ServerSettings),
    inputs=("collect", "correct"),
    revision=4,
)
