from __future__ import annotations

from pathlib import Path

from recbole_curec.llm.engines.completion_log import CompletionLog


def test_what_was_added_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "scratch" / "completions.jsonl"
    log = CompletionLog(path)
    texts = {"a": "one\nline", "b": "", "c": 'Ünïcödé "\u2028"'}
    for key, text in texts.items():
        log.add(key, text)
    again = CompletionLog(path)  # the first one was never closed
    assert {key: again.get(key) for key in texts} == texts
    assert again.get("d") is None


def test_a_line_without_its_end_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "completions.jsonl"
    CompletionLog(path).add("a", "whole")
    with path.open("a") as file:
        file.write('{"key": "b", "te')
    log = CompletionLog(path)
    assert (log.get("a"), log.get("b")) == ("whole", None)
    log.add("b", "anew")
    assert CompletionLog(path).get("b") == "anew"
    assert len(path.read_text().splitlines()) == 2


def test_damaged_lines_are_asked_for_again_and_said_so(tmp_path, caplog):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"key": "a", "text": "one"}\n\x00\x00\n{"key": "b"}\n[]\n{"key": "c", "text": "three"}\n')
    with caplog.at_level("WARNING"):
        log = CompletionLog(path)
    assert [log.get(key) for key in "abc"] == ["one", None, "three"]
    assert caplog.messages == [f"3 lines of {path} are damaged: their completions are requested again."]


def test_a_changed_letter_is_noticed(tmp_path, caplog):
    path = tmp_path / "log.jsonl"
    log = CompletionLog(path)
    for key in "ab":
        log.add(key, "fine")
    path.write_text(path.read_text().replace("fine", "mine", 1))
    again = CompletionLog(path)
    assert [again.get(key) for key in "ab"] == [None, "fine"]
    assert caplog.messages == [f"1 lines of {path} are damaged: their completions are requested again."]
