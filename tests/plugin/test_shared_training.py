"""Two processes that share the epochs of stage 7: the same losses, metrics and parameters as one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from recbole.data.interaction import Interaction
from torch import nn

from recbole_curec.model.losses import Negatives, pairs
from recbole_curec.model.sequential_recommender.curec import CURec
from recbole_curec.model.share import Share
from recbole_curec.plugin.shared_training import SummedOptimizer, share_epochs, why_alone
from recbole_curec.plugin.trainers import window_loader
from tests.conftest import AtomicDataset, random_rows
from tests.shared_run import splits_of, trained

ROOT = Path(__file__).resolve().parents[2]
EXACT = {
    "attn_dropout_prob": 0.0, "hidden_dropout_prob": 0.0, "dropout_prob": 0.0, "epochs": 4, "n_layers": 1, "n_heads": 1,
    "show_progress": False, "hidden_size": 16, "inner_size": 16, "embedding_size": 16, "MAX_ITEM_LIST_LENGTH": 5,
    "train_batch_size": 32, "state": "ERROR", "stopping_step": 1, "num_threads": 1,
    "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
}  # fmt: skip
# With plain gradient descent rounding stays rounding; Adam divides noise by noise where a gradient is zero.
SGD = {"learner": "sgd", "learning_rate": 0.5}
SHARED: dict[str, tuple[str, dict[str, Any]]] = {
    "ce": ("CURec", {**SGD, "fusion": "gate", "fusion_alignment": 0.1, "clip_grad_norm": {"max_norm": 0.1}}),
    "ids": ("CURec", {"fusion": "none"}),
    "sampled": ("CURec", {"fusion": "gate", "loss": "sampled_CE", "sampled_negatives": 8, "fusion_alignment": 0.1}),
    "bpr": ("CURec", {"fusion": "concat", "loss": "BPR", "sampled_negatives": 8}),
    "single": ("CURec", {**SGD, "fusion": "none", "backbone": "GRU4Rec", "train_batch_size": 1}),
    "late": ("CURec", {**SGD, "fusion": "late", "late.towers": ["gate", "none"]}),
}  # fmt: skip
ALONE: dict[str, tuple[str, dict[str, Any]]] = {
    "prefixes": ("CURec", {"fusion": "none", "train_mode": "prefixes", "epochs": 1}),
    "general": ("CURecGeneral", {"fusion": "none", "epochs": 1}),
}


@dataclass(frozen=True)
class Both:
    """What one process saw of every model, and what each of two did."""

    folder: Path
    one: dict[str, Any]
    two: list[dict[str, Any]]

    def parameters(self, name: str, rank: int | str) -> dict[str, torch.Tensor]:
        """Parameters of a model at the end of a training."""
        found: dict[str, torch.Tensor] = torch.load(self.folder / f"{name}-{rank}.pt", weights_only=True)
        return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Every model, trained by two processes and by one."""
    folder = tmp_path_factory.mktemp("shared")
    atomic = AtomicDataset(folder / "atomic")
    atomic.interactions(random_rows())
    atomic.write("item", "item_id:token title:token_seq", [(f"i{k}", f"Story {k}") for k in range(25)])
    places = {"data_path": str(atomic.root), "checkpoint_dir": str(folder / "saved"), "log_dir": str(folder / "log")}
    models = {name: (model, {**EXACT, **places, **own}) for name, (model, own) in {**SHARED, **ALONE}.items()}
    (folder / "models.json").write_text(json.dumps(models), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]
    done = subprocess.run(
        [*launcher, "tests.shared_run", str(folder)],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    # One process writes: a checkpoint per model, and no events of the other process.
    assert len(list((folder / "saved").glob("*.pth"))) == len(models)
    writers = {path.name.split(".")[4] for path in (folder / "log_tensorboard").rglob("events.*")}
    assert len(writers) == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        one = {name: trained(*given, folder / f"{name}-alone.pt") for name, given in models.items()}
    return Both(folder, one, [json.loads((folder / f"rank{rank}.json").read_text()) for rank in (0, 1)])


@pytest.mark.parametrize("name", SHARED)
def test_two_processes_train_the_model_that_one_trains(both: Both, name: str) -> None:
    one, two = both.one[name], both.two[0][name]
    assert len(one["losses"]) > 1
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-4)
    assert two["valid"] == pytest.approx(one["valid"], abs=1e-6)
    assert two["test"] == pytest.approx(one["test"], abs=1e-6)
    assert two["optimizer"] == one["optimizer"]  # a checkpoint does not say how many processes wrote it


@pytest.mark.parametrize("name", [name for name, (_, own) in SHARED.items() if "learner" in own])
def test_parameters_are_equal_to_rounding(both: Both, name: str) -> None:
    alone, shared = both.parameters(name, "alone"), both.parameters(name, 0)
    assert alone.keys() == shared.keys()
    for key, value in alone.items():
        assert torch.allclose(shared[key], value, rtol=1e-3, atol=1e-5), key


@pytest.mark.parametrize("name", SHARED)
def test_all_processes_have_the_same_parameters_after_every_epoch(both: Both, name: str) -> None:
    first, second = (rank[name]["hashes"] for rank in both.two)
    assert first == second
    assert len(set(first)) == len(both.one[name]["losses"])


@pytest.mark.parametrize("name", ALONE)
def test_what_cannot_be_split_is_trained_by_the_first_process_alone(both: Both, name: str) -> None:
    assert both.two[0][name] == both.one[name]
    assert both.two[1][name] == {"hashes": []}


def share(rank: int, size: int = 2) -> Share:
    """The share of a process; what it draws is what the first process draws."""
    return Share(rank, size, lambda drawn: drawn)


def batch(lengths: list[int]) -> Interaction:
    """Windows of these lengths."""
    longest = max(lengths)
    items = torch.arange(len(lengths)).unsqueeze(1).expand(-1, longest) + 1
    return Interaction({"items": items, "length": torch.tensor(lengths)})


def test_windows_take_turns_and_are_trimmed() -> None:
    whole = batch([2, 3, 4, 5, 6])
    first, second = (share(rank).windows(whole, "length") for rank in (0, 1))
    assert first["length"].tolist() == [2, 4, 6]
    assert second["length"].tolist() == [3, 5]
    assert (first["items"].shape, second["items"].shape) == ((3, 6), (2, 5))
    assert second["items"][:, 0].tolist() == [2, 4]


def test_a_process_without_a_window_computes_one_for_nothing() -> None:
    whole = batch([4])
    spare = share(1).windows(whole, "length")
    assert spare["length"].tolist() == [4]
    assert share(1).weight(4, 4, len(whole)) == 0.0
    assert share(0).weight(4, 4, len(whole)) == 1.0


def test_unequal_shares_weigh_by_their_terms() -> None:
    assert [share(0).weight(3, 4, 2), share(1).weight(1, 4, 2)] == [0.75, 0.25]
    assert share(0).weight(0, 0, 2) == 0.0


LOSSES = [{"loss": "CE", "fusion_alignment": 0.5}, {"loss": "sampled_CE"}, {"loss": "BPR", "fusion_alignment": 0.5}]


@pytest.mark.parametrize("settings", LOSSES)
@pytest.mark.parametrize("size", [2, 3])
def test_the_losses_of_the_shares_have_the_gradients_of_the_batch(
    load: Callable[..., Any], toy: AtomicDataset, settings: dict[str, Any], size: int
) -> None:
    config = load("CURec", toy, **EXACT, **{"fusion": "gate", "sampled_negatives": 30, **settings})
    training = splits_of(config)[0].dataset
    model = CURec(config, training).double()
    whole = next(iter(window_loader(config, training)))

    def gradients(*shares: Share | None) -> tuple[float, dict[str, torch.Tensor]]:
        model.zero_grad()
        total = 0.0
        for one in shares:
            torch.manual_seed(7)
            loss = model.calculate_loss(whole, share=one)
            loss.backward()
            total += loss.item()
        found = {name: one.grad for name, one in model.named_parameters() if one.grad is not None}
        return total, {name: grad.to_dense() if grad.is_sparse else grad.clone() for name, grad in found.items()}

    alone, together = gradients(None), gradients(*(share(rank, size) for rank in range(size)))
    assert together[0] == pytest.approx(alone[0], rel=1e-6)
    assert together[1].keys() == alone[1].keys()
    for name, wanted in alone[1].items():
        assert torch.allclose(together[1][name], wanted, rtol=1e-4, atol=1e-6), name


def test_the_pairs_of_a_pairwise_loss_leave_the_target_out() -> None:
    drawn = Negatives(torch.tensor([1, 2, 2]), torch.zeros(3))
    assert pairs(torch.tensor([2, 3]), drawn).sum(dim=1).tolist() == [1, 3]


def test_one_process_sums_nothing_and_keeps_parameters_without_gradients() -> None:
    used, unused = nn.Parameter(torch.tensor([1.0, 2.0])), nn.Parameter(torch.tensor([3.0]))
    table = nn.Embedding(4, 2, sparse=True)
    nn.init.zeros_(table.weight)
    inner = torch.optim.SGD([used, unused, table.weight], lr=1.0)
    optimizer = SummedOptimizer(inner, [used, unused], [table.weight], None)
    (used.sum() + table(torch.tensor([1, 1, 3])).sum()).backward()
    optimizer.step()
    assert used.tolist() == [0.0, 1.0]
    assert unused.tolist() == [3.0]
    assert unused.grad is None
    assert torch.equal(-table.weight, torch.tensor([[0.0, 0], [2, 2], [0, 0], [1, 1]]))
    assert optimizer.state_dict() == inner.state_dict()
    optimizer.zero_grad()
    optimizer.step()
    assert table.weight.grad is None  # its moments stay as they are
    assert used.tolist() == [0.0, 1.0]


class _Trainer:
    """What is read of a trainer to decide whether its epochs can be shared."""

    def __init__(self, config: Any, model: Any = None, enable_scaler: bool = False) -> None:
        self.config, self.model, self.enable_scaler = config, model or nn.Linear(1, 1), enable_scaler
        self.shared = None


def test_what_cannot_be_split_is_told(load: Callable[..., Any], toy: AtomicDataset) -> None:
    windows = load("CURec", toy)
    assert why_alone(_Trainer(windows)) == ""
    assert why_alone(_Trainer(windows, nn.BatchNorm1d(2))) == "batch normalisation reads the whole batch"
    assert why_alone(_Trainer(windows, enable_scaler=True)).startswith("enable_scaler looks at the gradients")
    assert why_alone(_Trainer(load("CURec", toy, train_mode="prefixes"))).startswith("with train_mode: prefixes")
    assert why_alone(_Trainer(load("CURecGeneral", toy))).startswith("the loss of CURecGeneral need not be a sum")


def test_one_process_shares_nothing(load: Callable[..., Any], toy: AtomicDataset) -> None:
    trainer = _Trainer(load("CURec", toy))
    share_epochs(trainer)
    assert trainer.shared is None
