"""``text_encoder: llm``: mean-pooled hidden states of the tuned language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from recbole_curec.extensions import ENCODERS
from recbole_curec.llm.engines.batched import length_batches
from recbole_curec.llm.head import hidden_states
from recbole_curec.llm.loading import load_model, place
from recbole_curec.settings.group import SettingsGroup, setting
from recbole_curec.text.encoder import EncoderRequest, TextEncoder

_LONGEST = 256


class HiddenStateSettings(SettingsGroup):
    """``text_encoder: llm``."""

    section: ClassVar[str] = "hidden_states"
    batch_size: int = setting(128, "Texts encoded at a time.", alias="hidden_states_batch_size", advanced=True, ge=1)


@ENCODERS.register
class HiddenStateEncoder(TextEncoder):
    """Mean-pooled last hidden states of a causal language model."""

    name: ClassVar[str] = "llm"
    settings_groups: ClassVar[tuple[type[SettingsGroup], ...]] = (HiddenStateSettings,)
    reads_language_model: ClassVar[bool] = True
    revision: ClassVar[int] = 2

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase, device: torch.device, batch_size: int) -> None:
        self.model, self.tokenizer = place(model, device).eval(), tokenizer
        self.device, self.batch_size = device, batch_size

    @classmethod
    def prepare(cls, request: EncoderRequest) -> HiddenStateEncoder:
        """Load the tuned language model."""
        assert request.language_model is not None  # noqa: S101 - the stage gives it to encoders that read it
        model, tokenizer = load_model(request.language_model, device=request.device)
        return cls(model, tokenizer, request.device, request.settings.of(HiddenStateSettings).batch_size)

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape ``(n, D)``."""
        tokens = self.tokenizer(
            list(texts), padding=False, truncation=True, max_length=_LONGEST, split_special_tokens=True,
        )["input_ids"]  # fmt: skip
        # A text without tokens keeps zeros.
        vectors = np.zeros((len(texts), self.model.config.get_text_config().hidden_size), np.float32)
        filled = [row for row, written in enumerate(tokens) if written]
        batches = list(length_batches([tokens[row] for row in filled], self.batch_size))
        for places in tqdm(batches, desc="encode", unit="batch", leave=False):
            rows = [filled[place] for place in places]
            padded = self.tokenizer.pad({"input_ids": [tokens[row] for row in rows]}, return_tensors="pt")
            inputs = {name: padded[name].to(self.device) for name in ("input_ids", "attention_mask")}
            hidden = hidden_states(self.model, inputs).float()  # (B, L, H)
            mask = inputs["attention_mask"].unsqueeze(-1)  # (B, L, 1)
            pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
            vectors[rows] = pooled.cpu().numpy()
        return vectors
