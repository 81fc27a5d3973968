"""Two processes, one run: started as users start them, with torchrun, on a CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import launch_command_parser
from safetensors.torch import load_file

from recbole_curec import processes
from recbole_curec.cli import main as cli
from recbole_curec.errors import ConfigurationError, DataError
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipeline.runner import check_same_data
from recbole_curec.pipelines.curec import STAGES
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.defaults import properties_file
from recbole_curec.settings.settings import Settings
from recbole_curec.training.trainer import check_launch
from tests.conftest import AtomicDataset
from tests.pipeline_runs import FAST, layered, run_stages, write_topics
from tests.tiny_llm import save_llm

ROOT = Path(__file__).resolve().parents[1]
GIVEN = {"lora_rank": 2, "lora_dropout": 0.0, "max_prompt_tokens": 768, "sft_steps": 3, "rl_steps": 2}


def given(topics: AtomicDataset, tmp_path: Path, **more: Any) -> dict[str, Any]:
    return layered(layered(FAST, GIVEN), {"llm": str(tmp_path / "llm"), "data_path": str(topics.root), **more})


def torchrun(folder: Path, settings: dict[str, Any], fault: str = "none") -> subprocess.CompletedProcess[str]:
    """The command line in two processes with one thread each; everything it writes goes below the folder."""
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": "",
    }  # fmt: skip
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m"]
    places = {"checkpoint_dir": folder, "log_dir": folder / "log", "num_threads": 1, "dataset": "toy"}
    arguments = [f"--{key}={value}" for key, value in {**settings, **places}.items()]
    return subprocess.run(
        [*launcher, "tests.rank_run", str(folder), fault, "--model=CURec", *arguments],
        env=environment, capture_output=True, text=True, timeout=240,
    )  # fmt: skip


def seen(folder: Path) -> list[dict[str, Any]]:
    """What every rank that came to its end saw."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("rank*.json"))]


@pytest.fixture
def topics(atomic: AtomicDataset, tmp_path: Path) -> AtomicDataset:
    write_topics(atomic)
    save_llm(tmp_path / "llm")
    return atomic


def learned(adapter: dict[str, torch.Tensor]) -> torch.Tensor:
    """Weights of the adapter that started at zero."""
    return torch.cat([value.flatten() for name, value in sorted(adapter.items()) if "lora_B" in name])


def test_both_ranks_train_the_same_adapter_and_one_writes_it(topics: AtomicDataset, tmp_path: Path) -> None:
    settings = given(topics, tmp_path)  # with the same backbone of text only and ids only
    done = torchrun(tmp_path / "two", settings)
    assert done.returncode == 0, done.stderr[-3000:]
    first, second = seen(tmp_path / "two")
    assert (first["size"], second["size"]) == (2, 2)
    assert first["pid"] != second["pid"]
    assert set(first["hashes"]) == {"align", "reinforce"}
    assert first["hashes"] == second["hashes"]
    assert first["hashes"]["align"] != first["hashes"]["reinforce"]
    # Results, checkpoints and the log are the first rank's; both share the epochs of three models.
    assert done.stdout.count("test split") == 1
    assert done.stderr.count("2 processes share every batch of windows") == 3
    assert len(list((tmp_path / "two").glob("*.pth"))) == 3
    assert len(list((tmp_path / "two" / "log").rglob("*.log"))) == 1
    root = tmp_path / "two" / "curec" / "toy"
    folders = sorted(path.name for path in root.glob("[!.]*") if path.is_dir())
    assert [name.rpartition("-")[0] for name in folders] == sorted([stage.name for stage in STAGES] + ["encode"])

    # The same settings in one process: the same artifacts, and the same aligned adapter up to what Adam makes of noise.
    alone = run_stages(topics, tmp_path / "one", **settings)
    assert len(alone) == len(folders) - 1  # the vectors of text only are the comparison's
    assert {artifact.folder.name for artifact in alone.values()} < set(folders)
    for artifact in alone.values():
        assert {path.name for path in artifact.folder.iterdir()} == {
            path.name for path in (root / artifact.folder.name).iterdir()
        }
        assert json.loads((root / artifact.folder.name / "run.json").read_text())["settings"]

    def both(stage: str) -> tuple[Path, Path]:
        return alone[stage].folder, root / alone[stage].folder.name

    one, two = (json.loads((folder / "run.json").read_text())["figures"] for folder in both("align"))
    # The same batches, and losses over their tokens; after the first update Adam has divided noise by noise.
    first, second, third = zip(one["loss_by_step"], two["loss_by_step"], strict=True)
    for alone_step, together_step in (first, second):
        assert together_step == pytest.approx(alone_step, rel=1e-6)
    assert third[1] == pytest.approx(third[0], rel=2e-3)
    one, two = (learned(load_file(folder / "adapter_model.safetensors")) for folder in both("align"))
    assert torch.nn.functional.cosine_similarity(one, two, dim=0) > 0.99


@pytest.mark.parametrize("fault", ["align:1", "reward:0"])
def test_a_rank_that_fails_ends_the_run(topics: AtomicDataset, tmp_path: Path, fault: str) -> None:
    done = torchrun(tmp_path / "two", given(topics, tmp_path, compare_baseline=False), fault)
    stage, rank = fault.split(":")
    assert done.returncode != 0
    assert f"error: planted fault on rank {rank}" in done.stderr
    assert not list((tmp_path / "two").rglob(f"{stage}-*/run.json"))
    assert json.loads((tmp_path / "two" / f"rank{rank}.json").read_text())["code"] == 2
    # The launcher may end the other one with SIGTERM before it has noticed.
    assert all(one["code"] in (2, 143) for one in seen(tmp_path / "two"))


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_fails_in_an_epoch_ends_the_run(topics: AtomicDataset, tmp_path: Path, rank: int) -> None:
    settings = {**given(topics, tmp_path), "fusion": "none", "epochs": 3}
    done = torchrun(tmp_path / "two", settings, f"recommend:{rank}")
    assert done.returncode != 0
    assert f"error: planted fault on rank {rank}" in done.stderr
    assert "epoch 0 training" in done.stderr
    codes = [one["code"] for one in seen(tmp_path / "two")]
    assert codes
    assert set(codes) <= {2, 143}  # the launcher may end the other one before it has noticed


def test_one_process_is_the_whole_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert processes.world() == processes.World(0, 1, 0, 1)
    assert processes.world().is_main
    processes.start(torch.device("cpu"))
    assert processes.on_main(lambda: 3) == 3
    assert processes.broadcast("x") == "x"
    with pytest.raises(KeyError):
        processes.on_main(lambda: {}["missing"])
    with processes.together("an epoch"):
        pass
    rows = torch.arange(3.0)
    assert processes.summed(rows) is processes.from_main(rows) is processes.gathered(rows)[0]
    assert rows.tolist() == [0.0, 1.0, 2.0]
    processes.stop()


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the second process of two."""
    for name, value in {"RANK": 1, "WORLD_SIZE": 2, "LOCAL_RANK": 1, "LOCAL_WORLD_SIZE": 2}.items():
        monkeypatch.setenv(name, str(value))


def test_the_first_process_has_the_threads_of_those_that_wait_for_it(
    two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setattr(processes, "_control", ["connected"])
    monkeypatch.setattr(processes, "broadcast", lambda text: text)
    monkeypatch.setattr(processes, "stop", lambda: None)
    torch.set_num_threads(2)

    def work() -> list[int]:
        alone = torch.get_num_threads()
        with processes.together("an epoch"):
            shared = torch.get_num_threads()
        return [alone, shared, torch.get_num_threads()]

    assert processes.on_main(work) == [4, 2, 4]
    assert torch.get_num_threads() == 2
    with pytest.raises(ZeroDivisionError):
        processes.on_main(lambda: 1 // 0)
    assert torch.get_num_threads() == 2


def test_batches_are_split_evenly_or_not_at_all(two: None) -> None:
    assert processes.world() == processes.World(1, 2, 1, 2)
    assert processes.share("sft_batch_size", 16) == 8
    with pytest.raises(ConfigurationError, match=r"align\.batch_size = 15 cannot be split evenly over 2 processes"):
        check_launch(Settings.from_mapping({"sft_batch_size": 15}))
    with pytest.raises(ConfigurationError, match=r"reinforce\.prompts \* reinforce\.generations = 9 cannot be split"):
        check_launch(Settings.from_mapping({"rl_prompts": 3, "rl_generations": 3}))
    check_launch(Settings.from_mapping({"rl_prompts": 3, "rl_generations": 2}))


@pytest.mark.parametrize("kind", ["FSDP", "DEEPSPEED"])
def test_what_cannot_be_sharded_is_told_so(two: None, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv(f"ACCELERATE_USE_{kind}", "true")
    with pytest.raises(ConfigurationError, match="llm: tiny cannot be split over processes"):
        check_launch(Settings.from_mapping({}))
    with pytest.raises(ConfigurationError, match="quantization: nf4 cannot be split over processes"):
        check_launch(Settings.from_mapping({"llm": "some/model", "quantization": "nf4"}))
    check_launch(Settings.from_mapping({"llm": "some/model"}))


@pytest.mark.parametrize("command", [["export", "--export_dir=x"], ["benchmark", "row.yaml"]])
def test_commands_for_one_process_say_so(two: None, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.console([*command, "--dataset=toy"]) == 2
    assert f"rank 1: error: curec {command[0]} runs in one process, not in 2" in capsys.readouterr().err


def test_every_process_may_see_its_own_gpu(
    two: None, topics: AtomicDataset, monkeypatch: pytest.MonkeyPatch, settings_for: Any
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    config = load_config("CURec", "toy", (), settings_for(topics))
    assert config["device"] == torch.device("cuda", 1)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
    load_config("CURec", "toy", (), settings_for(topics))
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "4,6"


def test_processes_over_different_data_are_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine = {"collect": Artifact("collect", "abc", tmp_path)}
    check_same_data(mine)
    monkeypatch.setattr("recbole_curec.pipeline.runner.broadcast", lambda text: text.replace("abc", "def"))
    with pytest.raises(DataError, match="reads other data or settings than rank 0"):
        check_same_data(mine)


@pytest.mark.parametrize(("name", "kind"), [("ddp", "MULTI_GPU"), ("fsdp", "FSDP"), ("deepspeed", "DEEPSPEED")])
def test_accelerate_reads_the_shipped_configurations(name: str, kind: str) -> None:
    path = properties_file("accelerate", f"{name}.yaml")
    config = load_config_from_file(str(path))  # refuses unknown keys
    assert config.distributed_type == kind
    assert config.num_processes == 2
    assert config.mixed_precision == "no"
    known = launch_command_parser()._option_string_actions
    assert all(f"--{key}" in known for key in (*config.fsdp_config, *config.deepspeed_config))
