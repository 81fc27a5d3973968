import pytest
import torch
from recbole.data import create_dataset, data_preparation
from recbole.trainer.trainer import NCLTrainer, RecVAETrainer
from recbole.utils import get_model, get_trainer, init_seed

from recbole_curec.plugin.checkpoints import load_plain
from recbole_curec.plugin.trainers import GeneralTrainer, window_loader
from recbole_curec.plugin.windows import WindowLoader


@pytest.fixture
def prepare(load, toy, fake_pipeline):
    def build(model, **overrides):
        config = load(model, toy, **overrides)
        init_seed(config["seed"], config["reproducibility"])
        loaders = data_preparation(config, create_dataset(config))
        net = get_model(config["model"])(config, loaders[0].dataset)
        return loaders, get_trainer(config["MODEL_TYPE"], config["model"])(config, net)

    return build


NEGATIVES = {"distribution": "uniform", "sample_num": 1}
WITH_TITLES = {"inter": ["user_id", "item_id", "timestamp"], "item": ["item_id", "title"]}
RUNS = [
    ("CURec", {"fusion": "init"}),
    ("CURec", {"fusion": "gate", "fusion_alignment": 0.1}),
    ("CURec", {"backbone": "GRU4Rec", "fusion": "concat"}),
    ("CURec", {"train_mode": "prefixes"}),
    ("CURec", {"train_mode": "prefixes", "loss": "BPR", "train_neg_sample_args": NEGATIVES}),
    ("CURec", {"loss": "sampled_CE", "sampled_negatives": 8}),
    ("CURec", {"loss": "BPR", "fusion": "concat", "fusion_alignment": 0.1}),
    ("CURec", {"loss_type": "BPR"}),
    ("CURec", {"backbone": "FDSA", "loss": "sampled_CE", "selected_features": ["title"], "load_col": WITH_TITLES}),
    ("CURec", {"backbone": "BERT4Rec", "fusion": "init"}),
    ("CURec", {"backbone": "BERT4Rec", "train_mode": "prefixes", "fusion": "init"}),
    ("CURecGeneral", {"fusion": "init"}),
    ("CURecGeneral", {"backbone": "LightGCN", "fusion": "gate"}),
    ("SASRec", {}),
    ("LightGCN", {}),
    ("EASE", {}),
    ("Pop", {}),
]


@pytest.mark.parametrize(("model", "settings"), RUNS)
def test_best_checkpoint_is_restored(prepare, model, settings, tmp_path):
    if not model.startswith("CURec"):
        settings = {"fusion": "none", **settings}
    (train, valid, test), trainer = prepare(model, **settings)
    score, result = trainer.fit(train, valid, verbose=False)
    (path,) = (tmp_path / "saved").glob(f"{model}-*.pth")
    best = trainer.evaluate(test)
    with torch.no_grad():
        for parameter in trainer.model.parameters():
            parameter.zero_()
    assert trainer.evaluate(test, model_file=str(path)) == best
    assert set(result) == {"recall@10", "ndcg@10", "mrr@10"}
    assert result["ndcg@10"] == score
    assert load_plain(path)["config"]["model"] == model


def test_resume_continues_where_the_checkpoint_stopped(prepare):
    (train, _, _), trainer = prepare("CURec", epochs=2)
    trainer.fit(train, valid_data=None, verbose=False)
    (train, _, _), again = prepare("CURec", epochs=3)
    again.resume_checkpoint(trainer.saved_model_file)
    assert again.start_epoch == 2
    for mine, theirs in zip(again.model.parameters(), trainer.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    assert again.optimizer.state_dict()["state"][0]["step"] == trainer.optimizer.state_dict()["state"][0]["step"]
    again.fit(train, valid_data=None, verbose=False)
    assert list(again.train_loss_dict) == [2]


def test_resume_with_a_sampled_loss_restores_both_optimisers(prepare):
    settings = {"loss": "sampled_CE", "fusion": "gate"}
    (train, _, _), trainer = prepare("CURec", epochs=2, **settings)
    trainer.fit(train, valid_data=None, verbose=False)
    (train, _, _), again = prepare("CURec", epochs=3, **settings)
    again.resume_checkpoint(trainer.saved_model_file)
    for mine, theirs in zip(
        again.optimizer.state_dict()["parts"], trainer.optimizer.state_dict()["parts"], strict=True
    ):
        assert mine["state"].keys() == theirs["state"].keys()
        assert all(torch.equal(mine["state"][k]["exp_avg"], theirs["state"][k]["exp_avg"]) for k in mine["state"])
    again.fit(train, valid_data=None, verbose=False)
    assert list(again.train_loss_dict) == [2]


def test_a_sampled_loss_moves_only_the_rows_it_has_drawn(prepare):
    (train, _, _), trainer = prepare("CURec", loss="sampled_CE", sampled_negatives=2, train_batch_size=4)
    table = trainer.model.backbone.item_embedding.weight
    before = table.detach().clone()
    trainer._windows = [next(iter(window_loader(trainer.config, train.dataset)))]
    trainer._train_epoch(train, 0)
    moved = (table != before).any(dim=1)
    assert table.grad.is_sparse
    assert 0 < moved.sum() < len(table) - 1
    assert not moved[0]


def test_windows_replace_prefixes_only_when_asked(prepare, monkeypatch):
    seen = []
    batch = WindowLoader._batch
    monkeypatch.setattr(WindowLoader, "_batch", lambda self, chosen: seen.append(1) or batch(self, chosen))
    (train, _, _), trainer = prepare("CURec", train_mode="prefixes")
    trainer._train_epoch(train, 0)
    assert seen == []
    (train, _, _), trainer = prepare("CURec")
    trainer._train_epoch(train, 0)
    assert len(seen) == len(trainer._windows)


def test_the_same_seed_gives_the_same_run(prepare):
    results = []
    for _ in range(2):
        (train, valid, test), trainer = prepare("CURec", fusion="init")
        trainer.fit(train, valid, verbose=False)
        results.append((trainer.train_loss_dict, trainer.evaluate(test)))
    assert results[0] == results[1]


@pytest.mark.parametrize("loss", ["CE", "sampled_CE", "BPR"])
def test_known_order_is_learned(load, atomic, loss):
    # Everybody walks the same circle of twelve items: the next item is certain once the last one is known.
    atomic.interactions([(f"u{u}", f"i{(u + k) % 12}", 1000 * k) for u in range(40) for k in range(9)])
    settings = {"epochs": 40, "train_batch_size": 128, "learning_rate": 0.01, "stopping_step": 40, "topk": [1]}
    settings |= {"loss": loss, "sampled_negatives": 6}
    config = load("CURec", atomic, valid_metric="NDCG@1", **settings)
    init_seed(config["seed"], config["reproducibility"])
    train, valid, test = data_preparation(config, create_dataset(config))
    trainer = get_trainer(config["MODEL_TYPE"], "CURec")(config, get_model("CURec")(config, train.dataset))
    trainer.fit(train, valid, verbose=False)
    assert trainer.evaluate(test)["recall@1"] == 1.0


@pytest.mark.parametrize(("backbone", "own"), [("NCL", NCLTrainer), ("RecVAE", RecVAETrainer), ("BPR", None)])
def test_a_backbones_own_trainer_trains_it(prepare, backbone, own):
    (train, _, _), trainer = prepare("CURecGeneral", backbone=backbone, fusion="init", epochs=1, num_clusters=4)
    assert isinstance(trainer, GeneralTrainer)
    found = [base for base in type(trainer).__mro__ if base in (NCLTrainer, RecVAETrainer)]
    assert found == ([own] if own else [])
    trainer.fit(train, valid_data=None, verbose=False)
    assert list(trainer.train_loss_dict) == [0]


def test_batches_of_users_for_auto_encoders(prepare, monkeypatch):
    (train, _, _), trainer = prepare("CURecGeneral", backbone="MultiVAE", fusion="init")
    seen = []
    loss = trainer.model.calculate_loss
    monkeypatch.setattr(trainer.model, "calculate_loss", lambda batch: seen.append(batch) or loss(batch))
    trainer._train_epoch(train, 0)
    assert all(batch.columns == ["user_id"] for batch in seen)
    assert sorted(torch.cat([batch["user_id"] for batch in seen]).tolist()) == list(range(train.dataset.user_num))
