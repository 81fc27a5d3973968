"""Against a real server, ``transformers serve`` with a tiny model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from recbole_curec.cli.main import main
from recbole_curec.errors import ServerError
from recbole_curec.llm.engines.chat_client import ChatClient
from recbole_curec.llm.engines.openai import OpenAIEngine
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.loading import BaseModel, save_untuned
from tests.atomic_dataset import AtomicDataset
from tests.llm.engines.served import Server, kill_after
from tests.llm.engines.small_model import PROMPTS, request_for
from tests.pipeline_runs import FAST, artifact_bytes, artifact_text, layered, run_stages, write_topics

KEY = "sk-zq-secret"


def engine_for(server: Server, model: Path, scratch: Path, **given: Any) -> OpenAIEngine:
    settings = {
        "openai_base_url": server.url, "openai_model": str(server.model), "openai_retries": 1, "openai_concurrency": 4,
        **given,
    }  # fmt: skip
    return OpenAIEngine.open(request_for(model, scratch, **settings))


def written_here(model: Path, scratch: Path) -> list[str]:
    """What the model's likeliest tokens are, without a server."""
    return TransformersEngine.open(request_for(model, scratch)).write(PROMPTS, temperature=0, seed="a")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every request that is sent."""
    requests: list[dict[str, Any]] = []
    submit = ChatClient.submit

    def counted(self: ChatClient, request: Mapping[str, Any]) -> Future[str]:
        requests.append(dict(request))
        return submit(self, request)

    monkeypatch.setattr(ChatClient, "submit", counted)
    return requests


def test_completions_come_back_in_order(server: Server, tiny: Path, tmp_path: Path) -> None:
    written = engine_for(server, tiny, tmp_path).write(PROMPTS, temperature=0, seed="a")
    expected = written_here(tiny, tmp_path)
    assert len(set(expected)) > len(PROMPTS) // 2
    assert written == expected


def test_a_seed_is_sent_with_every_request(
    server: Server, tiny: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    calls = [
        engine_for(server, tiny, tmp_path / folder, openai_concurrency=1).write(PROMPTS[:4], temperature=1.0, seed=seed)
        for folder, seed in (("first", "a"), ("second", "a"), ("third", "b"))
    ]
    assert calls[0] == calls[1] != calls[2]
    seeds = [request["seed"] for request in asked]
    assert seeds[:4] == seeds[4:8]
    assert len(set(seeds)) == 8


def test_finished_completions_are_not_asked_again(
    server: Server, tiny: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    first = engine_for(server, tiny, tmp_path).write(PROMPTS[:3], temperature=0.7, seed="a")
    assert len(asked) == 3
    assert engine_for(server, tiny, tmp_path).write(PROMPTS[:5], temperature=0.7, seed="a")[:3] == first
    assert len(asked) == 5
    for change in ({"seed": "b", "temperature": 0.7}, {"seed": "a", "temperature": 0.8}):
        engine_for(server, tiny, tmp_path).write(PROMPTS[:3], **change)  # type: ignore[arg-type]
    assert len(asked) == 11


def test_a_server_that_dies_midway_loses_nothing(
    server: Server, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[dict[str, Any]]
) -> None:
    with Server(server.model) as dying, monkeypatch.context() as patched:
        kill_after(5, dying, patched)
        with pytest.raises(ServerError) as caught:
            engine_for(dying, tiny, tmp_path).write(PROMPTS, temperature=0, seed="a")
    kept = len((tmp_path / "completions.jsonl").read_text().splitlines())
    assert 5 <= kept <= 8  # at most four requests were under way
    assert str(caught.value).startswith(f"The server at {dying.url} stopped after {kept} of {len(PROMPTS)} comple")
    assert str(caught.value).endswith("and run the same command, which goes on from there.")
    asked.clear()
    written = engine_for(server, tiny, tmp_path).write(PROMPTS, temperature=0, seed="a")
    assert len(asked) == len(PROMPTS) - kept
    assert written == written_here(tiny, tmp_path)


def test_a_run_whose_server_dies_goes_on_and_ends_the_same(
    server: Server,
    atomic: AtomicDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_topics(atomic)
    monkeypatch.setenv("CUREC_TEST_KEY", KEY)
    given = {
        "engine": "openai", "openai_model": str(server.model), "openai_base_url": server.url, "openai_concurrency": 1,
        "openai_retries": 0, "openai_key_variable": "CUREC_TEST_KEY", "max_reason_tokens": 16, "reward_positives": 8,
        "reasons_per_item": 1,
    }  # fmt: skip
    whole = run_stages(atomic, tmp_path / "whole", **given)
    total = len(asked)
    with Server(server.model) as dying, monkeypatch.context() as patched:
        kill_after(total - 10, dying, patched)  # within the last stage that writes
        elsewhere = {"openai_base_url": dying.url, "log_dir": tmp_path / "log", "checkpoint_dir": tmp_path / "cut"}
        # Sums over other numbers of threads differ in the last bit.
        threads = {"num_threads": torch.get_num_threads()}
        settings = layered(layered(FAST, given), {**elsewhere, **threads})
        command = [f"--{key}={value}" for key, value in settings.items()]
        assert main([*command, "--model=CURec", f"--dataset={atomic.name}", f"--data_path={atomic.root}"]) == 2
    assert f"error: The server at {dying.url} stopped after" in capsys.readouterr().err
    assert list((tmp_path / "cut").rglob("correct-*.partial"))
    assert not list((tmp_path / "cut").rglob("encode-*"))
    asked.clear()
    resumed = run_stages(atomic, tmp_path / "cut", **given)  # at another address, which reruns nothing
    assert len(asked) == 10
    assert artifact_bytes(resumed) == artifact_bytes(whole)
    assert not list((tmp_path / "cut").rglob("completions.jsonl"))
    logs = "".join(path.read_text() for path in (tmp_path / "log").rglob("*.log"))
    assert "CUREC_TEST_KEY" in logs
    assert KEY not in logs + artifact_text(resumed)


def test_what_the_server_refuses(server: Server, tiny: Path, tmp_path: Path) -> None:
    for given, message in (
        ({"openai_model": "other"}, r"Server is pinned to .*: set openai_engine\.model"),
        ({"openai_base_url": f"{server.url}/deeper"}, r"does not know the address or the model .* or openai\.base_url"),
    ):
        with pytest.raises(ServerError, match=message):
            engine_for(server, tiny, tmp_path, **given).write(PROMPTS[:2], temperature=0, seed="a")


def test_too_slow_a_server(server: Server, tiny: Path, tmp_path: Path) -> None:
    engine = engine_for(server, tiny, tmp_path, openai_timeout=0.001, openai_retries=0)
    with pytest.raises(ServerError, match=r"stopped after 0 of 2 .* set a longer openai\.timeout"):
        engine.write(PROMPTS[:2], temperature=0, seed="a")


def test_a_failed_request_is_sent_again_after_growing_pauses(
    server: Server, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    dead = engine_for(server, tiny, tmp_path, openai_base_url="http://127.0.0.1:9/v1", openai_retries=3)
    with caplog.at_level(logging.INFO), pytest.raises(ServerError, match=r"start it again or set openai\.base_url"):
        dead.write(PROMPTS[:1], temperature=0, seed="a")
    assert len(pauses) == 3
    assert pauses[0] < pauses[1] < pauses[2]


def test_the_model_of_a_stage(tiny: Path, tmp_path: Path) -> None:
    assert engine_for(Server(tiny, 9), tiny, tmp_path, openai_model="curec-{stage}").model == "curec-align"


def test_the_untuned_model_is_a_model_of_its_own(tiny: Path, tmp_path: Path) -> None:
    save_untuned(BaseModel(str(tiny)), tmp_path / "untuned")
    request = request_for(tmp_path / "untuned", tmp_path, openai_model="curec-{stage}")
    engine = OpenAIEngine.open(replace(request, model="describe", longest=40))
    # It is the base that the server has to serve, and not the folder that names it.
    assert (engine.model, engine.weights, engine.max_new_tokens) == ("curec-describe", tiny, 40)
    assert engine_for(Server(tiny, 9), tiny, tmp_path).weights == tiny
