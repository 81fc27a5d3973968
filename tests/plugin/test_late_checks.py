"""What a late fusion refuses before anything is loaded, in one sentence each."""

import pytest

from recbole_curec.errors import ConfigurationError
from recbole_curec.plugin.arguments import parse_value
from recbole_curec.settings.travel import settings_of

LATE = {"fusion": "late"}
DYNAMIC = {"distribution": "uniform", "sample_num": 1, "dynamic": True, "candidate_num": 2}
COSINE = {"fusion": "late", "late.cosine": True}


@pytest.mark.parametrize(
    ("model", "settings", "message"),
    [
        ("CURec", LATE | {"late.towers": ["gate"]}, "['gate'] needs at least two towers: add one, or set recommend"),
        ("CURec", LATE | {"late.towers": ["none", "gaet"]}, "late.towers: 'gaet' is no fusion (nearest: 'gate'): use"),
        (
            "CURec",
            {"fusion": "lat"},
            "'lat' is no fusion (nearest: 'late'): use one of concat, frozen, gate, init, late",
        ),
        ("CURec", LATE | {"late.weights": "learned"}, "late.weights='learned' cannot be used"),
        ("CURec", LATE | {"late": {"tower": ["none", "gate"]}}, "did you mean 'late.towers'?"),
        ("CURec", LATE | {"late.towers": ["gate", "frozen"], "fusion_alignment": 0.1}, "fusion: frozen has no such"),
        ("CURec", LATE | {"late.towers": ["none", "none"], "fusion_alignment": 0.1}, "fusion: none has no such pair"),
        ("CURec", LATE | {"backbone": "DIN"}, "backbone: DIN scores one pair at a time: choose another backbone"),
        ("CURecGeneral", LATE | {"backbone": "NCL"}, "backbone: NCL needs RecBole's NCLTrainer, which trains a single"),
        (
            "CURecGeneral",
            LATE | {"train_neg_sample_args": DYNAMIC},
            "train_neg_sample_args: dynamic draws the negatives that one model scores highest",
        ),
        ("CURecGeneral", COSINE, "late.cosine: true needs model: CURec and train_mode: all_positions"),
        ("CURec", COSINE | {"train_mode": "prefixes"}, "late.cosine: true needs model: CURec and train_mode"),
        ("CURec", COSINE | {"late.towers": ["none", "none"]}, "late.towers ['none', 'none'] has none: add one"),
    ],
)
def test_refusals(load, toy, model, settings, message):
    with pytest.raises(ConfigurationError) as error:
        load(model, toy, **settings)
    assert message in str(error.value)


def test_towers_on_the_command_line(load, toy):
    towers = parse_value("late.towers", "[none, gate, gate]")
    assert towers == ["none", "gate", "gate"]
    settings = settings_of(load("CURec", toy, fusion="late", late_towers=towers))
    assert settings.late.towers == towers
    assert settings.uses_features
    assert [entry.name for entry in settings.chosen_entries() if entry.name in towers] == ["gate"]
    assert not settings_of(load("CURec", toy, fusion="late", late_towers=["none", "none"])).uses_features
