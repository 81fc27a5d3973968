from __future__ import annotations

import importlib.util
from math import exp
from typing import Any

import numpy as np
import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.metrics.bleu import Bleu, sentence_bleu
from recbole_curec.evaluation.metrics.metric import Sample

pytest.importorskip("sacrebleu", reason="pip install 'sacrebleu>=2.6'")

# Seven tokens with the full stop. Against the reference, 'the', 'cat', 'sat', 'on' and 'mat' match (the second 'the'
# does not: the reference has one), 3 of 6 pairs, 2 of 5 triples, 1 of 4 runs of four.
TEXT, REFERENCE = "The cat sat on the mat.", "the cat sat on a mat"


def test_values_by_hand() -> None:
    found = Bleu().measure(Sample((TEXT,), ((REFERENCE, "a cat"),)))
    assert found["bleu_1"].value == pytest.approx(100 * 5 / 7)
    assert found["bleu_4"].value == pytest.approx(100 * (5 / 7 * 3 / 6 * 2 / 5 * 1 / 4) ** 0.25)
    assert sentence_bleu(TEXT, (REFERENCE,)) == pytest.approx(found["bleu_4"].value)


def test_a_short_text_is_penalised() -> None:
    # All three tokens match; the reference has six, so the penalty is exp(1 - 6/3).
    found = Bleu().measure(Sample(("the cat sat",), ((REFERENCE,),)))
    assert found["bleu_1"].value == pytest.approx(100 * exp(-1))


def test_the_corpus_counts_before_it_divides() -> None:
    # 5 of 7 tokens and 0 of 1: 5 of 8 in all, not the mean of 5/7 and 0.
    sample = Sample((TEXT, "dog"), ((REFERENCE,), ("bird",)))
    found = Bleu().measure(sample)["bleu_1"]
    assert found.value == pytest.approx(100 * 5 / 8)
    assert found.by_pair is not None and found.by_pair[0] == pytest.approx(100 * 5 / 7)
    assert found.parts is not None and found.total is not None
    assert found.total(found.parts[0]) == pytest.approx(100 * 5 / 7)
    assert found.total(np.array([3.0, 0.0]) @ found.parts) == pytest.approx(100 * 5 / 7)  # the first pair three times


def test_a_missing_package_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Any = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sacrebleu" else found(name))
    with pytest.raises(ConfigurationError, match=r"BLEU needs the package sacrebleu: pip install 'sacrebleu>=2\.6'\."):
        Bleu()
