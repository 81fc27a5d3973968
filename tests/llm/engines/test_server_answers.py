"""The text of an answer, and what is said of one that holds none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recbole_curec.llm.engines.server_answers import NoCompletionError, completion_text, error_text


def answer(**message: Any) -> bytes:
    return json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", **message}}]}).encode()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": " <think> a</think> b "}, "<think> a</think> b"),
        ({"content": " b", "reasoning_content": " a"}, "<think> a</think> b"),
        ({"content": "b", "reasoning": "a"}, "<think> a</think> b"),
        ({"content": None, "reasoning": "a"}, "<think> a</think>"),
        ({"content": "b", "reasoning": None}, "b"),
        ({"content": ""}, ""),
        ({"content": "caf\u00e9 \U0001f600"}, "caf\u00e9 \U0001f600"),
    ],
)
def test_thoughts_that_were_taken_out_are_put_back(message: dict[str, Any], text: str) -> None:
    assert completion_text(answer(**message), 96) == text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is no JSON; the address usually ends in /v1"),
        (b"<html>", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (answer(content="a") * 2, "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"null", "is no chat completion"),
        (b"[]", "is no chat completion"),
        (b'{"choices": []}', "has no choices"),
        (b'{"choices": null}', "has no choices"),
        (b'{"choices": {"0": 1}}', "has no choices"),
        (b'{"error": {"message": "out of credit"}}', "has no choices: out of credit"),
        (b'{"choices": [1]}', "its choice has no message"),
        (b'{"choices": [{"message": null}]}', "its choice has no message"),
        (answer(content=None), "holds no text"),
        (answer(), "holds no text"),
        (answer(content=5), "content is no text"),
        (answer(content=[{"type": "text", "text": "a"}]), "content is no text"),
        (answer(content="a", reasoning={}), "reasoning is no text"),
        (answer(content="a\ud800"), "half a character"),
        (answer(content="a", reasoning="\udc00"), "half a character"),
        (answer(content="a" * 1_000_000), "has 1,000,000 characters, more than 96 tokens can hold"),
    ],
)
def test_what_holds_no_completion(body: bytes, said: str) -> None:
    with pytest.raises(NoCompletionError) as caught:
        completion_text(body, 96)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": {"message": "no"}}', "no"),
        (b'{"error": "no"}', "no"),
        (b'{"detail": "no"}', "no"),
        (b'{"message": 5}', '{"message": 5}'),
        (b"plain", "plain"),
        (b"\xff", "\ufffd"),
    ],
)
def test_what_a_server_says_about_an_error(body: bytes, text: str) -> None:
    assert error_text(body) == text
