"""How long a completion may be: derived from the alignment targets, and kept beside the model that learnt them."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from transformers import PreTrainedTokenizerBase

from recbole_curec.llm.chat import completion_length
from recbole_curec.settings.sections import TINY, LanguageModelSettings

logger = logging.getLogger(__name__)

_FILE = "completion.json"
# A model may need a few more tokens than the teacher for the same content.
_MARGIN, _MULTIPLE = 1.1, 8


def fit_length(
    completions: Sequence[str], tokenizer: PreTrainedTokenizerBase, llm: LanguageModelSettings
) -> tuple[LanguageModelSettings, float]:
    """Decide how long completions may be, from the targets that the model will learn.

    A tenth more than the longest target, at most :attr:`LanguageModelSettings.longest_reason`; the tiny model, whose
    tokenizer is made from the targets, gets all of that. A value in the settings stands. Says so if targets are cut.

    Args:
        completions: The targets.
        tokenizer: Tokenizer of the language model.
        llm: Settings of the language model.

    Returns:
        The settings with the length filled in, and the share of the targets that is longer.
    """
    lengths = np.array([completion_length(tokenizer, text) for text in completions])
    wanted = math.ceil(int(lengths.max()) * _MARGIN / _MULTIPLE) * _MULTIPLE
    derived = llm.max_reason_tokens is None and llm.name != TINY
    chosen = min(wanted, llm.longest_reason) if derived else llm.longest_reason
    cut = float((lengths > chosen).mean())
    if cut:
        logger.warning(
            "llm.max_reason_tokens: %d is less than %.1f%% of the alignment targets have; the longest has %d tokens. "
            "What is longer is cut: set it to %d.", chosen, 100 * cut, lengths.max(), wanted,
        )  # fmt: skip
    return llm.model_copy(update={"max_reason_tokens": chosen}), cut


def write_length(llm: LanguageModelSettings, folder: Path) -> None:
    """Keep the length beside a model."""
    (folder / _FILE).write_text(json.dumps({"max_reason_tokens": llm.longest_reason}), encoding="utf-8")


def read_length(llm: LanguageModelSettings, folder: Path) -> LanguageModelSettings:
    """The settings with the length that is kept beside a model, unless they have their own."""
    path = folder / _FILE
    if llm.max_reason_tokens is not None or not path.is_file():
        return llm
    return llm.model_copy(update=json.loads(path.read_text(encoding="utf-8")))
