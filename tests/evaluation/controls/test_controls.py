from __future__ import annotations

import pytest

from recbole_curec.errors import DataError
from recbole_curec.evaluation.controls.constant import constant_sentence
from recbole_curec.evaluation.controls.oracle import best_candidates
from recbole_curec.evaluation.controls.pool import SentencePool
from recbole_curec.evaluation.controls.popular import popular_sentence

POOL = SentencePool(
    [
        ("u1", "i", "The alien is very scary. Scored by a fine band."),
        ("u2", "i", "A very scary alien it is."),
        ("u3", "i", "The alien is scary; 8/10."),
        ("u1", "j", "The songs are very loud."),
    ]
)


def test_the_popular_sentence_is_of_the_item_and_by_others() -> None:
    found = popular_sentence([("u3", "i"), ("u2", "i"), ("u1", "j")], POOL)
    # Of u1's two sentences and u2's one, the scary alien is in two.
    assert found.texts["u3", "i"] in ("The alien is very scary.", "A very scary alien it is.")
    assert found.texts["u2", "i"] in ("The alien is very scary.", "The alien is scary;")
    constant = constant_sentence([("u9", "z")], POOL).texts["u9", "z"]
    assert found.texts["u1", "j"] == constant  # nobody else wrote about it
    assert not found.oracle


def test_the_constant_sentence_is_one_for_all() -> None:
    found = constant_sentence([("a", "b"), ("c", "d")], POOL)
    assert set(found.texts.values()) == {POOL.typical.most_typical()}
    assert "alien" in POOL.typical.most_typical()


def test_the_oracle_takes_the_nearest_candidate_and_says_so() -> None:
    pytest.importorskip("sacrebleu", reason="pip install 'sacrebleu>=2.6'")
    candidates = {("u", "i"): ["The songs are loud.", "The alien is scary.", "A scary alien."]}
    found = best_candidates("oracle", candidates, {("u", "i"): ("I think the alien is scary.",)})
    assert found.texts["u", "i"] == "The alien is scary."
    assert found.oracle


def test_no_sentence_is_no_pool() -> None:
    with pytest.raises(DataError, match="No training review has a sentence"):
        SentencePool([("u", "i", "8/10"), ("u", "j", "")])
