"""Training of a late fusion: every tower as if alone, its own early stopping, checkpoints, weights."""

import logging

import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer, init_seed
from torch import nn

from recbole_curec.errors import ConfigurationError
from recbole_curec.model.late.towers import _seed
from recbole_curec.model.sequential_recommender.curec import CURec
from recbole_curec.plugin.checkpoints import load_plain
from recbole_curec.plugin.late_trainer import LateTraining, TowerProgress, weight_grid
from recbole_curec.plugin.loading import load_run
from recbole_curec.plugin.trainers import CURecTrainer
from recbole_curec.settings.travel import with_fusion

TOWERS = {"fusion": "late", "late.towers": ["gate", "none", "gate"]}
CLIPPED = {"clip_grad_norm": {"max_norm": 0.5}, "weight_decay": 0.01}
NEGATIVES = {"distribution": "uniform", "sample_num": 1}
PREFIXES = {"train_mode": "prefixes"}


@pytest.fixture
def prepare(load, toy, fake_pipeline):
    def build(model, **overrides):
        config = load(model, toy, **overrides)
        init_seed(config["seed"], config["reproducibility"])
        loaders = data_preparation(config, create_dataset(config))
        init_seed(config["seed"], config["reproducibility"])
        net = get_model(config["model"])(config, loaders[0].dataset)
        return loaders, get_trainer(config["MODEL_TYPE"], config["model"])(config, net)

    return build


def same(first, second):
    return all(torch.equal(mine, theirs) for mine, theirs in zip(first.parameters(), second.parameters(), strict=True))


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("CURec", CLIPPED),
        ("CURec", {"loss": "sampled_CE", "sampled_negatives": 8, "fusion_alignment": 0.1}),
        ("CURec", {"loss": "BPR", "sampled_negatives": 8}),
        ("CURec", {**PREFIXES, "backbone": "GRU4Rec"}),
        ("CURec", {**PREFIXES, "loss": "BPR", "train_neg_sample_args": NEGATIVES}),
        ("CURecGeneral", CLIPPED),
        ("CURecGeneral", {"backbone": "LightGCN"}),
    ],
)
def test_the_first_tower_is_trained_as_it_would_be_alone(prepare, model, settings):
    (train, _, _), trainer = prepare(model, epochs=1, **settings, **TOWERS)
    trainer.fit(train, verbose=False, saved=False)
    (train, _, _), alone = prepare(model, epochs=1, **settings, fusion="gate")
    alone.fit(train, verbose=False, saved=False)
    assert isinstance(trainer, LateTraining)
    assert not isinstance(alone, LateTraining)
    assert same(trainer.model.towers[0], alone.model)


@pytest.mark.parametrize("loss", ["CE", "sampled_CE"])
def test_the_other_towers_are_trained_as_they_would_be_alone(prepare, loss):
    settings = {"loss": loss, "sampled_negatives": 8, **(CLIPPED if loss == "CE" else {})}
    (train, _, _), trainer = prepare("CURec", **settings, **TOWERS)
    trainer.fit(train, verbose=False, saved=False)
    _seed(trainer.config["seed"], True, 2)
    own = with_fusion(trainer.config, "gate", 0.0)
    alone = CURecTrainer(own, CURec(own, train.dataset))
    alone.fit(train, verbose=False, saved=False)
    assert same(trainer.model.towers[2], alone.model)
    assert not same(trainer.model.towers[0], alone.model)


def test_towers_stop_one_by_one_and_the_checkpoint_holds_their_best_epochs(prepare, monkeypatch, caplog):
    (train, valid, _), trainer = prepare("CURec", epochs=9, stopping_step=1, **TOWERS)
    towers = list(trainer.model.towers)
    # Best epochs 2, 0 and 4; each stops at the second miss.
    scores = {0: [0.1, 0.1, 0.3, 0.2, 0.2], 1: [0.5, 0.4, 0.4], 2: [0.1, 0.2, 0.2, 0.1, 0.6, 0.5, 0.5]}
    best, seen = {0: 2, 1: 0, 2: 4}, {number: [] for number in scores}
    states = {}

    def evaluated(self, _data, **_options):
        for number, tower in enumerate(towers):
            if tower is self.model:
                if len(seen[number]) == best[number]:
                    states[number] = [parameter.detach().clone() for parameter in tower.parameters()]
                seen[number].append(scores[number][len(seen[number])])
                return {"ndcg@10": seen[number][-1]}
        return {"ndcg@10": 0.7}

    monkeypatch.setattr(type(trainer), "evaluate", evaluated)
    with caplog.at_level(logging.INFO):
        assert trainer.fit(train, valid) == (0.7, {"ndcg@10": 0.7})
    monkeypatch.undo()
    assert seen == scores
    assert list(trainer.train_loss_dict) == list(range(7))
    assert "tower 1 (gate): weight 0.33, best epoch 2, valid ndcg@10 0.3000" in caplog.text
    assert caplog.text.count("tower 2 (none) loss: ") == 3
    assert "sum of the towers: valid ndcg@10 0.7000" in caplog.text
    saved = load_plain(trainer.saved_model_file)
    assert saved["other_parameter"]["progress"] == [
        {"fusion": "gate", "epoch": 2, "score": 0.3, "misses": 2, "stopped": True},
        {"fusion": "none", "epoch": 0, "score": 0.5, "misses": 2, "stopped": True},
        {"fusion": "gate", "epoch": 4, "score": 0.6, "misses": 2, "stopped": True},
    ]
    for number, wanted in states.items():
        names = [name for name, _ in trainer.model.towers[number].named_parameters()]
        for name, tensor in zip(names, wanted, strict=True):
            assert torch.equal(saved["state_dict"][f"towers.{number}.{name}"], tensor)
    assert not same(trainer.model.towers[0], trainer.model.towers[2])


@pytest.mark.parametrize(("model", "settings"), [("CURec", {}), ("CURecGeneral", {"backbone": "LightGCN"})])
def test_a_checkpoint_is_loaded_and_resumed(prepare, toy, model, settings):
    settings = {**settings, **TOWERS, "late.weights": "validation"}
    (train, valid, test), trainer = prepare(model, epochs=3, stopping_step=5, **settings)
    score, result = trainer.fit(train, valid, verbose=False)
    assert result["ndcg@10"] == score
    tested = trainer.evaluate(test)
    run = load_run(trainer.saved_model_file)
    batch = next(iter(test))[0]
    with torch.no_grad():
        expected = trainer.model.eval().full_sort_predict(batch)
        assert torch.equal(run.model.full_sort_predict(batch), expected)
    assert torch.equal(run.model.weights, trainer.model.weights)
    (train, valid, test), again = prepare(model, epochs=5, stopping_step=5, **settings)
    again.resume_checkpoint(trainer.saved_model_file)
    assert same(again.model, trainer.model)
    assert again.evaluate(test, load_best_model=False) == tested
    assert [kept.epoch for kept in again._progress] == [kept.epoch for kept in trainer._progress]
    again.fit(train, valid, verbose=False)
    assert list(again.train_loss_dict) == [3, 4]
    assert all(new.best >= old.best for new, old in zip(again._progress, trainer._progress, strict=True))


def test_towers_that_had_stopped_are_not_trained_on_after_a_resume(prepare, monkeypatch):
    scores = {0: [0.1, 0.2, 0.3, 0.2, 0.2], 1: [0.5, 0.4, 0.4], 2: [0.1, 0.3, 0.2, 0.1]}

    def trained(epochs, checkpoint=None):
        (train, valid, _), trainer = prepare("CURec", epochs=epochs, stopping_step=1, **TOWERS)
        towers, validated = list(trainer.model.towers), []

        def evaluated(self, _data, **_options):
            number = next((place for place, tower in enumerate(towers) if tower is self.model), None)
            validated.append(number)
            return {"ndcg@10": 0.7 if number is None else left[number].pop(0)}

        monkeypatch.setattr(type(trainer), "evaluate", evaluated)
        if checkpoint:
            trainer.resume_checkpoint(checkpoint)
        trainer.fit(train, valid, verbose=False)
        return trainer, validated

    left = {number: list(values) for number, values in scores.items()}
    first, _ = trained(3)  # the tower of ids stops, the third has missed once
    assert first.model.active == [0, 2]
    second, validated = trained(9, first.saved_model_file)
    assert validated == [0, 2, 0, None]
    assert [kept.epoch for kept in second._progress] == [2, 0, 1]
    assert same(second.model.towers[1], first.model.towers[1])
    done, validated = trained(9, second.saved_model_file)
    assert validated == [None]
    assert not done.train_loss_dict
    assert load_plain(done.saved_model_file)["epoch"] == load_plain(second.saved_model_file)["epoch"] == 4
    assert same(done.model, second.model)


def test_the_best_weights_are_chosen_on_validation(prepare, monkeypatch):
    (train, valid, _), trainer = prepare("CURecGeneral", epochs=1, **{**TOWERS, "late.weights": "validation"})
    wanted = torch.tensor([0.25, 0.0, 0.75])

    def evaluated(self, _data, **_options):
        alone = not hasattr(self.model, "weights")
        return {"ndcg@10": 0.1 if alone else 1 - (self.model.weights - wanted).abs().sum().item()}

    monkeypatch.setattr(type(trainer), "evaluate", evaluated)
    assert trainer.fit(train, valid, verbose=False)[0] == 1.0
    assert torch.equal(load_plain(trainer.saved_model_file)["state_dict"]["weights"], wanted)


def test_weights_on_validation_need_validation(prepare):
    (train, _, _), trainer = prepare("CURecGeneral", **{**TOWERS, "late.weights": "validation"})
    with pytest.raises(ConfigurationError, match=r"needs a validation split, .* set late\.weights: equal\."):
        trainer.fit(train, verbose=False)


def test_a_tensor_with_two_names_is_exchanged_once():
    class Tower(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone = nn.Linear(1, 1, bias=False)
            self.backbone.other_parameter = dict
            self.backbone.load_other_parameter = lambda para: None
            self.alias = self.backbone

        def semantic_tables(self):
            return []

    tower, progress = Tower(), TowerProgress(0.0)
    tower.backbone.weight.data.fill_(1)
    progress.keep(tower)
    tower.backbone.weight.data.fill_(2)
    seen = []
    for _ in range(2):
        progress.exchange(tower)
        seen.append(tower.backbone.weight.item())
    assert seen == [1, 2]


def test_the_grid_of_weights():
    assert weight_grid(2) == [(0.5, 0.5), (0.0, 1.0), (0.25, 0.75), (0.75, 0.25), (1.0, 0.0)]
    three = weight_grid(3)
    assert three[0] == (1 / 3,) * 3
    assert len(three) == len(set(three)) == 16
    assert all(abs(sum(weights) - 1) < 1e-9 for weights in three)
