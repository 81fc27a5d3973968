"""The engines that stages open over language models in training."""

from __future__ import annotations

from pathlib import Path

from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.engines.engine import EngineRequest
from recbole_curec.llm.engines.in_memory import InMemoryEngines
from recbole_curec.pipeline.stage import Job, Workspace
from recbole_curec.settings.choices import ENGINE


def in_memory_engines(job: Job, tokenizer: PreTrainedTokenizerBase, aligned: Path, place: Workspace) -> InMemoryEngines:
    """Engines over weights in training, which exist only in memory.

    Args:
        job: The stage's job.
        tokenizer: Tokenizer of the language model.
        aligned: Folder of the aligned model, which says how long completions are.
        place: Where the model is trained.
    """
    request = EngineRequest(aligned, "reinforce", place.scratch, place.seed, place.device, job.settings)
    return InMemoryEngines(job.settings.entry(ENGINE), request, tokenizer)
