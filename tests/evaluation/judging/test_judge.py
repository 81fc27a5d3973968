"""Judges behind a real server: a fair one finds what is better, and the others are found out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recbole_curec.api.judging import JudgeReport, judge
from recbole_curec.errors import ConfigurationError, CURecError, DataError, ServerError
from recbole_curec.evaluation.judging.people import AgreementWithPeople
from recbole_curec.reasons.claim_judge import Agreement
from tests.evaluation.annotation.filling import attentive, filled
from tests.evaluation.explained import tables
from tests.evaluation.judging.judges import FairJudge, FirstJudge, LongJudge, TalkingJudge
from tests.llm.engines.scripted import ScriptedServer

pytest.importorskip("openai")


def asked(
    server: ScriptedServer, folder: Path, sets: dict[str, pd.DataFrame] | None = None, **given: Any
) -> JudgeReport:
    settings = {"judge.model": "gpt-x", "judge.writers": "smollm2", "judge.planted": 6, "openai.base_url": server.url}
    more = {key: given.pop(key) for key in ("people",) if key in given}
    return judge(sets or tables(8), folder, {**settings, **given}, **more)


def test_a_fair_judge_finds_the_better_set_and_the_planted_worse_sides(tmp_path: Path) -> None:
    with FairJudge() as server:
        report = asked(server, tmp_path / "judged")
        assert len(server.asked) == 2 * (8 + 6)
        assert {request["temperature"] for request in server.asked} == {0.0}
    figures = json.loads((tmp_path / "judged" / "judge.json").read_text())
    assert figures == report.figures()
    assert figures["sets"]["win_rate"]["wins"] == 8 and figures["sets"]["win_rate"]["losses"] == 0
    # Wilson's lower end of 8 of 8 is 8 / (8 + z2)
    assert figures["sets"]["win_rate"]["interval"] == pytest.approx([8 / (8 + 3.841459), 1.0])
    assert figures["planted"]["found"] == 1.0 and figures["sound"] is True
    assert figures["planted"]["by_kind"] == {
        "generic praise": {"comparisons": 3, "found": 3},
        "wrong item": {"comparisons": 3, "found": 3},
    }
    assert figures["sets"]["share_first"] == 0.5
    table = pd.read_parquet(tmp_path / "judged" / "verdicts.parquet")
    assert table["outcome"].tolist() == ["first"] * 14
    assert table["planted"].isna().sum() == 8
    assert "personal is preferred: 100.0% of 8 decided" in str(report) and "warning" not in str(report)
    assert server.url not in (tmp_path / "judged" / "judge.json").read_text()


def test_one_that_always_says_1_has_no_verdict(tmp_path: Path) -> None:
    with FirstJudge() as server:
        report = asked(server, tmp_path)
    figures = report.figures()
    assert figures["sets"]["win_rate"]["rate"] is None
    assert (figures["sets"]["flips"], figures["sets"]["flip_rate"], figures["sets"]["share_first"]) == (8, 1.0, 1.0)
    assert figures["planted"]["found"] == 0.0 and figures["sound"] is False
    assert "warning: this judge is no judge: it finds fewer than 80% of the planted worse sides" in str(report)


def test_one_that_likes_length_is_found_out_and_gets_no_unlike_lengths(tmp_path: Path) -> None:
    sets = tables(8)
    sets["plain"]["reason"] += " And there is a good deal more that one could say of it at length."
    with LongJudge() as server:
        with pytest.raises(DataError, match=r"All 8 pairs are of unlike length \(judge.length_factor=1.5\)"):
            asked(server, tmp_path, sets)
        assert server.asked == []
        figures = asked(server, tmp_path, sets, **{"judge.length_factor": 3.0}).figures()
    assert figures["sets"]["win_rate"]["losses"] == 8
    assert figures["sound"] is False


def test_answers_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    with TalkingJudge() as server:
        figures = asked(server, tmp_path).figures()
    assert (figures["sets"]["unread"], figures["sets"]["win_rate"]["wins"]) == (1, 7)


def test_a_judge_that_stops_goes_on_from_its_answers(tmp_path: Path) -> None:
    with FairJudge() as server:
        server.limit = 10
        with pytest.raises(ServerError, match=r"stopped after 10 of 28 completions"):
            asked(server, tmp_path, **{"openai.concurrency": 1})
        assert not (tmp_path / "judge.json").exists()
        server.limit = None
        assert asked(server, tmp_path).figures()["sets"]["win_rate"]["wins"] == 8
        assert len(server.asked) == 28  # none of them twice
        asked(server, tmp_path)
        assert len(server.asked) == 28


def test_the_key_is_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_KEY", "secret-of-the-judge")
    with FairJudge() as server:
        report = asked(server, tmp_path, **{"openai.key_variable": "JUDGE_KEY"})
    assert "secret-of-the-judge" not in str(report)
    for path in tmp_path.iterdir():
        assert b"secret-of-the-judge" not in path.read_bytes()


def test_agreement_with_people_who_judged_the_same_texts(tmp_path: Path) -> None:
    from recbole_curec.api.annotating import make_annotation, read_annotation

    kit = make_annotation(tables(8), tmp_path / "study", annotators=1)
    people = read_annotation(tmp_path / "study" / "key.json", [filled(kit, 0, attentive)])
    people.save(tmp_path / "people.json")
    with FairJudge() as server:
        report = asked(server, tmp_path / "judged", people=tmp_path / "people.json")
    assert report.figures()["people"] == {"pairs": 8, "share": 1.0, "kappa": None, "undecided": 0, "other_texts": 0}
    assert "agreement with people: 100.0% of 8 pairs, Cohen's kappa not defined" in str(report)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"judge.model": "SmolLM3"}, "are of the family SmolLM"),
        ({"judge.model": None}, r"judge: openai needs the name of the model to ask for: set judge\.model"),
        ({"openai.base_url": None}, "needs the address of a server"),
        ({"judge.pairs": 0}, r"judge\.pairs=0 cannot be used"),
        ({"judge.length_factor": 0.5}, r"judge\.length_factor=0\.5 cannot be used"),
        ({"judge.modle": "x"}, r"judge\.modle is no setting of a judge \(nearest: 'judge\.model'\)"),
        ({"people": "missing.json"}, "people: 'missing.json' is no file"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_asked(
    tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    with FairJudge() as server:
        with pytest.raises(ConfigurationError, match=message):
            asked(server, tmp_path / "judged", **given)
        assert server.asked == []
    assert not (tmp_path / "judged").exists()


def test_another_comparison_is_not_overwritten_and_the_same_one_may_be_judged_again(tmp_path: Path) -> None:
    changed = tables(8)
    changed["plain"]["reason"] = changed["plain"]["reason"].str.replace("of note", "of renown")
    with FairJudge() as server:
        asked(server, tmp_path)
        kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        count = len(server.asked)
        others: list[tuple[dict[str, pd.DataFrame], dict[str, str]]] = [
            (changed, {}),
            (dict(reversed(tables(8).items())), {}),
            (tables(8), {"judge.model": "claude"}),
        ]
        for sets, given in others:
            with pytest.raises(ConfigurationError, match=r"judge\.json' is the result of another comparison or of ano"):
                asked(server, tmp_path, sets, **given)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
        assert len(server.asked) == count
        asked(server, tmp_path)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
        assert asked(server, tmp_path, **{"judge.pairs": 4}).figures()["sets"]["comparisons"] == 4


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_file_in_the_way_is_kept(tmp_path: Path, content: str) -> None:
    (tmp_path / "judge.json").write_text(content)
    with FairJudge() as server, pytest.raises(CURecError, match=r"judge\.json' is .*: give another folder\."):
        asked(server, tmp_path)
    assert (tmp_path / "judge.json").read_text() == content


def test_few_planted_sides_and_names_with_line_breaks_are_said_in_one_line(tmp_path: Path) -> None:
    first, second = tables(8).values()
    with FairJudge() as server:
        text = str(asked(server, tmp_path, {"a\nb": first, "c": second}, **{"judge.planted": 40}))
    assert "of 32 (generic praise 16 of 16, wrong item 16 of 16); of 40 asked for, so few pairs have no more" in text
    assert "8 pairs, a\\nb against c, judged by" in text and "a\nb" not in text


def test_a_refused_request_names_the_setting_of_the_judge(tmp_path: Path) -> None:
    with FairJudge() as server:
        server.limit = 0
        with pytest.raises(ServerError, match=r"Error code: 400, .*\): set judge\.model or what the answer names, and"):
            asked(server, tmp_path)


class EchoingJudge(ScriptedServer):
    """Repeats the key."""

    def answer(self, question: str) -> str:
        return "1 secret-of-the-judge"


def test_a_key_in_an_answer_is_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_KEY", "secret-of-the-judge")
    with EchoingJudge() as server:
        asked(server, tmp_path, **{"openai.key_variable": "JUDGE_KEY"})
    assert set(pd.read_parquet(tmp_path / "verdicts.parquet")["answer"]) == {"1 ***"}
    for path in tmp_path.iterdir():
        assert b"secret-of-the-judge" not in path.read_bytes()


def test_no_negative_zero_is_said() -> None:
    # 100 of 201 agree, a little less than by chance.
    pairs = [(True, True)] * 50 + [(True, False)] * 50 + [(False, True)] * 51 + [(False, False)] * 50
    found = AgreementWithPeople(Agreement(pairs), 0, 0)
    assert found.agreement.kappa is not None and -0.005 < found.agreement.kappa < 0
    assert "Cohen's kappa 0.00;" in str(found)


@pytest.mark.parametrize("content", ["", "[]", '{"format": "other"}', '{"format": "curec annotation result 1"}'])
def test_files_that_hold_no_people(tmp_path: Path, content: str) -> None:
    path = tmp_path / "people.json"
    path.write_text(content)
    with FairJudge() as server, pytest.raises(ConfigurationError, match="is no result of people"):
        asked(server, tmp_path / "judged", people=path)
