"""A space against its row: what it may name, and which stages its values make again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.tune.backbones import backbone_of, kind_of
from recbole_curec.tune.space_checks import check_space, stages_made_again
from recbole_curec.tune.spaces import Choice, Dimension, Space, Uniform
from tests.atomic_dataset import AtomicDataset

Load = Callable[..., Any]


def _check(config: Any, **dimensions: Dimension) -> None:
    check_space(Space({name.replace("__", "."): one for name, one in dimensions.items()}, "here"), "mine", config)


@pytest.mark.parametrize(
    ("model", "name", "one", "text"),
    [
        ("SASRec", "hidden_drop_prob", Choice((0.1,)), "is known neither to RecBole nor to CURec: did you mean"),
        ("SASRec", "mask_ratio", Choice((0.1,)), "mask_ratio changes nothing in SASRec"),
        ("CURec", "mask_ratio", Choice((0.1,)), "mask_ratio changes nothing in SASRec"),
        ("SASRec", "recommend__fusion", Choice(("gate",)), "since it is a setting of our models"),
        ("CURec", "align__steps", Choice((1, 2)), "align.steps changes nothing with recommend.fusion: none"),
        ("CURec", "late__weights", Choice(("equal",)), "late.weights changes nothing with recommend.fusion: none"),
        ("SASRec", "valid_metric", Choice(("MRR@10",)), "valid_metric cannot be tuned"),
        ("SASRec", "seed", Choice((1, 2)), "seed cannot be tuned"),
        ("SASRec", "checkpoint_dir", Choice(("a", "b")), "checkpoint_dir cannot be tuned"),
        ("CURec", "recommend__backbone", Choice(("SASRec",)), "recommend.backbone cannot be tuned"),
        ("CURec", "rank__use", Choice(("on",)), "rank.use cannot be tuned"),
        (
            "SASRec",
            "hidden_dropout_prob",
            Uniform(0.1, 1.0),
            "hidden_dropout_prob=1.0 cannot be used: it must be",
        ),
        ("SASRec", "learning_rate", Uniform(-0.1, 1.0), "learning_rate=-0.1 cannot be used"),
        ("SASRec", "train_batch_size", Choice((64, 0.5)), "train_batch_size=0.5 cannot be used"),
        ("CURec", "recommend__fusion_alignment", Choice((-1.0,)), "recommend.fusion_alignment=-1.0 cannot be used"),
    ],
)
def test_what_a_row_cannot_take_is_named(
    model: str, name: str, one: Dimension, text: str, toy: AtomicDataset, load: Load
) -> None:
    config = load(model, toy, check=False)
    with pytest.raises(ConfigurationError) as error:
        _check(config, **{name: one})
    assert str(error.value).startswith("Row 'mine', space (here): ")
    assert text in str(error.value)


def test_what_a_row_can_take(toy: AtomicDataset, load: Load) -> None:
    wrapped = load("CURec", toy, fusion="gate", backbone="GRU4Rec")
    _check(
        wrapped, recommend__fusion=Choice(("gate", "concat")), align__steps=Choice((1, 2)), num_layers=Choice((1, 2))
    )
    assert (backbone_of(wrapped), kind_of(wrapped)) == ("GRU4Rec", "sequential")
    plain = load("CURecGeneral", toy, backbone="LightGCN")
    _check(plain, n_layers=Choice((1, 2)), reg_weight=Uniform(0.0, 0.1))
    assert (backbone_of(plain), kind_of(plain)) == ("LightGCN", "general")


def test_settings_of_stages_say_what_is_made_again(toy: AtomicDataset, load: Load) -> None:
    config = load("CURec", toy, fusion="gate")
    space = Space(
        {
            "learning_rate": Uniform(0.0, 1.0),
            "recommend.fusion": Choice(("gate", "concat")),
            "encode.feature_dim": Choice((8, 16)),
            "align.steps": Choice((1, 2)),
        },
        "here",
    )
    assert stages_made_again(space, config) == {
        "encode.feature_dim": ["encode"],
        "align.steps": ["align", "reward", "reinforce", "correct", "encode"],
    }
    assert stages_made_again(space, load("CURec", toy, fusion="none")) == {}
