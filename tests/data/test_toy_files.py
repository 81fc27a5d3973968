"""The toy dataset is what dataset/README.md says it is."""

import importlib.util
from collections import Counter

import pandas as pd
import pytest

from tests.examples import TOY, toy_sequences


@pytest.fixture(scope="module")
def make_toy():
    spec = importlib.util.spec_from_file_location("make_toy", TOY.parent / "make_toy.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def topic():
    table = pd.read_csv(TOY / "toy.item", sep="\t")
    return dict(zip(table["item_id:token"], table["topic:token"], strict=True))


def test_the_script_writes_the_same_files_again(make_toy, tmp_path):
    make_toy.write(tmp_path)
    for name in ("toy.inter", "toy.item"):
        assert (tmp_path / name).read_bytes() == (TOY / name).read_bytes()


def test_sizes(topic):
    sequences = toy_sequences()
    assert len(sequences) == len(topic) == 400
    assert {len(items) for items in sequences.values()} == {5}
    assert set(Counter(item for items in sequences.values() for item in items).values()) == {5}
    assert set(Counter(item for items in sequences.values() for item in items[:3]).values()) == {3}
    assert set(Counter(topic.values()).values()) == {16}


def test_a_user_stays_in_one_topic(topic):
    assert all(len({topic[item] for item in items}) == 1 for items in toy_sequences().values())


def test_held_out_items_never_share_a_training_sequence_with_the_users_items():
    """Not even over other users: ids alone cannot lead from the training items to the held-out ones."""
    sequences = toy_sequences()
    group = {item: item for items in sequences.values() for item in items}
    for items in sequences.values():
        joined = {group[item] for item in items[:3]}
        group = {item: min(joined) if old in joined else old for item, old in group.items()}
    assert len(set(group.values())) == 100
    for items in sequences.values():
        assert len({group[item] for item in items[:3]}) == 1
        assert len({group[item] for item in items[2:]}) == 3


def test_titles_are_distinct_and_share_words_within_a_topic_alone(make_toy, topic):
    titles = pd.read_csv(TOY / "toy.item", sep="\t").set_index("item_id:token")["title:token_seq"]
    assert titles.is_unique
    words = {name: set(text.split()) for name, text in make_toy.TOPICS.items()}
    assert not set(make_toy.ADJECTIVES.split()) & set().union(*words.values())
    for item, title in titles.items():
        adjective, *rest = title.split()
        assert adjective in make_toy.ADJECTIVES
        assert len(set(rest) & words[topic[item]]) == 2
        assert not any(set(rest) & other for name, other in words.items() if name != topic[item])
