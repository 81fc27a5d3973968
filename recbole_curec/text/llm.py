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
from recbole_curec.llm.loading import last_logits, load_model, place
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
        pooled = []
        for start in tqdm(range(0, len(texts), self.batch_size), desc="encode", unit="batch", leave=False):
            batch = self.tokenizer(
                list(texts[start : start + self.batch_size]), padding=True, truncation=True, max_length=_LONGEST,
                return_tensors="pt", split_special_tokens=True,
            ).to(self.device)  # fmt: skip
            # Only hidden states are read; logits over the whole vocabulary would need far more memory than they do.
            output = self.model(**batch, output_hidden_states=True, **last_logits(self.model, 1))
            hidden = output.hidden_states[-1].float()  # (B, L, H)
            mask = batch["attention_mask"].unsqueeze(-1)  # (B, L, 1)
            pooled.append(((hidden * mask).sum(1) / mask.sum(1).clamp(min=1)).cpu().numpy())
        return np.concatenate(pooled).astype(np.float32)
