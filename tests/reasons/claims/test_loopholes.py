"""False sentences made of words that are harmless elsewhere: in other clauses, in fixed phrases, of other people."""

from __future__ import annotations

import pytest

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.reasons.claims import lexicon
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.tokens import Reader
from tests.examples import make_catalog
from tests.reasons.claims.judged import fault_kinds, without_fact
from tests.reasons.claims.test_plain_prose import CATALOG, CHECKER, EVIDENCE


@pytest.mark.parametrize(
    "text",
    [
        'You watched "Heat", and the action film "Fargo" should suit you.',
        '"Fargo" is often taken with crime films.',
        'It is often taken with dramas, so try "Fargo".',
        'It is often taken with "Fargo", so you may like it.',
        'The user took "Kolya", and many take them with "Fargo".',
        'This user took "Kolya" and "Heat", and "Fargo" is often taken with them.',
        '"Fargo" has an enormous following.',
        '"Fargo" enjoys an enormous popularity.',
        '"Fargo" is an intense drama.',
        'It must be said that "Fargo" is taken together with "Kolya".',
        'What can be said is that "Fargo" is chosen with "Kolya".',
        'As can be seen "Fargo" goes with "Kolya".',
        '"Fargo" will be taken with "Kolya".',
        '"Fargo" can be bought with "Kolya".',
        '"Fargo" should match "Kolya" perfectly.',
        '"Fargo" is a crime drama about obsession.',
        '"Fargo" is a drama about obsession, devotion and weakness.',
        '"Fargo" is a crime film about a treasure.',
        '"Fargo" tells of an infatuation.',
        '"Fargo" is a zealous and fanatical drama.',
        '"Fargo" is a voracious and insatiable story.',
        '"Fargo" is a film about loyal individuals.',
        '"Fargo" follows individuals who acquire a treasure.',
        '"Fargo" has a soft spot.',
        '"Fargo" is streaming.',
        '"Fargo" has an odd story about a firm.',
        '"Fargo" is a film about travel.',
        'You bought "Heat" at a bargain, so try "Fargo".',
        'You enjoyed the wind in "Heat", so try "Fargo".',
        '"Fargo" is a leading crime film.',
        '"Fargo" is from the same company as "Heat".',
        '"Fargo" broadened the genre of crime.',
        '"Fargo" fell out of favour.',
        'Your history began with "Heat", so try "Fargo".',
        '"Fargo" and "Kolya" fit like a glove.',
        '"Fargo" and "Kolya" are a match made in heaven.',
        '"Fargo" is in the same ballpark as "Kolya".',
        '"Fargo" is a natural extension of "Kolya".',
        '"Fargo" and "Kolya" can be found in the same baskets.',
        '"Ed Wood" wins you over, so "Fargo" might too.',
        '"Fargo" feels out of place in your history.',
        '"Fargo" rose to the top.',
        '"Ed Wood" delighted you, so try "Fargo".',
        '"Ed Wood" was handpicked by you, so try "Fargo".',
        '"Ed Wood" was bought by you, so try "Fargo".',
        '"Ed Wood" was added to your cart, so "Fargo" fits.',
        'You saw "Heat", and "Fargo" is from 1996; you like that.',
        'You saw "Heat", and "Fargo" is a 1996 film, and you like that year.',
        'A viewer of "Kolya" chose "Fargo".',
        'The owner of "Kolya" loved "Fargo".',
        'Someone who saw "Kolya" chose "Fargo", so you may like it.',
        'Drama is your obsession, so "Fargo" fits.',
        'Drama is your bread and butter, so "Fargo" fits.',
        'You devour drama, so try "Fargo".',
        'Your drama-heavy history makes "Fargo" a natural pick.',
        'You love some dramas, so try "Fargo".',
        'You religiously watch "Heat", so try "Fargo".',
        'You are obsessed with "Kolya", so try "Fargo".',
        '"Fargo" is most popular among fans of "Heat".',
        '"Fargo" has tons of fans.',
        'I think I enjoyed "Fargo".',
        '"Fargo" is easy to love.',
        '"Fargo" is a wise film.',
        '"Fargo" is an easy read.',
        '"Fargo" is already under your belt.',
        '"Fargo" is on a pile of dramas.',
        'You must have loved "Ed Wood", so try "Fargo".',
        'You will have seen "Ed Wood", so try "Fargo".',
        '"Fargo" is obscure among fans of "Heat".',
        'The recommended item: "Heat".',
        'We recommend "Heat" to you.',
        'The recommended item is "Heat", and you often choose crime films.',
        'The recommended film, "Kolya", is one that you took.',
        'Your recent history: "Kolya" and "Heat". The recommended item: "Heat" is one that you took.',
    ],
)
def test_a_false_sentence_is_found(text: str) -> None:
    assert fault_kinds(CHECKER, text, EVIDENCE) != set()


@pytest.mark.parametrize("text", ['You took "Heat", the latter is "Fargo".', 'Having loved your picks, try "Fargo".'])
def test_a_broken_sentence_raises_nothing(text: str) -> None:
    fault_kinds(CHECKER, text, EVIDENCE)


def test_a_label_is_no_item_whose_name_ends_like_it() -> None:
    catalog = make_catalog({"1": ("Glory", ["War"]), "2": ("Star Wars", ["Sci-Fi", "War"])})
    evidence = Evidence(
        user="u", item="1", position=3, target="Glory", attributes=("War",), history=("Star Wars",),
        facts=(Fact("similar", "Star Wars", 9, 0.3), Fact("attribute", "War", 7, 1.5)),
    )  # fmt: skip
    checker = ClaimChecker(catalog)
    assert (
        fault_kinds(checker, 'You watched "Star Wars", and you often choose the war genre, so try "Glory".', evidence)
        == set()
    )
    without = without_fact(evidence, "War")
    assert "preference" in fault_kinds(
        checker, 'You watched "Star Wars", and you like the war genre, so try "Glory".', without
    )


def test_every_phrase_is_read_as_itself() -> None:
    reader = Reader(CATALOG)
    nobody = Evidence(user="u", item="1", position=0, target="Fargo", attributes=(), history=(), facts=())
    read = {phrase: reader.tokens(phrase.replace("_", " "), nobody) for phrase in sorted(lexicon.PHRASES)}
    wrong = {phrase: [token.value for token in tokens] for phrase, tokens in read.items() if len(tokens) > 1}
    assert wrong == {}
