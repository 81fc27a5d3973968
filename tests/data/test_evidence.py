from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.settings.sections import CollectSettings
from tests.examples import make_builder, make_catalog, toy_builder

CATALOG = make_catalog(
    {"a": ("Alien", ["Horror"]), "b": ("Brazil", ["Horror"]), "c": ("Clue", ["Horror"]), "d": ("Diner", ["Drama"])}
)
# Who shares what: see tests/data/test_item_pairs.py.
SEQUENCES = {"u1": "abc", "u2": "abcd", "u3": "bc", "u4": "ad"}
A, B, C, D = 1, 2, 3, 4


def test_evidence_of_a_true_pair_by_hand():
    evidence = make_builder(CATALOG, SEQUENCES).build(1, C, 2)
    assert (evidence.user, evidence.item, evidence.position) == ("u1", "c", 2)
    assert (evidence.target, evidence.attributes, evidence.history) == ("Clue", ("Horror",), ("Alien", "Brazil"))
    assert evidence.facts == (
        # Without u1, two users have b and c, and two each of them: 2 / sqrt(2 * 2). One has a and c: 1 / sqrt(2 * 2).
        Fact("similar", "Brazil", 2, 1.0),
        Fact("similar", "Alien", 1, 0.5),
        # Others: 6 of 8 interactions are Horror. The user: 2 of 2, with a prior of five interactions at the others'
        # share: a lift of (2 + 5 * 0.75) / (2 + 5) / 0.75 = 1.095, which is weak beside the other facts.
        # Others took each item twice: none is taken more than this one.
        Fact("popularity", "very popular", 0, 1.0),
    )


def test_evidence_of_a_sampled_pair_by_hand():
    evidence = make_builder(CATALOG, SEQUENCES).build(4, B, 2)
    assert evidence.facts == (
        Fact("similar", "Alien", 2, round(2 / np.sqrt(2 * 3), 4)),  # u4 does not have b, so three others do
        Fact("similar", "Diner", 1, round(1 / np.sqrt(1 * 3), 4)),
        # Others: 8 of 9 interactions; u4: one of two. Over-consumed it is not.
        Fact("together", "Clue", 3, 1.0),
        Fact("popularity", "very popular", 0, 1.0),
    )


def test_popularity_is_a_rank_among_what_others_took():
    (fact,) = make_builder(CATALOG, SEQUENCES).build(3, D, 0).facts_of("popularity")
    assert fact == Fact("popularity", "popular", 0, round(3 / 4, 1))  # others: a 3, b 2, c 2, d 2
    alone = make_builder(CATALOG, {"u1": "ab", "u2": "b"})
    assert alone.build(1, A, 0).facts == (Fact("popularity", "lesser known", 0, 0.0),)  # nobody else took it


def test_a_user_alone_gets_evidence_without_facts_about_others():
    evidence = make_builder(CATALOG, {"u1": "abc"}).build(1, C, 2)
    assert [fact.kind for fact in evidence.facts] == ["popularity"]
    assert evidence.history == ("Alien", "Brazil")


def test_settings_bound_what_is_shown():
    settings = CollectSettings(history_length=1, evidence_items=1, evidence_attributes=0)
    evidence = make_builder(CATALOG, SEQUENCES, settings).build(1, C, 2)
    assert evidence.history == ("Brazil",)
    assert [fact.kind for fact in evidence.facts] == ["similar", "popularity"]


def test_support_is_the_sum_of_similarities():
    assert make_builder(CATALOG, SEQUENCES).support(1, C, 2) == 1.5
    assert make_builder(CATALOG, SEQUENCES).support(1, C, 1) == 0.5
    assert make_builder(CATALOG, SEQUENCES).support(1, C, 0) == 0.0


def test_what_may_be_named():
    evidence = make_builder(CATALOG, SEQUENCES).build(4, B, 1)
    assert evidence.allowed_names == {"Brazil", "Alien", "Clue"}  # target, history, taken together
    assert evidence.allowed_labels == {"Horror"}


def test_record_round_trip():
    for user, item, position in ((1, C, 2), (4, B, 2), (3, D, 0)):
        evidence = make_builder(CATALOG, SEQUENCES).build(user, item, position)
        assert Evidence.from_record(evidence.record()) == evidence


@pytest.mark.parametrize(
    ("kind", "bounds"), [("similar", (0.2, 0.4)), ("together", (0.2, 0.4)), ("attribute", (1.4, 2.0))]
)
def test_levels(kind, bounds):
    fair, strong = bounds
    values = [fair - 0.01, fair, strong - 0.01, strong]
    assert [Fact(kind, "x", 1, value).level for value in values] == ["weak", "fair", "fair", "strong"]


ITEMS = [f"i{k}" for k in range(7)]
LABELS = ["Red", "Blue", "Round"]
SEQUENCE = st.lists(st.sampled_from(ITEMS), max_size=6)
WORLD = make_catalog(
    {item: (f"Thing {k}", [LABELS[k % 3], *(["Big"] if k % 2 else [])]) for k, item in enumerate(ITEMS)}
)
OTHERS = st.lists(SEQUENCE.filter(bool), min_size=1, max_size=5)


def world(mine, others):
    return make_builder(WORLD, {"me": mine, **{f"other{k}": row for k, row in enumerate(others)}})


@given(OTHERS, SEQUENCE, SEQUENCE, SEQUENCE, st.sampled_from(ITEMS))
def test_facts_never_depend_on_the_users_interactions_at_or_after_the_position(others, past, one, another, item):
    """The target may be among them or not: a true pair looks like a sampled one."""
    target, position = WORLD.index[item], len(past)
    evidence = [world(past + future, others).build(1, target, position) for future in (one, another)]
    assert evidence[0] == evidence[1]


@given(OTHERS, SEQUENCE, st.sampled_from(ITEMS), st.integers(0, 6))
def test_counts_are_those_of_the_other_users(others, mine, item, position):
    position = min(position, len(mine))
    evidence = world(mine, others).build(1, WORLD.index[item], position)
    names = {WORLD.names[WORLD.index[token]]: token for token in ITEMS}
    past = mine[:position]
    having = Counter(token for row in others for token in set(row))
    interactions = sum(map(len, others))
    for fact in evidence.facts:
        if fact.kind in ("similar", "together"):
            other = names[fact.name]
            both = sum(item in row and other in row for row in others)
            assert fact.count == both > 0
            assert fact.strength == pytest.approx(
                both / np.sqrt(max(having[other], 1) * max(having[item], 1)), abs=1e-4
            )
            assert other != item
            assert (other in past) == (fact.kind == "similar")
        elif fact.kind == "attribute":
            labels = {token: WORLD.attributes[WORLD.index[token]] for token in ITEMS}
            assert fact.name in labels[item]
            assert fact.count == sum(fact.name in labels[token] for token in past)
            share = sum(fact.name in labels[token] for row in others for token in row) / interactions
            assert fact.strength == pytest.approx((fact.count + 5 * share) / (len(past) + 5) / share, abs=1e-3)
        else:
            known = [count for count in having.values() if count]
            rank = sum(count <= having[item] for count in known) / len(known)
            assert fact.strength == pytest.approx(rank, abs=0.051)


def test_ids_may_be_numbered_in_any_order():
    """The same facts, whatever the order of users in the table."""
    renamed = {"u9": SEQUENCES["u1"], **{user: row for user, row in SEQUENCES.items() if user != "u1"}}
    first, second = make_builder(CATALOG, SEQUENCES).build(1, C, 2), make_builder(CATALOG, renamed).build(4, C, 2)
    assert first.facts == second.facts


def test_on_the_toy_dataset_the_topic_is_the_strongest_attribute():
    builder = toy_builder()
    topics = {item: builder.catalog.attributes[item][0] for item in range(1, builder.catalog.n_items)}
    for user in range(1, builder.history.n_users, 7):
        topic = topics[int(builder.history.of_user(user)[0])]
        (fact,) = builder.build(user, int(builder.history.of_user(user)[2]), 2).facts_of("attribute")
        assert (fact.name, fact.level) == (topic, "strong")
        stranger = next(item for item, other in topics.items() if other != topic)
        assert builder.build(user, stranger, 3).facts_of("attribute") == ()
