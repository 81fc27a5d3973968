"""No validation or test interaction reaches stages 1-6: canaries are never seen, permutations change nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from recbole_curec.llm.engines.batched import BatchedEngine
from recbole_curec.reasons.prompts import quote as quote_names
from recbole_curec.reasons.store import STORE, ReasonRecord, read_records
from recbole_curec.training import grpo, sft
from tests.conftest import AtomicDataset
from tests.pipeline_runs import SharedRun, artifact_bytes, artifact_text, run_stages, topic_rows, write_topics

CANARY = "zqcanaryqz"


def _held_out(rows: list[tuple[Any, ...]]) -> list[int]:
    """Row numbers of the validation and test interactions under leave-one-out: the last two of every user."""
    by_user: dict[str, list[int]] = {}
    for number, row in sorted(enumerate(rows), key=lambda pair: pair[1][2]):
        by_user.setdefault(row[0], []).append(number)
    return [number for numbers in by_user.values() for number in numbers[-2:]]


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything any model is shown: SFT and GRPO datasets, and every prompt that is generated from."""
    seen: list[str] = []
    write = BatchedEngine.write

    def spy_write(self: Any, messages: Any, **arguments: Any) -> list[str]:
        seen.extend(map(str, messages))
        return write(self, messages, **arguments)

    monkeypatch.setattr(BatchedEngine, "write", spy_write)
    for module, name in ((sft, "AlignTrainer"), (grpo, "ReinforceTrainer")):
        original = getattr(module, name)

        def spy_trainer(*args: Any, _original: Any = original, **arguments: Any) -> Any:
            rows = arguments["train_dataset"].to_list()
            seen.extend(arguments["processing_class"].decode(row["input_ids"]) for row in rows if "input_ids" in row)
            seen.extend(map(str, rows))
            return _original(*args, **arguments)

        monkeypatch.setattr(module, name, spy_trainer)
    return seen


def test_canaries_in_held_out_rows_are_seen_nowhere(atomic: AtomicDataset, tmp_path: Any, prompts: list[str]) -> None:
    rows = topic_rows()
    for number in _held_out(rows):
        user, _, time, _ = rows[number]
        rows[number] = (user, f"{CANARY}item{number % 5}", time, f"{CANARY}review")
    rows += [(f"{CANARY}user", f"{CANARY}item{k}", 5000 + k, f"{CANARY}review") for k in range(1)]
    write_topics(atomic, rows)
    artifacts = run_stages(atomic, tmp_path / "saved")
    assert len(prompts) > 50
    assert any(prompt.startswith("<|user|>History:") for prompt in prompts)
    assert not [prompt for prompt in prompts if CANARY in prompt]
    assert CANARY not in artifact_text(artifacts)
    assert "Crime Story" in artifact_text(artifacts)  # the search would find text if it were there


def _with_reviews(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Every review shares the word "Story" with every title and has a token of its own: user and place in time."""
    counts: dict[str, int] = {}
    told = []
    for user, item, time, _ in rows:
        place = counts[user] = counts.get(user, -1) + 1
        told.append((user, item, time, f"This was a fine story called tok{user}at{place}end. Nothing more."))
    return told


def test_canaries_in_held_out_reviews_are_seen_nowhere(
    atomic: AtomicDataset, tmp_path: Any, prompts: list[str]
) -> None:
    rows = _with_reviews(topic_rows())
    for number in _held_out(rows):
        rows[number] = (*rows[number][:3], f"A story {CANARY}review for every story")
    write_topics(atomic, rows)
    artifacts = run_stages(atomic, tmp_path / "saved", teacher="reviews")
    assert any("you wrote \u201cThis was a fine story called toku" in prompt for prompt in prompts)
    assert not [prompt for prompt in prompts if CANARY in prompt]
    text = artifact_text(artifacts)
    assert CANARY not in text
    assert "toku0at0end" in text  # the search would find a review if it were there


def test_a_repeated_pair_that_may_be_held_out_gives_no_review(atomic: AtomicDataset, tmp_path: Any) -> None:
    rows = _with_reviews(topic_rows())
    held_out = _held_out(rows)
    # The test item of user u0 is its very first item once more, with another review.
    last = max((number for number in held_out if rows[number][0] == "u0"), key=lambda number: rows[number][2])
    first = next(number for number, row in enumerate(rows) if row[0] == "u0")
    rows[last] = ("u0", rows[first][1], rows[last][2], f"A story {CANARY}again")
    write_topics(atomic, rows)
    text = artifact_text(run_stages(atomic, tmp_path / "saved", teacher="reviews"))
    assert CANARY not in text and "toku0at0end" not in text
    assert "toku0at1end" in text


def test_a_quoted_review_is_the_users_own_earlier_one_of_another_item(
    atomic: AtomicDataset, tmp_path: Any, prompts: list[str]
) -> None:
    rows = _with_reviews(topic_rows())
    write_topics(atomic, rows)
    artifacts = run_stages(atomic, tmp_path / "saved", teacher="reviews")
    records = read_records(artifacts["correct"].folder / STORE)
    reviewed = {(user, item): text for user, item, _, text in rows}
    quoted = [(record, quote) for record in records for quote in record.evidence.excerpts]
    assert len(quoted) > 10
    for record, quote in quoted:
        user, place = re.fullmatch(r".* tok(u\d+)at(\d+)end", quote.text).groups()  # type: ignore[union-attr]
        assert user == record.user and int(place) < record.position
        assert quote.text in reviewed[user, f"i{quote.name.rsplit(' ', 1)[1]}"]
        assert quote.text not in reviewed[record.user, record.item]
    for record in records:
        own = reviewed[record.user, record.item].split(".")[0]
        asked = f'Reason for "{record.evidence.target}":'
        assert not [one for one in record.evidence.excerpts if one.text in own]
        assert own not in record.draft and own not in record.text
        # Whatever the prompts about this target show of this user's reviews, the one of the target is not among it.
        history = f"History: {quote_names(record.evidence.history)}"
        assert not [prompt for prompt in prompts if asked in prompt and history in prompt and own in prompt]


def test_permuted_held_out_rows_give_identical_artifacts(shared_run: SharedRun, tmp_path: Any) -> None:
    rows, atomic = topic_rows(), AtomicDataset(tmp_path / "atomic", shared_run.dataset.name)
    first = artifact_bytes(shared_run.artifacts)
    held_out = _held_out(rows)
    items = [rows[number][1] for number in held_out]
    for number, item in zip(held_out, [*items[7:], *items[:7]], strict=True):
        rows[number] = (rows[number][0], item, *rows[number][2:])
    # The file's order decides RecBole's internal numbering; the artifacts must not depend on it either.
    front = [rows[number] for number in reversed(held_out)]
    rest = [row for number, row in enumerate(rows) if number not in held_out]
    write_topics(atomic, [*front, *rest])
    second = artifact_bytes(run_stages(atomic, tmp_path / "second"))
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_a_reason_sees_only_earlier_interactions(shared_run: SharedRun) -> None:
    sequence: dict[str, list[str]] = {}
    for user, item, _, _ in topic_rows():
        sequence.setdefault(user, []).append(item)
    records = read_records(shared_run.artifacts["correct"].folder / STORE)
    for record in records:
        _sees_only_earlier(record, sequence)
        assert (record.evidence.user, record.evidence.position) == (record.user, record.position)


def test_a_reason_for_another_user_sees_only_that_users_earlier_interactions(
    shared_run: SharedRun, tmp_path: Any, prompts: list[str]
) -> None:
    sequence: dict[str, list[str]] = {}
    for user, item, _, _ in topic_rows():
        sequence.setdefault(user, []).append(item)
    own = read_records(shared_run.artifacts["correct"].folder / STORE)
    artifacts = run_stages(shared_run.dataset, tmp_path / "saved", shared_run, shuffle_users=True)
    records = read_records(artifacts["correct"].folder / STORE)
    # The same interactions are explained ...
    places = [(record.user, record.item, record.position) for record in records]
    assert sorted(places) == sorted((record.user, record.item, record.position) for record in own)
    told_before: dict[str, tuple[int, str]] = {}
    for record in records:
        # ... each from the history of somebody else, as the record says ...
        assert record.written_for == record.evidence.user != record.user
        assert record.item == record.evidence.item == sequence[record.user][record.position]
        _sees_only_earlier(record, sequence)
        # ... and the reason a prompt carries is an earlier one of that same user.
        position, text = told_before.get(record.written_for, (0, ""))
        assert position <= record.evidence.position
        if text:
            asked = f'Reason for "{record.evidence.target}":'
            assert any(f"Earlier: {text}" in prompt and asked in prompt for prompt in prompts)
        told_before[record.written_for] = (record.evidence.position, record.text)
    assert artifacts["correct"].manifest()["figures"]["written_for_others"] == len(records)
    assert "written for other users" in artifacts["correct"].manifest()["summary"]


def _sees_only_earlier(record: ReasonRecord, sequence: dict[str, list[str]]) -> None:
    evidence = record.evidence
    name = {f"i{k}": k for k in range(16)}
    before = {name[item] for item in sequence[evidence.user][: evidence.position]}
    told = [*evidence.history, *(fact.name for fact in evidence.facts_of("similar"))]
    assert {int(text.rsplit(" ", 1)[1]) for text in told} <= before
    assert evidence.position <= 3  # positions 4 and 5 are validation and test
