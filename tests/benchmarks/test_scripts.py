"""The benchmarks run, on a small scale, and record what they say they record."""

import importlib
import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmark.rated import rated_dataset
from tests.pipeline_runs import FAST
from tests.tiny_llm import save_llm

ROOT = Path(__file__).resolve().parents[2]
SMALL = [
    "--hidden_size=16", "--inner_size=16", "--n_layers=1", "--MAX_ITEM_LIST_LENGTH=5", "--train_batch_size=16"
]  # fmt: skip


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """Settings of a small run whose stages are made once for all scripts."""
    names = ("show_progress", "epochs", "hidden_size", "inner_size", "n_layers")
    settings = [f"--{name}={value}" for name, value in FAST.items() if name not in names]
    return [*settings, f"--run.artifact_dir={tmp_path_factory.mktemp('artifacts')}"]


@pytest.fixture
def start(monkeypatch, tmp_path, capsys):
    """Runs a script within this process, where everything is imported already."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # of the processes that scripts start

    def script(name, *arguments):
        command = [str(ROOT / "benchmarks" / name), *arguments]
        monkeypatch.setattr(sys, "argv", command)
        capsys.readouterr()
        try:
            runpy.run_path(command[0], run_name="__main__")
            code, said = 0, ""
        except SystemExit as ended:  # Python prints a text and ends with 1
            code, said = (1, f"{ended.code}\n") if isinstance(ended.code, str) else (ended.code or 0, "")
        output, errors = capsys.readouterr()
        return subprocess.CompletedProcess(command, code, output, errors + said)

    return script


@pytest.fixture
def run(start, tmp_path):
    """Runs a script and reads its record."""
    return lambda name, *arguments: recorded(
        start(name, f"--out={tmp_path / 'result.json'}", *SMALL, *arguments), tmp_path
    )


def recorded(done, folder):
    assert done.returncode == 0, done.stderr
    record = json.loads((folder / "result.json").read_text())
    assert record["environment"]["threads"] == 1
    assert record["environment"]["packages"]["recbole"] == "1.2.1"
    return record


@pytest.mark.parametrize("batches", [0, 3])
def test_epoch_time(run, toy, tmp_path, batches):
    data = ["--dataset=toy", f"--data_path={toy.root}"]
    record = run("epoch_time.py", *data, "--rounds=2", f"--baseline_batches={batches}")
    assert record["targets_per_epoch"]["curec"] == record["targets_per_epoch"]["recbole"] > 50
    assert record["parameters"]["curec"] == record["parameters"]["recbole"]
    assert record["recbole_extrapolated"] == (batches == 3)
    assert record["settings"]["hidden_size"] == 16
    times = record["epoch_seconds"]
    assert len(times["curec"]["all"]) == len(times["recbole"]["all"]) == 2
    assert record["ratio"] > 0
    assert [len(record["validation_seconds"][side]["all"]) for side in ("curec", "recbole")] == [2, 2]
    assert record["validation_ratio"] > 0


def test_converge_goes_on_where_it_stopped(run, toy, tmp_path):
    data = ["--dataset=toy", f"--data_path={toy.root}", "--converge", "--epochs=2"]
    record = run("epoch_time.py", *data, "--seeds", "1")
    assert [(one["seed"], one["train_mode"]) for one in record["runs"]] == [(1, "prefixes"), (1, "all_positions")]
    before = record["runs"]
    record = run("epoch_time.py", *data, "--seeds", "1", "2")
    assert record["runs"][:2] == before
    assert record["test"]["all_positions"]["seeds"] == record["test"]["prefixes"]["seeds"] == 2
    assert not list(tmp_path.glob("saved/*.pth"))


def test_dataset_memory(run, toy, tmp_path):
    record = run("dataset_memory.py", "--dataset=toy", f"--data_path={toy.root}")
    assert record["sides"]["curec"]["rows"] == record["sides"]["recbole"]["rows"]
    assert record["sides"]["curec"]["peak_mib"] > 100


def test_prepare_memory(start, tmp_path):
    path = tmp_path / "reviews.jsonl"
    importlib.import_module("prepare_memory")._write(path, 3000, seed=1)
    found = json.loads(start("prepare_memory.py", f"--file={path}").stdout)
    assert found["reviews_read"] == 3000
    assert 200 < found["users_read"] <= 250
    assert 0 < found["items_read"] <= 60
    assert found["peak_mib"] >= found["imports_mib"] > 50
    assert not list(tmp_path.glob("**/*.tmp"))


def test_late_epoch_time(run, toy, tmp_path):
    data = ["--dataset=toy", f"--data_path={toy.root}", f"--scratch={tmp_path}", "--encode.feature_dim=4"]
    record = run("late_epoch_time.py", *data, "--rounds=2", "--late.towers=[gate, frozen]")
    assert record["settings"]["late.towers"] == ["gate", "frozen"]
    for what, ratio in record["ratios"].items():
        times = record["seconds"][what]
        assert all(len(times[name]["all"]) == 2 for name in ("one tower", "late"))
        assert ratio > 0


def test_large_catalogue(run, tmp_path):
    scale = ["--items=3000", "--users=50", "--interactions", "500", "1000", "--steps=4", "--dim=8"]
    record = run("large_catalogue.py", *scale, "--losses", "sampled_CE", "--fusion", "gate")
    assert [one["interactions"] for one in record["runs"]] == [500, 1000]
    for one in record["runs"]:
        assert one["n_items"] == 3001
        assert one["steps_timed"] >= 4
        assert one["peak_mib"] >= one["model_peak_mib"] >= one["features_peak_mib"] >= one["dataset_peak_mib"]
        assert one["evaluation"]["users"] == 50


def test_scale(monkeypatch, tmp_path):
    """What the processes of two steps measure, one after the other in this one, and the table of it."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    scale = importlib.import_module("scale")
    importlib.import_module("made_up_data").write_dataset(tmp_path, scale.NAME, 3000, 40, 60, seed=1)
    lines = (tmp_path / "made-up" / "made-up.inter").read_text().splitlines()[1:]
    assert 2900 < len(lines) < 3100
    assert len({line.split("\t")[0] for line in lines}) == 40
    given = {"show_progress": False, "checkpoint_dir": str(tmp_path / "saved"), "MAX_ITEM_LIST_LENGTH": 5}
    steps = {step: scale.measure(step, tmp_path, given, 2) for step in ("dataset", "collect")}
    # The last interaction of every user is a test row, the one before a validation row.
    assert steps["dataset"]["training_interactions"] == len(lines) - 80
    assert steps["collect"]["mb"] > 0
    for one in steps.values():
        assert one["peak_mib"] >= one["imports_mib"] > 100
        assert one["wall_seconds"] >= 0
    table = scale.table([{"interactions": 3000, "steps": steps}])
    assert table.splitlines()[0] == "| step | 3,000: s | 3,000: MiB | 3,000: MB |"
    assert table.splitlines()[3].startswith("| collect | ")


def test_correction(run, toy, tmp_path, stages):
    # A reward model of two epochs likes few reasons: no reason fails for its reward alone.
    data = ["--dataset=toy", f"--data_path={toy.root}", "--faults=12", "--correct.threshold=-100.0"]
    record = run("correction.py", *data, *stages)
    assert (record["dataset"], record["correction"]["reasons"]) == ("toy", record["trial"]["teacher"])
    assert record["trial"]["teacher_flagged"] == 0
    faults = record["trial"]["faults"]
    assert "another item's attribute" not in faults  # the items have a title and no labels
    assert faults["wrong language"]["planted"] == 12
    for result in faults.values():
        assert result["repaired"] + result["replaced"] + result["left"] >= result["found"] >= 0.95 * result["planted"]


def test_writers(start, run, toy, tmp_path, stages):
    """Every writer gets the same prompts, and the stages of one pretrained model are made once."""
    llm = save_llm(tmp_path / "small")
    given = ["--dataset=toy", f"--data_path={toy.root}", *stages, "--device=cpu", "--prompts=6", "--examples=2"]
    records = {}
    for writer in ("tiny", "aligned", "unaligned"):
        chosen = [f"--writer={writer}", *([] if writer == "tiny" else [f"--llm={llm}"])]
        records[writer] = run("writers.py", *given, *chosen)
        (tmp_path / "result.json").rename(tmp_path / f"{writer}.json")
    runs = {writer: record["runs"][0] for writer, record in records.items()}
    assert [record["writer"] for record in records.values()] == ["tiny", "small", "small-unaligned"]
    assert [row["step"] for row in runs["tiny"]["rows"]] == ["aligned", "+ RL", "+ correction"]
    assert [row["step"] for row in runs["unaligned"]["rows"]] == ["as released"]
    assert runs["aligned"]["stages"] == runs["unaligned"]["stages"] != runs["tiny"]["stages"]
    assert runs["aligned"]["settings"]["llm"]["name"] == str(llm)
    rows = [row for one in runs.values() for row in one["rows"]]
    assert len(set(rows[0]["prompts"])) == 6
    for row in rows:
        assert row["prompts"] == rows[0]["prompts"]
        assert {len(values) for values in row["values"].values()} == {6}
        assert sum(row["faults"].values()) - row["faults"]["low reward"] == 6 - sum(row["values"]["true"])
        assert len(row["examples"]) == 2
    corrected = runs["aligned"]["rows"][2]
    assert sum(corrected["values"]["true"]) == 6  # at the latest the teacher's sentence is true
    assert corrected["thinking_used"] is None  # the store keeps none
    files = [str(tmp_path / f"{writer}.json") for writer in records]
    twice = start("writers.py", "--compare", *files, files[0])
    assert twice.stderr.endswith("toy, tiny was given twice with reason_seed 2020: give each run once.\n")
    runs["tiny"]["reason_seed"] = 2021
    (tmp_path / "other.json").write_text(json.dumps(records["tiny"]))
    done = start("writers.py", "--compare", *files, str(tmp_path / "other.json"))
    assert "| seeds x prompts | 2 x 6 | 2 x 6 | 2 x 6 | 1 x 6 | 1 x 6 | 1 x 6 | 1 x 6 |" in done.stdout
    assert "| toy, small, + RL: judge | 6 |" in done.stdout
    assert done.stdout.count("drawn at random:") == 7


def test_writers_needs_a_writer_and_its_model(start, tmp_path):
    for given, said in (
        ((), "--writer is missing"),
        (("--writer=aligned",), "--writer=aligned needs a pretrained model: give --llm, such as --llm=smollm2."),
        (("--writer=tiny", "--llm=smollm2"), "contradict each other"),
        (("--writer=tiny", "--prompts=0"), "--prompts and --examples must be at least 1."),
    ):
        done = start("writers.py", *given)
        assert done.returncode == 2
        assert said in done.stderr


def test_describe(run, toy, tmp_path):
    data = ["--dataset=toy", f"--data_path={toy.root}", f"--llm.name={save_llm(tmp_path / 'llm')}"]
    record = run("describe.py", *data, "--describe.max_tokens=16", "--encoders", "lsa", "--controls=2")
    # Three of the thirty users have three interactions, too few for a validation item.
    assert record["users"] == {"validation": 27, "training": 30}
    assert record["describe"]["items"] == 25
    table = record["recall_at_10"]["lsa"]
    assert [len(table[row]["validation"]) for row in table] == [1, 1, 1, 2, 1]
    assert all(0 <= value <= 1 for row in table.values() for values in row.values() for value in values)
    # The items have a title and nothing else, so the first two rows differ in how often it stands there.
    assert table["title"]["validation"][0] > 0
    examples = record["examples"]
    assert len({one["item"] for one in examples}) == 10 and all(one["item"].startswith("Story ") for one in examples)


def test_claims(run, toy, tmp_path):
    record = run("claims.py", "--dataset=toy", f"--data_path={toy.root}", "--sentences=40")
    assert sum(row["of"] for row in record["labelled"]["labelled"]["labels"].values()) == 300
    assert record["labelled"]["labelled"]["kinds"]["title"]["flagged"] > 0
    evidence = record["evidence"]
    assert (evidence["true"], evidence["flagged"]) == (40, 0)
    assert evidence["planted"]["item renamed"] == evidence["found"]["item renamed"] > 20
    assert set(evidence["wrongly_flagged"].values()) == {0}


def test_reasoner(run, toy, tmp_path, stages):
    data = ["--dataset=toy", f"--data_path={toy.root}", *stages, "--device=cpu"]
    scale = ["--prompts=12", "--rounds=1", "--batches", "4", "--steps=2"]
    parts = ["--parts", "generation", "sft", "grpo", "random", "--size=tiny", "--random_batch=4", "--random_tokens=8"]
    record = run("reasoner.py", *data, *scale, *parts)
    engines = ["transformers, 4", "ctranslate2 float32, 4", "ctranslate2 int8, 4"]
    sides = record["generation"]["sides"]
    assert list(sides) == ["plain loop, 4", *engines]
    speeds = {name: side["tokens_per_second"]["median"] for name, side in sides.items()}
    for name, ratio in record["generation"]["ratios"].items():
        assert ratio["plain loop, 4"] == pytest.approx(speeds[name] / speeds["plain loop, 4"], abs=0.01)
    assert [len(times["all"]) for times in record["sft"]["examples_per_second"].values()] == [2, 2]
    assert record["grpo"]["completions_per_step"] == FAST["reinforce"]["prompts"] * FAST["reinforce"]["generations"]
    assert [len(times["all"]) for times in record["grpo"]["completions_per_second"].values()] == [2, 2]
    assert record["random"]["gigabytes_per_step"] > 0
    assert record["random"]["share_of_bandwidth_limit"] > 0
    assert not list(tmp_path.glob("saved/reasoner-*"))


def test_ratings(start, atomic, tmp_path):
    data = rated_dataset(atomic)
    place = [f"--data_path={data.root}", f"--out={tmp_path / 'result.json'}", "--dataset=toy"]
    done = start("ratings.py", *place, "--split=random", "--seeds", "1", "2", "--rows", "mean", "bias")
    assert done.returncode == 0, done.stderr
    assert "# toy, random split" in done.stdout
    record = json.loads((tmp_path / "result.json").read_text())
    assert (record["seeds"], record["reference"]) == ([1, 2], "bias")
    mean, bias = (row["metrics"] for row in record["rows"])
    assert mean["rmse"]["mean"] > bias["rmse"]["mean"] > 0
    assert mean["low_recall"]["values"] == [0, 0]
    assert {one["row"] for one in record["comparisons"]} == {"mean"}

    done = start("ratings.py", *place, "--rows", "bias", "means")
    assert done.returncode == 2
    assert done.stderr.strip().startswith("rows: 'means' is no row (nearest: 'mean'): give mode, mean, median, bias")


def test_review_signal(start, tmp_path):
    out = tmp_path / "result.json"
    data = ["--dataset=reviews", f"--data_path={ROOT / 'dataset'}", f"--scratch={tmp_path}"]
    done = start("review_signal.py", f"--out={out}", *data, "--vectors", "none", "teacher", "lsa")
    assert done.returncode == 0, done.stderr
    assert "lsa       all" in done.stdout
    rows = {(row["vectors"], row["folds"]): row for row in json.loads(out.read_text())["rows"]}
    assert set(rows) == {("none", "own"), *((kind, folds) for kind in ("teacher", "lsa") for folds in ("own", "all"))}
    assert not rows["none", "own"]["taken"]
    assert rows["none", "own"]["rmse"] == pytest.approx(rows["none", "own"]["rmse_of_biases"])
    assert rows["lsa", "all"]["gain_left_out"] > 0.2
    assert rows["lsa", "all"]["rmse"] < 0.95 * rows["lsa", "all"]["rmse_of_biases"]
    refused = start("review_signal.py", "--dataset=nowhere", f"--data_path={tmp_path}")
    assert refused.returncode == 2
    assert "nowhere" in refused.stderr
