"""The tiny encoder: a BERT of one to two million parameters and its tokenizer, both made from training texts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from recbole_curec.settings.embed import EmbedSettings

_PAD, _FIRST, _BETWEEN = "[PAD]", "[CLS]", "[SEP]"
_HEAD_DIM = 32
_SPREAD = 0.02  # standard deviation of BERT's initial weights


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE tokenizer in lower case, which joins two texts as BERT's does.

    WordPiece is not used: the order of its first tokens, and so their ids, differs from process to process.

    Args:
        texts: Texts that the merges are fitted on.
        vocab_size: Size of the vocabulary.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        special_tokens=[_PAD, _FIRST, _BETWEEN],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{_FIRST} $A {_BETWEEN}",
        pair=f"{_FIRST} $A {_BETWEEN} $B:1 {_BETWEEN}:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (_FIRST, _BETWEEN)],
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=_PAD,
        cls_token=_FIRST,
        sep_token=_BETWEEN,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def build_tiny_encoder(
    texts: Iterable[str], settings: EmbedSettings, seed: int
) -> tuple[BertModel, PreTrainedTokenizerBase]:
    """A randomly initialised BERT and its tokenizer.

    The first vector of a token follows from its spelling and the seed, whatever its id. Encoders of several folds,
    whose vocabularies differ, so begin as nearly the same function.

    Args:
        texts: Chains and reviews of the training folds.
        settings: Size of the encoder.
        seed: Seed of the weights.
    """
    tokenizer = train_tokenizer(texts, settings.vocab_size)
    width = settings.hidden_size
    torch.manual_seed(seed)
    model = BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            num_hidden_layers=settings.layers,
            num_attention_heads=width // _HEAD_DIM,
            intermediate_size=2 * width,
            max_position_embeddings=settings.max_tokens,
            pad_token_id=tokenizer.pad_token_id,
            # torch's fused attention on a CPU, which saves two fifths of a step, has none.
            attention_probs_dropout_prob=0.0,
        ),
        add_pooling_layer=False,
    )
    vectors = model.embeddings.word_embeddings.weight.data  # (V, H)
    for token, row in tokenizer.get_vocab().items():
        vectors[row] = torch.from_numpy(_of_spelling(token, width, seed))
    return model, tokenizer


def _of_spelling(token: str, width: int, seed: int) -> NDArray[np.float32]:
    named = hashlib.blake2b(f"{seed}/{token}".encode(), digest_size=8).digest()
    drawn = np.random.default_rng(int.from_bytes(named)).standard_normal(width, dtype=np.float32)
    return np.asarray(_SPREAD * drawn, dtype=np.float32)
