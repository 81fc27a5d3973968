"""Stage 3, ``reward``: train and validate two reward models, the one that guides RL and the judge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recbole_curec.data.collected import Collected
from recbole_curec.data.evidence import Evidence
from recbole_curec.data.user_split import UserSplit
from recbole_curec.llm.engines.engine import EngineRequest
from recbole_curec.llm.loading import load_tokenizer
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.reasons.claims.checkers import checker_of
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.prompt_styles import prompt_builder
from recbole_curec.reasons.prompts import ReasonRequest
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.reasons.writer import ReasonWriter
from recbole_curec.rewards.model.train import JUDGE, RewardTrainer, Trainee, draw_pairs, fit_encoder
from recbole_curec.rewards.model.train import REWARD as REWARD_HALF
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.sections import CollectSettings, GenerateSettings, LanguageModelSettings, RewardSettings
from recbole_curec.stages.evidence import evidence_builder, evidence_from


def run(job: Job) -> StageResult:
    """Write reasons for positives and negatives, train the reward model and the judge, validate both.

    The judge is a second reward model, trained on the other half of the reasons. It guides nothing: ``reinforce``
    reports its scores, so that a policy that only exploits the first reward model can be recognised. Both are validated
    on users that neither has seen; the split of users is saved with them, and RL uses the same split.
    """
    settings, seed = job.settings.of(RewardSettings), job.workspace.seed
    collected = Collected.load(job.inputs["collect"])
    builder = evidence_builder(job, collected)
    rng = np.random.default_rng([seed, 3])
    history, folder = collected.history, job.workspace.folder
    split = UserSplit.draw(history, settings.holdout, rng)
    split.save(folder)
    pairs = draw_pairs(history, split, settings, rng, builder.build, lambda evidence: _write(job, evidence))
    trainer = RewardTrainer(
        collected,
        split,
        pairs,
        fit_encoder(collected.catalog, pairs, settings, seed),
        settings,
        builder=builder,
        teacher=EvidenceTeacher(checker_of(collected.catalog), seed),
        progress=job.workspace.show_progress,
    )
    report = trainer.train(Trainee(REWARD_HALF, rng, seed, folder))
    rng = np.random.default_rng([seed, 3, 1])
    judged = trainer.train(Trainee(JUDGE, rng, seed + 1, folder / JUDGE))
    users = {name: len(getattr(split, name)) for name in ("trained", "probe")}
    figures = {"positives": len(pairs.users), "users": users, **report, JUDGE: judged}
    summary = (
        f"{len(pairs.users):,} interactions and {pairs.items.size - len(pairs.users):,} negatives with a reason each; "
        f"on {len(split.probe)} held-out users AUC {report['auc_with_reason']:.3f} with reason, "
        f"{report['auc_without_reason']:.3f} without, calibration error {report['calibration_error']:.3f}; "
        f"the true reason is preferred to another user's {report['prefers_true_user']:.0%}, another item's "
        f"{report['prefers_true_item']:.0%}, a shuffled one {report['prefers_true_evidence']:.0%}; "
        f"the judge's AUC is {judged['auc_with_reason']:.3f}"
    )
    return StageResult(summary, figures)


def _write(job: Job, evidence: Sequence[Evidence]) -> list[str]:
    """Reasons of the aligned language model, without the thinking before them."""
    workspace, weights = job.workspace, job.inputs["align"]
    engine = job.settings.entry(ENGINE).open(
        EngineRequest(weights, "align", workspace.scratch, workspace.seed, workspace.device, job.settings)
    )
    writer = ReasonWriter(
        engine,
        load_tokenizer(weights),
        prompt_builder(job.settings),
        max_prompt_tokens=job.settings.of(LanguageModelSettings).max_prompt_tokens,
        temperature=job.settings.of(GenerateSettings).temperature,
    )
    written = writer.write(
        [ReasonRequest(one) for one in evidence],
        f"{workspace.seed}/reward",
        description="reasons for the reward model",
        progress=workspace.show_progress,
    )
    return [parse_reason(completion).text for completion in written]


REWARD = Stage(
    name="reward",
    run=run,
    settings=(RewardSettings, CollectSettings, GenerateSettings, LanguageModelSettings),
    choices=(ENGINE,),
    inputs=evidence_from("collect", "align"),
    revision=3,
)
