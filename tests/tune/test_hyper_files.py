"""RecBole's ``.hyper`` files: the same values as RecBole reads, without running them as code."""

from __future__ import annotations

import math

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.tune.hyper_files import parse_hyper
from recbole_curec.tune.spaces import Choice, LogUniform, Stepped, Uniform


def test_every_kind_of_line() -> None:
    text = """
# a comment
learning_rate loguniform -8,0
embedding_size choice [64, 96 ,128]
mlp_hidden_size choice ['[64,64,64]','[128,128]']
train_type choice ['a', 'b']
dropout_prob uniform 0.1, 0.5
train_batch_size quniform 512,2048,512
"""
    assert parse_hyper(text, "x.hyper") == {
        "learning_rate": LogUniform(math.exp(-8), 1.0),
        "embedding_size": Choice((64, 96, 128)),
        "mlp_hidden_size": Choice(([64, 64, 64], [128, 128])),
        "train_type": Choice(("a", "b")),
        "dropout_prob": Uniform(0.1, 0.5),
        "train_batch_size": Stepped(512, 2048, 512),
    }


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("embedding_size choice", "is not of the form '<setting> <kind> <arguments>'"),
        ("embedding_size choice __import__('os').getcwd()", "is no list of literals"),
        ("embedding_size choice 64", "is no list of literals"),
        ("embedding_size choice [64", "is no list of literals"),
        ("dropout_prob uniform 0.1;0.5", "give numbers with commas"),
        ("dropout_prob uniform 0.5,0.1", "the first bound must be lower"),
        ("learning_rate loguniform 0,1000", "bounds are natural logarithms"),
        ("learning_rate normal 0,1", "there is no 'normal': use one of choice, uniform, quniform, loguniform"),
        ("first choice [1]", "first is given twice"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_not_skipped(line: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse_hyper(f"first choice [1, 2]\n\n{line}\n", "x.hyper")
    assert str(error.value).startswith("Space 'x.hyper', line 3: ")
    assert text in str(error.value)
