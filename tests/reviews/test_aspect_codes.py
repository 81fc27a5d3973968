"""Codes of chains: alike where the same is named with the same sign, whatever the other chains are."""

from __future__ import annotations

import numpy as np

from recbole_curec.reviews.aspect_codes import AspectCodes, signed_words

CHAINS = ['+ "rich tone"', '- "rich tone"', '+ "rich tone"; - "broken zipper"', "none", ""]


def test_the_signed_content_words_of_a_chain() -> None:
    assert signed_words('+ "the rich tone"; - "broken zipper"') == {
        (1, "rich"), (1, "tone"), (-1, "broken"), (-1, "zipper")
    }  # fmt: skip
    assert signed_words("none") == signed_words("") == signed_words('+ "rich tone') == set()


def test_what_is_alike() -> None:
    codes = AspectCodes(CHAINS, 256, seed=1).of(CHAINS)
    assert codes.dtype == np.float32
    assert not codes[3:].any()
    alike = codes @ codes.T
    np.testing.assert_allclose(np.diag(alike)[:3], 1, atol=1e-6)
    assert abs(alike[0, 1]) < 0.25, "praise and blame of the same thing are unrelated"
    assert 0.4 < alike[0, 2] < 0.9, "half of what is named is the same"


def test_rare_words_weigh_more() -> None:
    told = ['+ "great tone"', '+ "great zipper"', *['+ "great price"'] * 50]
    codes = AspectCodes(told, 256, seed=1)
    great, tone = (codes._direction((1, word)) for word in ("great", "tone"))
    made = codes.of(told[:1])[0]
    assert made @ tone > 1.5 * (made @ great)


def test_other_chains_turn_no_axis() -> None:
    first, second = AspectCodes(CHAINS, 64, seed=1), AspectCodes(CHAINS[:1], 64, seed=1)
    np.testing.assert_array_equal(first._direction((1, "tone")), second._direction((1, "tone")))
    assert abs(first._direction((1, "tone")) @ AspectCodes(CHAINS, 64, seed=2)._direction((1, "tone"))) < 0.5
