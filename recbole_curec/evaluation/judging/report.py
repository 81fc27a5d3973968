"""What a judge says as text for a terminal, as plain data, and as a table of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from recbole_curec.errors import in_one_line
from recbole_curec.evaluation.amounts import amount
from recbole_curec.evaluation.compared_pairs import Compared
from recbole_curec.evaluation.judging.comparisons import Comparison
from recbole_curec.evaluation.judging.judge import Judgement, writers_of
from recbole_curec.evaluation.judging.settings import JudgeSettings
from recbole_curec.evaluation.judging.verdicts import SOUND, Verdicts
from recbole_curec.pipeline.fingerprint import fingerprint
from recbole_curec.terminal import printable_line

MARK = "comparison"


def comparison_mark(compared: Compared, settings: JudgeSettings) -> str:
    """What tells a judge's results on two sets from others, however many pairs of them are judged."""
    pairs = [[pair.user, pair.item, *pair.texts] for pair in compared.pairs]
    return fingerprint({"judge": settings.model, "pairs": pairs})


def is_sound(found: Judgement) -> bool:
    """Whether the judge finds enough of the planted worse sides to be a judge."""
    return (found.planted.found or 0.0) >= SOUND


def told(found: Judgement) -> str:
    """The judgement in words."""
    first, second = map(printable_line, found.compared.names)
    model = printable_line(found.settings.model)
    lines = [
        f"{amount(len(found.chosen.sets), 'pair')}, {first} against {second}, judged by {model} in both orders; "
        f"{found.chosen.unmatched:,} of {len(found.compared.pairs):,} set aside, whose longer explanation has "
        f"more than {found.settings.length_factor:g} times the words of the other",
        f"{first} is preferred: {found.sets.win_rate}",
        f"  {_steadiness(found.sets)}",
        f"planted worse sides found in both orders: {_share(found.planted.found)} of {len(found.chosen.planted):,} "
        f"({', '.join(_by_kind(found))}){_fewer(found)}",
        f"  {_steadiness(found.planted)}",
    ]
    if found.people is not None:
        lines.append(f"agreement with people: {found.people}")
    lines += [f"warning: {printable_line(doubt)}" for doubt in found.doubts]
    if not is_sound(found):
        lines.append(
            f"warning: this judge is no judge: it finds fewer than {SOUND:.0%} of the planted worse sides, so its "
            "preference says nothing; take a stronger model."
        )
    return "\n".join(lines)


def record(found: Judgement) -> dict[str, Any]:
    """The judgement as plain data; no address and no key of the server is in it."""
    return {
        "names": list(found.compared.names),
        MARK: comparison_mark(found.compared, found.settings),
        "settings": found.settings.public_fields(),
        "writers": writers_of(found.settings),
        "not_checked": list(found.doubts),
        "left_out": {
            "identical": found.compared.identical,
            "alone": list(found.compared.alone),
            "length": found.chosen.unmatched,
        },
        "sets": _record(found.sets),
        "planted": {
            **_record(found.planted),
            "found": found.planted.found,
            "by_kind": {kind: _found(found, kind) for kind in _kinds(found)},
        },
        "sound": is_sound(found),
        "people": None if found.people is None else found.people.record(),
    }


def verdict_table(found: Judgement) -> pd.DataFrame:
    """One row per comparison: ids, both texts, what was planted, both answers, and the outcome."""
    asked: Sequence[Comparison] = [*found.chosen.sets, *found.chosen.planted]
    return pd.DataFrame(
        {
            "user": [one.pair.user for one in asked],
            "item": [one.pair.item for one in asked],
            "first": [one.texts[0] for one in asked],
            "second": [one.texts[1] for one in asked],
            "planted": pd.array([one.planted for one in asked], dtype="string"),
            "answer": [in_one_line(straight) for straight, _ in found.answers],
            "answer_turned": [in_one_line(turned) for _, turned in found.answers],
            "outcome": [*found.sets.outcomes, *found.planted.outcomes],
        }
    )


def _record(verdicts: Verdicts) -> dict[str, Any]:
    return {
        "comparisons": len(verdicts.outcomes),
        "win_rate": verdicts.win_rate.record(),
        "flips": verdicts.flips,
        "flip_rate": verdicts.flip_rate,
        "unread": verdicts.unread,
        "share_first": verdicts.share_first,
    }


def _steadiness(verdicts: Verdicts) -> str:
    unread = f"{verdicts.unread:,} could not be read"
    if verdicts.flip_rate is None or verdicts.share_first is None:
        return f"{unread}, and no others are left"
    return (
        f"{verdicts.flips:,} verdicts flipped with the order ({verdicts.flip_rate:.1%}), {unread}; "
        f"{verdicts.share_first:.1%} of the answers name what stands first"
    )


def _fewer(found: Judgement) -> str:
    """What is said where fewer worse sides could be planted than were asked for."""
    asked = found.settings.planted
    return "" if len(found.chosen.planted) == asked else f"; of {asked:,} asked for, so few pairs have no more"


def _kinds(found: Judgement) -> list[str]:
    return sorted({str(one.planted) for one in found.chosen.planted})


def _found(found: Judgement, kind: str) -> dict[str, int]:
    outcomes = [
        outcome
        for one, outcome in zip(found.chosen.planted, found.planted.outcomes, strict=True)
        if one.planted == kind
    ]
    return {"comparisons": len(outcomes), "found": outcomes.count("first")}


def _by_kind(found: Judgement) -> list[str]:
    counts = {kind: _found(found, kind) for kind in _kinds(found)}
    return [f"{kind} {count['found']} of {count['comparisons']}" for kind, count in counts.items()]


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.1%}"
