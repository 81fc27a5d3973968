"""Every example of docs/extending.md is a module that a config names, and a small run shows what it did."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
import yaml

import recbole_curec as curec
from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import POINTS, load_object
from recbole_curec.features.store import FeatureStore
from recbole_curec.model.fusions.gate import GateFusion
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.experiment import RunResult
from recbole_curec.plugin.loading import load_run
from recbole_curec.ranking.families import Families
from recbole_curec.ranking.family import RankMaterial
from recbole_curec.reasons.parsing import parse_reason, words_of
from recbole_curec.reasons.store import STORE, read_records
from recbole_curec.settings.settings import Settings
from tests.docs.pages import DOCS, Block, blocks
from tests.pipeline_runs import FAST, SharedRun, layered, run_stages
from tests.ranking.worlds import candidates_of, history_of, queries_of
from tests.stage_runs import run_until, spy_on_alignment

BLOCKS = blocks(DOCS / "extending.md")
EXAMPLES = [block for block in BLOCKS if block.language == "python"]


@pytest.fixture(scope="module", autouse=True)
def _parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The examples as modules of an installed package."""
    folder = tmp_path_factory.mktemp("installed")
    for block in EXAMPLES:
        path = folder / file_of(block)
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_parts"]:
        del sys.modules[name]


def file_of(block: Block) -> str:
    """The file that the first line of an example names."""
    found = re.match(r"# (my_parts/\w+\.py)\n", block.text)
    assert found, block.heading
    return found[1]


def chosen(heading: str) -> dict[str, Any]:
    """The lines of YAML that choose an example."""
    (block,) = [block for block in BLOCKS if block.heading == heading and block.language == "yaml"]
    found: dict[str, Any] = yaml.safe_load(block.text)
    return found


def remade(made: dict[str, Artifact], shared_run: SharedRun) -> list[str]:
    """The stages that were not the shared run's."""
    return [name for name, artifact in made.items() if artifact.key != shared_run.artifacts[name].key]


def check(shared_run: SharedRun, folder: Path, *settings: dict[str, Any]) -> None:
    """Check settings as a run does, before anything runs."""
    given = {**FAST, "data_path": str(shared_run.dataset.root), "checkpoint_dir": str(folder)}
    for layer in settings:
        given = layered(given, layer)
    load_config("CURec", shared_run.dataset.name, (), given)


def run(shared_run: SharedRun, folder: Path, settings: dict[str, Any]) -> RunResult:
    """Stage 7 over the features of the shared run."""
    shared_run.copy_to(folder)
    places = {"data_path": str(shared_run.dataset.root), "checkpoint_dir": str(folder)}
    few = {"epochs": 3, "MAX_ITEM_LIST_LENGTH": 5, "run.compare_baseline": False, "state": "ERROR"}
    given = layered({**FAST, **places, **few}, settings)
    result = curec.run("CURec", shared_run.dataset.name, config=given)
    assert {name: made.name for name, made in result.artifacts.items()} == {
        name: made.folder.name for name, made in shared_run.artifacts.items()
    }
    return result


def test_every_part_has_a_row_and_one_short_example() -> None:
    page = (DOCS / "extending.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[([\w ]+)\]\(#an?-([\w-]+)\) \|([^|]*)\|([^|]*)\|", page, flags=re.M)
    assert [name.replace(" ", "-") for name, *_ in rows] == [anchor for _, anchor, *_ in rows]
    told = {name: re.findall(r"`([\w.]+)`", setting)[0] for name, _, setting, _ in rows}
    points = {point.kind: point.setting for point in POINTS}
    assert told == {**points, "backbone": "recommend.backbone", "stage": "run.extra_stages"}
    for (name, _, _, base), block in zip(rows, EXAMPLES, strict=True):
        assert re.fullmatch(rf"An? {name}", block.heading)
        if path := re.findall(r"`(recbole_curec[\w.]+)`", base):
            assert load_object(re.sub(r"\.(\w+)$", r":\1", path[0]), "") is not None
        assert len([line for line in block.text.splitlines() if line.strip()]) < 25, block.heading
        module = file_of(block).removesuffix(".py").replace("/", ".")
        assert f"{module}:" in str(chosen(block.heading))


def test_a_reward(shared_run: SharedRun, tmp_path: Path) -> None:
    made = run_stages(shared_run.dataset, tmp_path, shared_run, **chosen("A reward"))
    assert remade(made, shared_run) == ["reinforce", "correct", "encode"]

    def brevity(completion: str) -> float:
        return -max(len(words_of(parse_reason(completion).text)) - 12, 0) / 10

    rollouts = pd.read_parquet(made["reinforce"].folder / "completions.parquet")
    assert rollouts["reward_brevity"].tolist() == pytest.approx([brevity(one) for one in rollouts["completion"]])
    assert rollouts["reward_brevity"].min() < 0
    assert "brevity" in pd.read_csv(made["reinforce"].folder / "training_curves.csv").to_string()
    records = read_records(made["correct"].folder / STORE)
    weights = chosen("A reward")["reinforce"]["weights"]
    for record in records:
        assert record.rewards["brevity"] == pytest.approx(brevity(f"<think></think> {record.text}"))
        total = sum(weights.get(name, 0.5) * value for name, value in record.rewards.items() if name != "total")
        assert record.rewards["total"] == pytest.approx(total)
    assert min(record.rewards["brevity"] for record in records) < 0
    with pytest.raises(ConfigurationError, match=r"^brevity\.words=0 cannot be used"):
        check(shared_run, tmp_path, chosen("A reward"), {"brevity.words": 0})


def test_a_fusion(shared_run: SharedRun, tmp_path: Path) -> None:
    result = run(shared_run, tmp_path, chosen("A fusion"))
    fused = load_run(result.checkpoint).model.backbone.item_embedding
    assert f"{type(fused).__module__}:{type(fused).__name__}" == chosen("A fusion")["recommend"]["fusion"]
    assert fused.inner.out_features == 16
    # It started at the id vectors and has learnt to move those that have features.
    moved = (fused.weight - fused.table).norm(dim=1) > 0
    assert moved.tolist() == (fused.semantic.norm(dim=1) > 0).tolist() == [False, *[True] * 16]
    assert result.models[0].test["ndcg@10"] > 0
    with pytest.raises(ConfigurationError, match=r"^shift\.hidden=0 cannot be used"):
        check(shared_run, tmp_path, chosen("A fusion"), {"shift.hidden": 0})


def test_a_text_encoder(shared_run: SharedRun, tmp_path: Path) -> None:
    settings = chosen("A text encoder")
    made = run_stages(shared_run.dataset, tmp_path, shared_run, **settings)
    assert remade(made, shared_run) == ["encode"]
    assert f"({settings['encode']['text_encoder']})" in made["encode"].manifest()["summary"]
    assert made["encode"].manifest()["settings"]["char_grams"] == {"length": 3, "columns": 512}
    # No more directions than the encoder has columns.
    narrow = run_stages(shared_run.dataset, tmp_path, **layered(settings, {"char_grams.columns": 2}))
    assert remade(narrow, shared_run) == ["encode"]
    dims = [FeatureStore.load(run["encode"].folder).item.shape[1] for run in (narrow, made, shared_run.artifacts)]
    assert dims[0] <= 2 < dims[1] == dims[2] == FAST["encode.feature_dim"]
    with pytest.raises(ConfigurationError, match=r"^char_grams\.columns=1 cannot be used"):
        check(shared_run, tmp_path, settings, {"char_grams.columns": 1})


@pytest.fixture
def server() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that answers chats: its address, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            target = body["chat"][-1]["content"].rsplit('"', 2)[-2]
            text = f'<think> "{target}"</think> You may heartily enjoy "{target}", it is popular.'
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"text": text}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()
    thread.join()
    running.server_close()


def test_an_engine(shared_run: SharedRun, tmp_path: Path, server: tuple[str, list[dict[str, Any]]]) -> None:
    address, asked = server
    shared_run.copy_to(tmp_path)
    settings = layered(chosen("An engine"), {"house.url": address})
    made = run_until("reward", shared_run.dataset, tmp_path, **settings)
    assert remade(made, shared_run) == ["reward"]
    # A reason for every interaction and for one negative of each.
    assert len(asked) == 2 * made["reward"].manifest()["figures"]["positives"] > 0
    assert len({body["seed"] for body in asked}) == len(asked)
    assert {(body["temperature"], body["max_tokens"]) for body in asked} == {(0.7, FAST["llm.max_reason_tokens"])}
    # The reward model has read what the server wrote.
    vocabulary = [json.loads((run["reward"].folder / "lsa.json").read_text()) for run in (made, shared_run.artifacts)]
    assert ["heartily" in words for words in vocabulary] == [True, False]


def test_a_teacher(shared_run: SharedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared_run.copy_to(tmp_path)
    learnt = spy_on_alignment(monkeypatch)
    made = run_until("align", shared_run.dataset, tmp_path, **chosen("A teacher"))
    assert remade(made, shared_run) == ["align"]
    figures = made["align"].manifest()["figures"]
    assert figures["sentences_accepted"] == figures["examples_by_task"]["reason"] > 0
    assert figures["sentences_rejected"] == {}
    assert sum("You could try" in text for text in learnt) == figures["sentences_accepted"] < len(learnt)
    with pytest.raises(ConfigurationError, match=r"^short\.opening holds a quotation mark"):
        check(shared_run, tmp_path, chosen("A teacher"), {"short.opening": 'Try "'})


def test_a_language(shared_run: SharedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learnt = spy_on_alignment(monkeypatch)
    made = run_until("align", shared_run.dataset, tmp_path, **chosen("A language"))
    assert remade(made, shared_run) == ["collect", "align"]
    figures = made["align"].manifest()["figures"]
    assert figures["sentences_rejected"] == {}
    brief = [text for text in learnt if re.search('</think> "[^"]*", as ', text)]
    assert len(brief) > figures["examples_by_task"]["reason"] / 2  # others are guesses
    assert all("You may like" not in text for text in brief)


def test_a_ranking_feature(shared_run: SharedRun, tmp_path: Path) -> None:
    given = chosen("A ranking feature")
    check(shared_run, tmp_path, given)
    # User 1's latest items 2 and 3 count for others alone; 3 is among the latest of user 2 as well.
    history = history_of([[1, 2, 3], [3], [1, 1]], 5)
    settings = Settings.from_mapping({"rank.features": given["rank"]["features"], "rising.last": 2})
    families = Families.prepare(given["rank"]["features"], RankMaterial(history, {}, settings))
    assert families.columns[-1].name == "rising.users"
    table = families.table(queries_of([(1, [1]), (2, [])]), candidates_of([[2, 3, 4], [1, 2, 3]]))
    assert table[:, -1].tolist() == [0, 1, 0, 1, 1, 1]
    with pytest.raises(ConfigurationError, match=r"rising\.last=0"):
        check(shared_run, tmp_path, given, {"rising": {"last": 0}})


def test_a_backbone(shared_run: SharedRun, tmp_path: Path) -> None:
    result = run(shared_run, tmp_path, chosen("A backbone"))
    loaded = load_run(result.checkpoint)
    model, table = loaded.model.backbone, loaded.model.backbone.things
    assert type(model).__name__ == "MeanOfItems"
    assert isinstance(table, GateFusion)
    assert tuple(table.weight.shape) == (17, 16)
    batch = next(iter(loaded.splits[2]))[0]
    history, length = batch[model.ITEM_SEQ], batch[model.ITEM_SEQ_LEN]
    with torch.no_grad():
        mean = torch.stack([table.weight[row[:count]].mean(dim=0) for row, count in zip(history, length, strict=True)])
        scores = loaded.model.full_sort_predict(batch).view(len(batch), -1)
        assert torch.allclose(scores, mean @ table.weight.T, atol=1e-5)
    with pytest.raises(ConfigurationError, match=r"^Setting 'meen_size' is known neither to RecBole nor to CURec"):
        check(shared_run, tmp_path, chosen("A backbone"), {"meen_size": 8})


def test_a_stage(shared_run: SharedRun, tmp_path: Path) -> None:
    made = run_stages(shared_run.dataset, tmp_path, shared_run, **chosen("A stage"))
    added = made.pop("neighbours")
    assert remade(made, shared_run) == []
    manifest = added.manifest()
    assert manifest["figures"] == {"items": 16}
    assert manifest["settings"] == {"neighbours": {"count": 3}}
    assert manifest["inputs"] == {"encode": made["encode"].key}
    found = json.loads((added.folder / "neighbours.json").read_text())
    items = FeatureStore.load(made["encode"].folder)
    for token, vector in zip(items.item_tokens, items.item, strict=True):
        closeness = dict(zip(items.item_tokens, (items.item @ vector).tolist(), strict=True))
        others = sorted(set(items.item_tokens) - {token}, key=closeness.__getitem__, reverse=True)
        assert [closeness[one] for one in found[token]] == pytest.approx(
            [closeness[one] for one in others[:3]], abs=1e-5
        )
    with pytest.raises(ConfigurationError, match=r"^neighbours\.count is not below the number of items"):
        run_stages(shared_run.dataset, tmp_path, **{**chosen("A stage"), "neighbours": {"count": 16}})
