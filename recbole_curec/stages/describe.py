"""``describe``, before ``encode`` where it is on: one sentence about every item, by the untuned language model."""

from __future__ import annotations

from tqdm import tqdm

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collected import Collected
from recbole_curec.errors import ConfigurationError
from recbole_curec.features.descriptions import Descriptions, clean_description, description_prompts
from recbole_curec.llm.chat import fit
from recbole_curec.llm.engines.completion_log import CompletionLog
from recbole_curec.llm.engines.engine import Engine, EngineRequest
from recbole_curec.llm.loading import BaseModel, load_tokenizer, save_untuned
from recbole_curec.llm.messages import Message
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.sections import (
    TINY_KNOWS_NOTHING,
    DescribeSettings,
    GenerateSettings,
    LanguageModelSettings,
)
from recbole_curec.stages.align import language_model

_LOG, _BASE = "descriptions.jsonl", "untuned"


def run(job: Job) -> StageResult:
    """Ask once per item, greedily; until all are there, finished batches are kept in a log.

    Raises:
        ConfigurationError: The language model is the tiny one.
    """
    llm, workspace = job.settings.of(LanguageModelSettings), job.workspace
    base = BaseModel.of(llm, workspace.device)
    if base is None:
        raise ConfigurationError(TINY_KNOWS_NOTHING)
    save_untuned(base, workspace.scratch / _BASE)
    catalog = Collected.load(job.inputs["collect"]).catalog
    prompts = _prompts(job, catalog)
    written = _write(job, catalog, prompts)
    texts = [clean_description(completion) for completion in written]
    asked = [prompt[-1]["content"] for prompt in prompts]
    Descriptions(catalog.tokens[1:], asked, texts, llm.name).save(workspace.folder)
    lengths = [len(text.split()) for text in texts if text]
    figures = {
        "items": len(texts),
        "described": len(lengths),
        "distinct": len({text for text in texts if text}),
        "words": sum(lengths) / max(len(lengths), 1),
        "written_by": "model",
    }
    summary = (
        f"{len(lengths):,} of {len(texts):,} items have a sentence written by {llm.name}, {figures['distinct']:,} of "
        f"them distinct, {figures['words']:.1f} words each"
    )
    return StageResult(summary, figures)


def _prompts(job: Job, catalog: Catalog) -> list[list[Message]]:
    """A prompt per item; one that is too long loses its last attribute values."""
    tokenizer = load_tokenizer(job.workspace.scratch / _BASE)
    longest = job.settings.of(LanguageModelSettings).max_prompt_tokens

    def fitting(item: int) -> list[Message]:
        shorter = description_prompts(catalog, item)
        return fit(tokenizer, next(shorter), longest, lambda _: next(shorter, None))

    return [fitting(item) for item in range(1, catalog.n_items)]


def _write(job: Job, catalog: Catalog, prompts: list[list[Message]]) -> list[str]:
    """Completions in the order of the catalog.

    Batches are always cut at the same places and a half-written one is asked for again, because the last digits of a
    model's numbers, and so a close choice of words, depend on what stands beside a prompt.
    """
    workspace, size = job.workspace, job.settings.of(GenerateSettings).batch_size
    log, tokens = CompletionLog(workspace.scratch / _LOG), catalog.tokens[1:]
    engine: Engine | None = None
    with tqdm(total=len(prompts), desc="describe", unit="item", disable=not workspace.show_progress) as bar:
        for start in range(0, len(prompts), size):
            batch = tokens[start : start + size]
            if any(log.get(token) is None for token in batch):
                engine = engine or _engine(job)
                told = engine.write(prompts[start : start + size], temperature=0.0, seed=f"{workspace.seed}/{start}")
                for token, completion in zip(batch, told, strict=True):
                    log.add(token, completion)
            bar.update(len(batch))
    return [log.get(token) or "" for token in tokens]


def _engine(job: Job) -> Engine:
    workspace = job.workspace
    request = EngineRequest(
        weights=workspace.scratch / _BASE,
        model="describe",
        scratch=workspace.scratch,
        seed=workspace.seed,
        device=workspace.device,
        settings=job.settings,
        longest=job.settings.of(DescribeSettings).max_tokens,
    )
    opened: Engine = job.settings.entry(ENGINE).open(request)
    return opened


DESCRIBE = Stage(
    name="describe",
    run=run,
    settings=(DescribeSettings, LanguageModelSettings, GenerateSettings),
    choices=(ENGINE,),
    inputs=("collect",),
    resolved=language_model,
)
