from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.metrics.bertscore import BertScore
from recbole_curec.evaluation.metrics.metric import Sample

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "dog", "sat"]


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights, and words as tokens."""
    folder = tmp_path_factory.mktemp("bert")
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep")}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **names).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
    )
    BertModel(config).save_pretrained(folder)
    return folder


def test_the_same_words_have_1_and_the_best_reference_counts(tiny_bert: Path) -> None:
    pytest.importorskip("bert_score", reason="pip install 'bert-score>=0.3.13'")
    metric = BertScore(tiny_bert)
    assert not metric.rescaled  # no baseline is known for this model
    found = metric.measure(Sample(("the cat sat", "the cat sat"), (("the dog", "the cat sat"), ("dog",))))["bertscore"]
    assert found.by_pair is not None
    assert found.by_pair[0] == pytest.approx(1, abs=1e-5)
    assert found.by_pair[1] < 0.999


def test_what_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: Any = importlib.util.find_spec
    if found("bert_score") is not None:
        with pytest.raises(ConfigurationError, match=r"bertscore='.*' holds no config\.json of an encoder"):
            BertScore(tmp_path)
        (tmp_path / "config.json").write_text(json.dumps({"num_hidden_layers": 2}), encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"bertscore='.*' cannot be loaded"):
            BertScore(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "bert_score" else found(name))
    with pytest.raises(ConfigurationError, match=r"pip install 'bert-score>=0\.3\.13'"):
        BertScore(tmp_path)
