"""RecBole is wired when it is imported, unwired on request, and works through its own functions with every model."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from recbole.data import dataset as recbole_dataset
from recbole.quick_start import load_data_and_model, run_recbole
from recbole.utils import ModelType, get_model, get_trainer
from recbole.utils.case_study import full_sort_scores, full_sort_topk

import recbole_curec
from recbole_curec import install
from recbole_curec.cli.main import COMMANDS
from tests.trained import CHECKPOINTS, train

ROOT = Path(recbole_curec.__file__).resolve().parents[1]

# Every attribute of RecBole's modules and classes that are loaded, and of the libraries that install.py touches.
SNAPSHOT = """
import importlib.util
import sys


def owners():
    found = {}
    for name, module in list(sys.modules.items()):
        if name in ("numpy", "torch", "scipy.sparse") or name.split(".")[0] == "recbole":
            found[name] = module
            classes = {f"{name}:{key}": kind for key, kind in vars(module).items() if isinstance(kind, type)}
            other = name.split(".")[0] != "recbole"  # these name classes where they are used
            found |= {path: kind for path, kind in classes.items() if other or path.startswith(kind.__module__ + ":")}
    return found


def snapshot():
    return {path: dict(vars(owner)) for path, owner in owners().items()}


def changed(before, after):
    lost = object()
    return sorted(
        f"{path}.{name}"
        for path in before.keys() & after.keys()
        for name in before[path].keys() | after[path].keys()
        if before[path].get(name, lost) is not after[path].get(name, lost)
        and f"{path}.{name}" not in sys.modules  # a module that was imported in the meantime
    )


sys.argv = ["script"]
"""
CONFIG, DATASET = "recbole.config.configurator:Config", "recbole.data.dataset.dataset:Dataset"
PATCHED = {
    *(f"recbole.trainer.trainer.{name}" for name in ("torch", "get_local_time", "amp")),
    "recbole.utils.utils.SummaryWriter",
    *(f"{DATASET}.{name}" for name in ("_remove_duplication", "_fill_nan", "_load_feat", "build")),
    *(f"{DATASET}.{name}" for name in ("_parse_intervals_str", "_get_illegal_ids_by_inter_num")),
    *(f"{DATASET}.{name}" for name in ("_filter_by_field_value", "_filter_inter_by_user_or_item")),
    *(f"{DATASET}.{name}" for name in ("_filter_by_inter_num", "_set_label_by_threshold")),
    "recbole.data.dataset.kg_dataset:KnowledgeBasedDataset._filter_link",
    *(f"{CONFIG}.{name}" for name in ("_build_yaml_loader", "_update_internal_config_dict")),
    *(f"{CONFIG}.{name}" for name in ("_convert_config_dict", "_load_config_files", "_merge_external_config_dict")),
    *(f"{CONFIG}.{name}" for name in ("_load_internal_config_dict", "_set_default_parameters")),
    "recbole.evaluator.collector.torch",
    *(f"recbole.evaluator.collector:Collector.{name}" for name in ("eval_batch_collect", "get_data_struct")),
    "recbole.data.dataloader.general_dataloader:FullSortEvalDataLoader.collate_fn",
    "recbole.data.dataloader.general_dataloader:NegSampleEvalDataLoader._neg_sampling",
    "recbole.trainer.__getattr__",
    "recbole.data.dataset.__getattr__",
    "recbole.quick_start.quick_start.load_data_and_model",
    "recbole.quick_start.load_data_and_model",
    "recbole.data.utils.os",
    "recbole.trainer.hyper_tuning.eval",
    *(f"recbole.model.general_recommender.{name}.torch" for name in ("convncf", "nais", "neumf", "ract")),
    "recbole.model.general_recommender.ldiffrec.np",
    "recbole.model.sequential_recommender.s3rec.torch",
    "recbole.model.context_aware_recommender.kd_dagfm.torch",
    "recbole.model.context_aware_recommender.kd_dagfm.eval",
}


def python(code, **more):
    """Run code in a process of its own; what it prints last, read as JSON."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_importing_the_package_is_quick_and_imports_nothing_heavy():
    code = """
import json, logging, socket, sys, time
def no(*a, **k): raise AssertionError("network")
socket.socket.connect = no
sys.argv = None
modules, began = set(sys.modules), time.perf_counter()
import recbole_curec
spent = time.perf_counter() - began
recbole_curec.install.install()
heavy = {"torch", "recbole", "numpy", "pandas", "transformers", "ray", "pydantic", "scipy"} & set(sys.modules) - modules
root = logging.getLogger()
print(json.dumps([spent, sorted(heavy), root.handlers == [] and root.level == logging.WARNING, dir(recbole_curec)]))
"""
    spent, heavy, quiet, names = python(code)
    assert spent < 2
    assert heavy == []
    assert quiet
    assert set(recbole_curec.__all__) <= set(names)


def test_the_help_of_a_command_imports_nothing_heavy():
    code = """
import json, sys
from recbole_curec.cli import main
codes = [main.console([name, "--help"]) for name in main.COMMANDS]
heavy = {"torch", "recbole", "numpy", "pandas", "transformers", "pydantic", "scipy"} & set(sys.modules)
print(json.dumps([codes, sorted(heavy)]))
"""
    assert python(code) == [[0] * len(COMMANDS), []]


def test_wiring_recbole_has_no_side_effects():
    code = """
import json, logging, socket, sys
sys.argv = ["script"]
def no(*a, **k): raise AssertionError("network")
socket.socket.connect = no
import recbole_curec, recbole, torch
root = logging.getLogger()
loaded = {"ray", "recbole.quick_start", "transformers", "trl"} & set(sys.modules)
print(json.dumps([sorted(loaded), root.handlers == [] and root.level == logging.WARNING, torch.is_anomaly_enabled()]))
"""
    assert python(code) == [[], True, False]


def test_uninstall_puts_every_attribute_back():
    code = f"""{SNAPSHOT}
import json
import recbole_curec  # numpy's old names are needed to import ray
import recbole.quick_start
import recbole.model.context_aware_recommender.kd_dagfm
from recbole.utils import get_model
recbole_curec.install.uninstall()
before = snapshot()
finders = list(sys.meta_path)
recbole_curec.install.install()
wired = changed(before, snapshot())
assert recbole_curec.install.is_installed()
recbole_curec.install.install()  # a second call does nothing
assert wired == changed(before, snapshot())
get_model("CURec"), get_model("CURecGeneral")
recbole_curec.install.uninstall()
left = changed(before, snapshot())
assert not recbole_curec.install.is_installed() and sys.meta_path == finders
found = importlib.util.find_spec("recbole.model.sequential_recommender.curec")
print(json.dumps([wired, left, found]))
"""
    wired, left, found = python(code)
    assert set(wired) >= PATCHED
    assert {name for name in wired if not name.startswith(("numpy.", "scipy."))} - PATCHED <= {
        "recbole.model.general_recommender.ncl:NCL.run_kmeans"
    }
    assert left == []
    assert found is None, "get_model knows our models no longer"


def test_recbole_that_was_never_wired_is_what_uninstall_leaves():
    """The same with RecBole imported first, without us: nothing is recorded after the fact."""
    code = f"""{SNAPSHOT}
import json
import numpy as np
import recbole, recbole.config, recbole.data.dataset, recbole.trainer, recbole.model.general_recommender.ncl
import recbole.model.sequential_recommender.sine, recbole.model.context_aware_recommender.kd_dagfm
before = snapshot()
import recbole_curec
wired = changed(before, snapshot())
recbole_curec.install.uninstall()
print(json.dumps([wired, changed(before, snapshot()), hasattr(np, "float_")]))
"""
    wired, left, aliases = python(code)
    assert set(wired) >= {name for name in PATCHED if "quick_start" not in name}
    assert left == []
    assert not aliases


@pytest.mark.parametrize("first", ["import recbole_curec", "import recbole", "from recbole.config import Config"])
def test_recbole_may_be_imported_before_or_after(first):
    code = f"""
import json, sys
sys.argv = ["script"]
{first}
import recbole_curec
from recbole.config import Config
from recbole.quick_start import load_data_and_model
from recbole.utils import get_model, get_trainer
from recbole.data import dataset
config = Config(model="CURec", dataset="ml-100k", config_dict={{"recommend": {{"fusion": "none"}}}})
trainer = get_trainer(config["MODEL_TYPE"], "CURec")
general = get_trainer(get_model("CURecGeneral").type, "CURecGeneral")
print(json.dumps([
    config["recommend.backbone"], config["recommend.fusion"], get_model("CURec").__module__, trainer.__module__,
    general.__module__, dataset.CURecDataset.__module__, load_data_and_model.__module__,
]))
"""
    assert python(code) == [
        "SASRec",
        "none",
        "recbole_curec.model.sequential_recommender.curec",
        "recbole_curec.plugin.trainers",
        "recbole_curec.plugin.trainers",
        "recbole_curec.plugin.datasets",
        "recbole_curec.install",
    ]


def test_recbole_finds_models_trainers_and_datasets():
    assert install.is_installed()
    assert get_model("CURec").__module__ == "recbole_curec.model.sequential_recommender.curec"
    assert get_model("CURecGeneral").type == ModelType.GENERAL
    assert get_model("SASRec").__module__ == "recbole.model.sequential_recommender.sasrec"
    assert get_trainer(ModelType.SEQUENTIAL, "CURec").__module__ == "recbole_curec.plugin.trainers"
    assert get_trainer(ModelType.GENERAL, "CURecGeneral").__module__ == "recbole_curec.plugin.trainers"
    assert get_trainer(ModelType.GENERAL, "LightGCN").__name__ == "Trainer"
    assert recbole_dataset.CURecDataset.__module__ == "recbole_curec.plugin.datasets"
    assert recbole_dataset.CURecGeneralDataset.__module__ == "recbole_curec.plugin.datasets"
    with pytest.raises(AttributeError, match=r"module 'recbole\.data\.dataset' has no attribute 'NoDataset'"):
        _ = recbole_dataset.NoDataset


@pytest.fixture
def safe_loads(monkeypatch):
    """Every torch.load must be told to read plain data only."""
    calls = []
    original = torch.load

    def load(*arguments, **options):
        calls.append(options.get("weights_only"))
        return original(*arguments, **options)

    monkeypatch.setattr(torch, "load", load)
    yield calls
    assert calls
    assert all(calls), "something was unpickled"


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_recboles_case_study_works_on_checkpoints(load, toy, fake_pipeline, safe_loads, name):
    before = train(load, toy, name)
    test = before.splits[2]
    uids = test.dataset.token2id("user_id", [f"u{number}" for number in (3, 1, 17)])
    expected = full_sort_scores(uids, before.model, test)
    asked = len(fake_pipeline)

    config, model, dataset, training, valid, again = load_data_and_model(str(before.checkpoint))
    assert len(fake_pipeline) == asked, "no stage runs"
    assert config["model"] == CHECKPOINTS[name][0]
    scores = full_sort_scores(uids, model, again)
    assert torch.equal(scores, expected)
    assert scores.shape == (3, dataset.item_num)
    assert (scores[:, 0] == -torch.inf).all()
    values, items = full_sort_topk(uids, model, again, k=5)
    best = torch.topk(expected, 5)
    assert torch.equal(values, best.values)
    assert torch.equal(items, best.indices)
    assert dataset.id2token("item_id", items)[0, 0].startswith("i")
    assert len(training.dataset) + len(valid.dataset) + len(again.dataset) == dataset.inter_num
    assert len(safe_loads) == 1


@pytest.fixture
def _own_root_logger():
    """RecBole's run adds handlers to the root logger, which tests share."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


@pytest.mark.usefixtures("_own_root_logger")
@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("CURec", {"fusion": "init"}),
        ("CURec", {"recommend": {"fusion": "gate", "backbone": "GRU4Rec"}}),
        ("CURecGeneral", {"fusion": "gate"}),
        ("SASRec", None),
        ("LightGCN", None),
    ],
)
def test_recboles_own_run_recbole(settings_for, toy, fake_pipeline, safe_loads, model, settings, tmp_path):
    overrides = settings_for(toy)
    if settings is None or "recommend" in settings:
        overrides.pop("fusion")
    overrides |= settings or {}
    overrides |= {"train_neg_sample_args": None} if model == "SASRec" else {}
    result = run_recbole(model=model, dataset="toy", config_dict=overrides)
    assert 0 <= result["test_result"]["recall@10"] <= 1
    assert result["best_valid_score"] > 0
    (path,) = (tmp_path / "saved").glob(f"{model}-*.pth")
    assert Path("log").is_dir()  # where RecBole itself writes it: the test's own folder
    assert len(fake_pipeline) == (1 if settings else 0)

    config, best, *_, test = load_data_and_model(str(path))
    trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, best)
    assert trainer.evaluate(test, load_best_model=False) == result["test_result"]
    assert len(fake_pipeline) == (1 if settings else 0)
