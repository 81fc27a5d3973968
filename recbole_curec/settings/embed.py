"""The settings of the stage ``embed``: the encoder of reviews and chains, and how it is trained."""

from __future__ import annotations

from typing import ClassVar, Literal

from recbole_curec.settings.group import SettingsGroup, setting

TINY_ENCODER = "tiny"
EmbeddedText = Literal["chain+review", "review", "chain"]


class EmbedSettings(SettingsGroup):
    """RecCoT's stage embed: the encoder that turns a review and the chain about it into a vector."""

    section: ClassVar[str] = "embed"
    # Not in the fingerprint by itself: the contents of the model are, wherever it lies.
    encoder: str = setting(
        TINY_ENCODER,
        "'tiny' builds a small BERT from the training texts; 'minilm' is all-MiniLM-L6-v2 from PyPI; else the folder "
        "of a BERT or sentence-transformers model.",
        alias="embed_encoder",
        path=True,
        changes_result=False,
    )
    text: EmbeddedText = setting("chain+review", "What the encoder reads of a review.", alias="embed_text")
    dim: int = setting(64, "Coordinates of a vector for the rating and the ids.", alias="embed_dim", ge=8)
    aspect_dim: int = setting(
        64,
        "Further coordinates for what the chain praises and blames; 0 leaves them out, and so does text: review, which "
        "reads no chain.",
        alias="embed_aspect_dim",
        ge=0,
    )
    word_dim: int = setting(
        128,
        "Further coordinates for the words of the text, which no rating takes part in; 0 leaves them out.",
        alias="embed_word_dim",
        ge=0,
    )
    epochs: int = setting(4, "Passes over the reviews of the other folds.", alias="embed_epochs", ge=1)
    batch_size: int = setting(
        64, "Reviews per step, which are one another's negatives.", alias="embed_batch_size", advanced=True, ge=2
    )
    learning_rate: float | None = setting(
        None,
        "Highest learning rate of the encoder; 0.002 for tiny, 0.0002 for an adapter, 0.00005 for a pretrained model "
        "trained in full.",
        alias="embed_learning_rate",
        advanced=True,
        gt=0,
    )
    max_tokens: int = setting(
        192, "Longest text; the longer one of chain and review is cut.", alias="embed_max_tokens", advanced=True, ge=16
    )
    contrast: float = setting(
        0.2, "Weight of the contrast with the ids beside that of the rating.", alias="embed_contrast", ge=0
    )
    temperature: float = setting(0.1, "Temperature of the contrast.", alias="embed_temperature", advanced=True, gt=0)
    rarity_weights: bool = setting(
        False,
        "Whether a review weighs one over the root of its rating's share, so that rare ratings count.",
        alias="embed_rarity_weights",
    )
    hidden_size: int = setting(
        128, "Width of the tiny encoder.", alias="embed_hidden_size", advanced=True, ge=32, multiple_of=32
    )
    layers: int = setting(2, "Layers of the tiny encoder.", alias="embed_layers", advanced=True, ge=1)
    vocab_size: int = setting(
        8000, "BPE vocabulary of the tiny encoder.", alias="embed_vocab_size", advanced=True, ge=320
    )
    lora_above: float = setting(
        50.0,
        "Millions of parameters above which a pretrained encoder gets an adapter (LoRA) and is not trained in full.",
        alias="embed_lora_above",
        advanced=True,
        ge=0,
    )
    lora_rank: int = setting(16, "LoRA rank of that adapter.", alias="embed_lora_rank", advanced=True, ge=1)

    @property
    def aspect_size(self) -> int:
        """Coordinates of a vector that hold aspects, behind those of the rating and the ids."""
        return 0 if self.text == "review" else self.aspect_dim

    @property
    def rated_size(self) -> int:
        """Coordinates that models made which had read ratings; those of the words follow."""
        return self.dim + self.aspect_size
