"""Stage 3, ``reward``: train and validate the reward model.

Positives are training interactions, negatives are sampled items for the same user and position. Reasons of both come
from the same generator, the aligned model, so style does not tell them apart; only what the evidence let it say does.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collect import Collected
from recbole_curec.features.encoders import LsaEncoder
from recbole_curec.reasons.engines.factory import stage_engine
from recbole_curec.reasons.generate import fit_reason_prompt
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.language_model import load_tokenizer
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.sampling import negative_item
from recbole_curec.reasons.teacher import EvidenceTeacher
from recbole_curec.rewards.fit import Pairs, fit_base, fit_reasons
from recbole_curec.rewards.model import RewardModel
from recbole_curec.rewards.scorer import RewardScorer
from recbole_curec.rewards.validate import validate
from recbole_curec.settings import RewardSettings
from recbole_curec.stage import StageContext, StageResult

# Folder of the judge within the artifact.
JUDGE = "judge"


def run(context: StageContext) -> StageResult:
    """Write reasons for positives and negatives, train the reward model and its judge, validate both.

    The judge is a second reward model with other users held out, another start and other orders. It guides nothing:
    ``reinforce`` reports what it thinks of the reasons, so that a policy that only exploits the first one shows.
    """
    settings = context.settings.reward
    collected = Collected.load(context.inputs["collect"])
    rng = np.random.default_rng([context.seed, 3])
    pairs = _draw(collected, context, rng)
    encoder = _encoder(collected.catalog, pairs, settings, context.seed)
    users = np.unique(pairs.users)
    count = max(1, int(settings.reward_holdout * len(users)))
    torch.manual_seed(context.seed)
    model = new_model(collected, encoder, settings)
    held_out = rng.permutation(users)[:count]
    report = _fit_and_validate(context, collected, model, encoder, pairs, held_out, rng, context.folder, context.seed)

    rng = np.random.default_rng([context.seed, 3, 1])
    others = np.setdiff1d(users, held_out)
    fold = rng.permutation(others if len(others) else users)[:count]
    (context.folder / JUDGE).mkdir(exist_ok=True)
    torch.manual_seed(context.seed + 1)
    judge = new_model(collected, encoder, settings)
    folder = context.folder / JUDGE
    judged = _fit_and_validate(context, collected, judge, encoder, pairs, fold, rng, folder, context.seed + 1)
    figures = {"positives": len(pairs.users), "held_out_users": len(held_out), **report, JUDGE: judged}
    summary = (
        f"{len(pairs.users):,} interactions and {pairs.items.size - len(pairs.users):,} negatives with a reason each; "
        f"on {len(held_out)} held-out users AUC {report['auc_with_reason']:.3f} with reason, "
        f"{report['auc_without_reason']:.3f} without, calibration error {report['calibration_error']:.3f}; "
        f"the true reason is preferred to another user's {report['prefers_true_user']:.0%}, another item's "
        f"{report['prefers_true_item']:.0%}, a shuffled one {report['prefers_true_evidence']:.0%}; "
        f"the judge's AUC is {judged['auc_with_reason']:.3f}"
    )
    return StageResult(summary, figures)


def new_model(collected: Collected, encoder: LsaEncoder, settings: RewardSettings) -> RewardModel:
    """An untrained reward model; torch's seed decides where it starts."""
    item_text = torch.from_numpy(encoder.encode(item_texts(collected.catalog)))
    return RewardModel(item_text, settings.reward_hidden_size)


def _fit_and_validate(
    context: StageContext,
    collected: Collected,
    model: RewardModel,
    encoder: LsaEncoder,
    pairs: Pairs,
    held_out: NDArray[np.int64],
    rng: np.random.Generator,
    folder: Path,
    probe_seed: int,
) -> dict[str, float]:
    """Train on all but the held-out users, save, and report what the model is worth on them."""
    settings, progress = context.settings.reward, context.show_progress
    mask = np.isin(pairs.users, held_out)
    fit_base(model, collected.history, held_out, settings, rng, progress)
    fit_reasons(model, collected.history, pairs.where(~mask), encoder, settings, rng, progress)
    scorer = RewardScorer(
        model,
        encoder,
        collected.history,
        history_length=settings.reward_history,
        probes=settings.reward_probes,
        seed=probe_seed,
    )
    scorer.save(folder)
    teacher = EvidenceTeacher(GroundingChecker(collected.catalog), context.seed)
    builder = collected.builder(context.settings.collect)
    return validate(scorer, pairs.where(mask), builder, teacher, rng, bins=settings.reward_calibration_bins)


def item_texts(catalog: Catalog) -> list[str]:
    """Text of every item with its name quoted, as reasons quote it, so that both share terms."""
    return [""] + [
        f'"{name}" {", ".join(labels)}' for name, labels in zip(catalog.names[1:], catalog.attributes[1:], strict=True)
    ]


def _draw(collected: Collected, context: StageContext, rng: np.random.Generator) -> Pairs:
    settings = context.settings.reward
    history = collected.history
    candidates = np.flatnonzero(history.positions > 0)
    rows = rng.permutation(candidates if len(candidates) else np.arange(history.n_interactions))
    rows = np.sort(rows[: settings.reward_positives])
    users, positions = history.users[rows], history.positions[rows]
    items = np.stack(
        [
            [
                int(history.items[row]),
                *(negative_item(history, int(user), rng) for _ in range(settings.reward_negatives)),
            ]
            for row, user in zip(rows, users, strict=True)
        ]
    )
    return Pairs(users, positions, items, _write(collected, context, users, positions, items))


def _write(
    collected: Collected,
    context: StageContext,
    users: NDArray[np.int64],
    positions: NDArray[np.int64],
    items: NDArray[np.int64],
) -> list[list[str]]:
    settings = context.settings
    tokenizer = load_tokenizer(context.inputs["align"])
    builder, prompts = collected.builder(settings.collect), PromptBuilder(settings.collect)
    messages = [
        fit_reason_prompt(
            tokenizer, prompts, builder.build(int(user), int(item), int(position)), settings.align.max_prompt_tokens
        )
        for user, position, row in zip(users, positions, items, strict=True)
        for item in row
    ]
    written = stage_engine(context, "align").write(
        messages,
        temperature=settings.generate.generation_temperature,
        seed=f"{context.seed}/reward",
        description="reasons for the reward model",
        progress=context.show_progress,
    )
    texts = [parse_reason(completion).text for completion in written]
    width = items.shape[1]
    return [texts[start : start + width] for start in range(0, len(texts), width)]


def _encoder(catalog: Catalog, pairs: Pairs, settings: RewardSettings, seed: int) -> LsaEncoder:
    written = [text for row in pairs.texts for text in row]
    return LsaEncoder.fit([*item_texts(catalog)[1:], *written], settings.reward_text_dim, seed)
