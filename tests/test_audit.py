"""Under an audit hook every model runs without unpickling, running texts, a socket, or a write beside its folders."""

from __future__ import annotations

import ast
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import recbole_curec
from recbole_curec.backbones.lookup import OUR_MODELS, is_ours, model_types
from tests.audited import Audit
from tests.cases.base import NAME, Base
from tests.pipeline_runs import FAST, layered

ROOT = Path(recbole_curec.__file__).resolve().parents[1]
PLACES = [
    f"--dataset={NAME}", "--data_path=data", "--checkpoint_dir=out/saved", "--log_dir=out/log",
    "--artifact_dir=out/made", "--epochs=1", "--show_progress=False", "--state=ERROR", "--MAX_ITEM_LIST_LENGTH=5",
]  # fmt: skip
RATED = [
    "--threshold={'rating': 3}",
    "--load_col={'inter': ['user_id', 'item_id', 'rating', 'timestamp']}",
]
GENRES = ["--load_col={'inter': ['user_id', 'item_id', 'timestamp'], 'item': ['item_id', 'genre']}"]
MORE = {
    **{model: [*GENRES, "--selected_features=['genre']"] for model in ("FDSA", "GRU4RecF", "SASRecF")},
    "S3Rec": [*GENRES, "--item_attribute=genre", "--train_stage=pretrain", "--pretrain_epochs=1", "--save_step=1"],
    "GRU4RecCPR": ["--n_candidates_per_facet=2"],
}
# Models that cannot run here: what they need is not installed, or no file of this dataset has it.
CANNOT = {
    "DGCF", "GRU4RecKG", "KSR", "GRU4RecCPR", "SASRecCPR", "KGAT", "KGIN", "MCCLK",
}  # fmt: skip


class Touch:
    """Writes a file when it is unpickled."""

    def __reduce__(self) -> Any:
        return (open, ("touched", "w"))


def _dataset(folder: Path) -> None:
    Base().write(folder / "data")
    place = folder / "data" / NAME
    triples = "".join(f"e{number}\tr{number % 3}\te{(number * 7 + 1) % 40}\n" for number in range(40))
    (place / f"{NAME}.kg").write_text("head_id:token\trelation_id:token\ttail_id:token\n" + triples)
    links = "".join(f"i{number}\te{number}\n" for number in range(30))
    (place / f"{NAME}.link").write_text("item_id:token\tentity_id:token\n" + links)


def _hostile(folder: Path) -> None:
    """Files under every name that RecBole would unpickle."""
    saved, data = folder / "out" / "saved", folder / "data" / NAME
    saved.mkdir(parents=True)
    kinds = ("Dataset", "SequentialDataset", "KnowledgeBasedDataset", "CURecDataset", "CURecGeneralDataset")
    special = ("DIENDataset", "KSRDataset", "GRU4RecKGDataset")
    names = [f"{NAME}-{kind}.pth" for kind in (*kinds, *special)]
    names += [f"{NAME}-for-{model}-dataloader.pth" for model in model_types()]
    for place in (saved, data):
        for name in names:
            (place / name).write_bytes(pickle.dumps(Touch()))
    np.save(data / "item_emb.npy", np.array([Touch()], dtype=object), allow_pickle=True)
    torch.save({"state_dict": Touch()}, data / "first.pth")


def _audited(folder: Path, commands: list[tuple[str, list[str]]]) -> tuple[dict[str, int], list[list[str]]]:
    """Exit code by command, and what the audit found."""
    _dataset(folder)
    _hostile(folder)
    (folder / "home").mkdir()
    (folder / "out" / "tmp").mkdir()
    (folder / "commands.json").write_text(json.dumps(commands))
    before = _listing(folder)
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1",
        "HOME": str(folder / "home"), "TMPDIR": str(folder / "out" / "tmp"), "HF_HUB_OFFLINE": "1",
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "out" / "tmp"), "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1",
    }  # fmt: skip
    program = [sys.executable, str(ROOT / "tests" / "audited.py"), str(folder), "commands.json"]
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    # Libraries in other languages than Python are not heard by the hook, but leave their files.
    assert _listing(folder) == before
    result = json.loads(done.stdout.splitlines()[-1])
    return result["codes"], result["found"]


def _listing(folder: Path) -> dict[str, int]:
    """Every file beside the configured folders, with the time of its last change."""
    paths = (path for path in folder.rglob("*") if not path.is_relative_to(folder / "out"))
    return {str(path): path.stat().st_mtime_ns for path in paths if path.is_file()}


def test_every_plain_model(tmp_path: Path) -> None:
    kinds = {name: kind for name, kind in model_types().items() if not is_ours(name)}
    commands = []
    for model, kind in kinds.items():
        if kind == "external-library":
            continue  # lightgbm and xgboost are not installed
        own = [*(RATED if kind == "context-aware" else []), *MORE.get(model, [])]
        commands.append((model, ["run", f"--model={model}", *PLACES, *own]))
    first = f"data/{NAME}/first.pth"
    refused = {
        "vectors": ["--model=LDiffRec", "--n_cate=2"],
        "first stage": ["--model=NAIS", f"--pretrain_path={first}"],
        "network": ["--model=KD_DAGFM", *RATED, "--teacher=open('touched','w')"],
        "saved data": ["--model=BPR", f"--dataset_save_path=data/{NAME}/{NAME}-Dataset.pth"],
        "checkpoint": [],
    }
    commands += [(name, ["run", *given, *PLACES]) for name, given in refused.items() if given]
    commands.append(("checkpoint", ["recommend", f"--checkpoint={first}", "--users=u1"]))
    codes, found = _audited(tmp_path, commands)
    assert not found, found[:9]
    assert {name for name, code in codes.items() if code} == {*CANNOT, *refused}
    assert set(codes.values()) == {0, 2}
    assert len(codes) - len(CANNOT) - len(refused) > 80


@pytest.mark.parametrize("model", OUR_MODELS)
def test_our_models(model: str, tmp_path: Path) -> None:
    given = [f"--{key}={value}" for key, value in layered(FAST, {"encode.feature_dim": 4}).items()]
    places = [place for place in PLACES if place.partition("=")[0] not in ("--epochs", "--show_progress")]
    arguments = [f"--model={model}", *places, *given]
    commands = [("run", ["run", *arguments]), ("again", ["run", *arguments])]
    commands.append(("export", ["export", *arguments, "--export_dir=out/vectors"]))
    codes, found = _audited(tmp_path, commands)
    assert not found, found[:9]
    assert codes == {"run": 0, "again": 0, "export": 0}


def test_the_audit_hears_what_it_is_for(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    audit.command = "a command"
    inside, outside = str(tmp_path / "out" / "x"), str(tmp_path / "x")
    audit("open", (inside, "w", os.O_WRONLY))
    audit("open", (outside, "r", os.O_RDONLY))
    audit("os.mkdir", (inside, 0o777, -1))
    audit("socket.bind", (None, ("::1", 0)))
    audit("exec", (compile("1", "<string>", "eval"),))  # by a test, not by RecBole
    assert audit.found == []
    forbidden: list[tuple[str, tuple[Any, ...]]] = [
        ("open", (outside, "w", os.O_WRONLY)),
        ("open", (outside, "a", os.O_APPEND)),
        ("os.rename", (inside, outside, -1, -1)),
        ("os.remove", (outside, -1)),
        ("shutil.rmtree", (outside, None)),
        ("pickle.find_class", ("builtins", "open")),
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("subprocess.Popen", ("ls", ["ls"], None, None)),
    ]
    for event, args in forbidden:
        audit(event, args)
    assert [event for _, event, _ in audit.found] == [event for event, _ in forbidden]


def test_the_audit_hears_recbole_evaluate_a_text(tmp_path: Path) -> None:
    """The same lines in a file of RecBole's and in one of another library."""
    found = {}
    for package in ("recbole", "other"):
        audit = Audit(tmp_path)
        audit.command = package
        lines = ast.parse("audit('exec', (compile('1', '<string>', 'eval'),))")
        run = compile(lines, f"{os.sep}lib{os.sep}{package}{os.sep}file.py", "exec")
        # The hook looks two frames up from where it decides: at who calls exec.
        exec(run, {"audit": audit})
        found[package] = len(audit.found)
    assert found == {"recbole": 1, "other": 0}
