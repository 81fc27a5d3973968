"""Against a server that misbehaves: every fault is retried or one sentence, in bounded time, and nothing is stored."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import ServerError
from recbole_curec.llm.engines import chat_client
from recbole_curec.llm.engines.openai import OpenAIEngine
from recbole_curec.llm.messages import Message
from recbole_curec.llm.server import ServerSettings
from tests.llm.engines.misbehaving import (
    Behaviour,
    Misbehaving,
    closing_midway,
    completion,
    dripping,
    dripping_headers,
    endless,
    hanging,
    later,
    right,
    saying,
    until,
)
from tests.signals import hear_ctrl_c

pytest.importorskip("openai")
KEY = "sk-" + "x9Zq" * 100  # longer than what is shown of a server's message
PROMPTS: list[list[Message]] = [[{"role": "user", "content": f"Reason {number}"}] for number in range(3)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUREC_TEST_KEY", KEY)
    monkeypatch.setattr(chat_client, "_FIRST_PAUSE", 0.02)


def ask(server: Misbehaving, scratch: Path, prompts: list[list[Message]] = PROMPTS[:1], **given: Any) -> list[str]:
    settings = {"timeout": 0.8, "retries": 1, "base_url": server.url, "key_variable": "CUREC_TEST_KEY", **given}
    engine = OpenAIEngine.asking(ServerSettings(**settings), "m", scratch, max_new_tokens=32)
    return engine.write(prompts, temperature=0, seed="a")


REPEATED = f"Incorrect API key provided: {KEY}"
FAULTS: list[tuple[str, Behaviour, int, str]] = [
    ("hangs", hanging, 2, "no whole answer within 0.8 seconds): set a longer openai.timeout"),
    ("drips", dripping, 2, "no whole answer within 0.8 seconds"),
    ("drips its headers", dripping_headers, 2, "no whole answer within 0.8 seconds"),
    ("never ends", endless, 2, "its answer is longer than 4,194,304 bytes"),
    ("closes midway", closing_midway, 2, "start it again or set openai.base_url"),
    ("breaks the protocol", lambda handler: handler.wfile.write(b"hello\r\n\r\n"), 2, "start it again"),
    ("broken compression", saying(b"zzz", Content_Encoding="gzip"), 2, "start it again"),
    ("no JSON", saying("<html>"), 2, "its answer is no JSON"),
    ("doubled", saying(completion() * 2), 2, "its answer is no JSON"),
    ("no choices", saying("{}"), 2, "it has no choices"),
    ("null", saying(completion(None)), 2, "holds no text"),
    ("no text", saying(completion(5)), 2, "content is no text"),
    ("half a character", saying(completion("a\ud800")), 2, "half a character"),
    ("1 MB of text", saying(completion("a" * 1_000_000)), 2, "1,000,000 characters, more than 32 tokens"),
    ("429 without end", saying('{"error": "slow down"}', 429), 2, "429, slow down): wait, or set a lower openai.co"),
    ("429 for years", saying("", 429, Retry_After="999999999"), 1, "it asks to wait 999,999,999 seconds"),
    ("429 for ever", saying("", 429, Retry_After="1e999"), 1, "it asks to wait endlessly many seconds"),
    ("500", saying("boom", 500), 2, "Error code: 500, boom"),
    ("5 MB of error", saying(b"x" * 5_000_000, 500), 2, "its answer is longer than"),
    ("refuses", saying('{"detail": "no such seed"}', 422), 1, "422, no such seed): set openai_engine.model or what"),
    ("redirects", saying("", 302, Location="http://127.0.0.1:9/v1"), 1, "it redirects elsewhere (status 302)): set op"),
    ("redirects a POST", saying("", 307, Location="http://127.0.0.1:9/v1"), 1, "it redirects elsewhere (status 307)"),
    ("repeats the key", saying(f'{{"error": {{"message": "{REPEATED}"}}}}', 401), 1, "API key provided: ***): set op"),
    ("repeats it in text", saying(REPEATED, 403), 1, "it refuses the key: Error code: 403, Incorrect API key provid"),
    ("repeats a part of it", saying(f"key {KEY[:350]}... is wrong", 401), 1, "401, key ***... is wrong"),
    ("repeats it in an answer", saying(f'{{"error": "{REPEATED}"}}'), 2, "it has no choices: Incorrect API key pro"),
]  # fmt: skip


@pytest.mark.parametrize(("behaviour", "asked", "said"), [fault[1:] for fault in FAULTS], ids=[f[0] for f in FAULTS])
def test_every_fault_is_one_sentence_and_the_next_run_succeeds(
    behaviour: Behaviour, asked: int, said: str, tmp_path: Path
) -> None:
    with Misbehaving(behaviour) as server:
        began = time.monotonic()
        with pytest.raises(ServerError) as caught:
            ask(server, tmp_path)
        assert time.monotonic() - began < 4
        message = str(caught.value)
        assert message.startswith(f"The server at {server.url} stopped after 0 of 1 completions (")
        assert said in message
        assert "\n" not in message
        assert server.asked == asked
        shown = "".join(traceback.format_exception(caught.value))
        assert not any(KEY[start : start + 12] in shown for start in range(0, len(KEY) - 12, 3))
        server.behaviour = right
        assert ask(server, tmp_path) == ["fine"]


@pytest.mark.parametrize(
    "first", [closing_midway, saying(""), saying("", 429, Retry_After="0"), saying("", 503), saying(completion(None))]
)
def test_a_fault_that_passes_is_retried(first: Behaviour, tmp_path: Path) -> None:
    with Misbehaving(until(2, first)) as server:
        assert ask(server, tmp_path, retries=2) == ["fine"]
        assert server.asked == 3


def test_json_of_another_content_type_is_read(tmp_path: Path) -> None:
    with Misbehaving(lambda handler: handler.reply(completion("as text"), kind="text/plain")) as server:
        assert ask(server, tmp_path) == ["as text"]


@pytest.mark.parametrize("setting", ["judge.model", "claims.judge_model", "openai_teacher.model"])
def test_a_refused_request_names_the_setting_of_who_asked(setting: str, tmp_path: Path) -> None:
    with Misbehaving(saying("no", 400)) as server:
        settings = ServerSettings(base_url=server.url, retries=0)
        engine = OpenAIEngine.asking(settings, "m", tmp_path, max_new_tokens=32, model_setting=setting)
        with pytest.raises(ServerError, match=rf"no\): set {setting} or what the answer names"):
            engine.write(PROMPTS[:1], temperature=0, seed="a")


def test_a_key_in_a_completion_is_not_stored(tmp_path: Path) -> None:
    with Misbehaving(saying(completion(f"the key is {KEY}, or {KEY[:40]}"))) as server:
        assert ask(server, tmp_path) == ["the key is ***, or ***"]
    stored = (tmp_path / "completions.jsonl").read_text()
    assert "the key is ***, or ***" in stored and KEY[:12] not in stored


def test_a_word_that_is_a_key_or_in_the_address_stays_in_a_completion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUREC_TEST_KEY", "EMPTY")
    text = "An EMPTY house serves you."
    with Misbehaving(saying(completion(text))) as server:
        assert ask(server, tmp_path, base_url=f"{server.url.removesuffix('/v1')}/house/v1") == [text]


def test_a_fault_without_a_cause_is_said_without_marks(tmp_path: Path) -> None:
    settings = {"base_url": "http://127.0.0.1:9/v1", "retries": 0}
    engine = OpenAIEngine.asking(ServerSettings(**settings), "m", tmp_path, max_new_tokens=32)
    with pytest.raises(ServerError, match=r"\(Connection error(; [^;]*[^;.])?\): start it again"):
        engine.write(PROMPTS[:1], temperature=0, seed="a")


def test_a_server_waits_as_long_as_it_is_asked_to(tmp_path: Path) -> None:
    with Misbehaving(until(1, saying("", 429, Retry_After="0.3"))) as server:
        began = time.monotonic()
        assert ask(server, tmp_path) == ["fine"]
        assert 0.3 < time.monotonic() - began < 2


def test_answers_that_come_while_another_fails_are_kept(tmp_path: Path) -> None:
    with Misbehaving(until(1, saying("no", 400), later(0.2, right))) as server:
        with pytest.raises(ServerError, match=r"stopped after 2 of 3 completions \(Error code: 400, no\)"):
            ask(server, tmp_path, PROMPTS, concurrency=3)
        assert ask(server, tmp_path, PROMPTS) == ["fine"] * 3
        assert server.asked == 4


def test_what_an_older_run_stored_of_a_broken_answer_is_asked_again(tmp_path: Path) -> None:
    with Misbehaving(right) as server:
        ask(server, tmp_path)
        log = tmp_path / "completions.jsonl"
        for broken in ('"a\\ud800"', "null", "5"):
            log.write_text(log.read_text().replace('"fine"', broken))
            assert ask(server, tmp_path) == ["fine"]
            log.write_text("".join(line for line in log.open() if '"fine"' in line))
        assert server.asked == 4


def test_ctrl_c_ends_a_process_whose_server_hangs() -> None:
    program = """
        import sys
        from pathlib import Path
        from recbole_curec.llm.engines.openai import OpenAIEngine
        from recbole_curec.llm.server import ServerSettings
        settings = ServerSettings(base_url=sys.argv[1], timeout=60.0)
        engine = OpenAIEngine.asking(settings, "m", Path(sys.argv[2]), max_new_tokens=8)
        engine.write([[{"role": "user", "content": "a"}]] * 4, temperature=0, seed="a")
    """
    with Misbehaving(hanging) as server:
        command = [sys.executable, "-c", textwrap.dedent(program), server.url, "scratch"]
        process = subprocess.Popen(
            command, cwd=Path.cwd(), stderr=subprocess.PIPE, env=_environment(), preexec_fn=hear_ctrl_c
        )
        deadline = time.monotonic() + 180  # the imports take long on a busy machine
        while server.asked < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.asked == 4
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=20)
        assert time.monotonic() - began < 5
        assert server.asked == 4
        assert process.returncode == -signal.SIGINT
        assert error.decode().strip().endswith("KeyboardInterrupt")


def _environment() -> dict[str, str]:
    root = str(Path(chat_client.__file__).parents[3])
    return {**os.environ, "PYTHONPATH": root}


@pytest.mark.parametrize(
    ("answered", "seconds"), [("Fri, 27 Nov 2026 08:00:00 GMT", 7.0), ("Fri, 27 Nov 2026 09:00:00 GMT", 0.0)]
)
def test_a_date_to_wait_for_counts_from_the_servers_clock(answered: str, seconds: float) -> None:
    headers = {"retry-after": "Fri, 27 Nov 2026 08:00:07 GMT", "date": answered}
    assert chat_client._asked_pause(headers) == seconds  # whatever the time is here
