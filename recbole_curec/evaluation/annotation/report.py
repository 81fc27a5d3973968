"""The result of a study as text for a terminal and as plain data."""

from __future__ import annotations

from typing import Any

from recbole_curec.evaluation.amounts import amount
from recbole_curec.evaluation.annotation.attention import fails
from recbole_curec.evaluation.annotation.result import AnnotationResult, Findings, Mean
from recbole_curec.terminal import printable_line

FORMAT = "curec annotation result 1"


def told(result: AnnotationResult) -> str:
    """The result in words."""
    first, second = map(printable_line, result.key.names)
    questions = {(one.question.user, one.question.item) for sheet in result.filled for one in sheet.compared}
    missing = sum(one.missing for one in result.filled)
    lines = [
        f"{amount(len(questions), 'pair')}, {first} against {second}; {amount(len(result.filled), 'annotator')}; "
        f"{amount(missing, 'answer')} missing",
        "",
        *_findings(result, result.everyone),
    ]
    if len(result.filled) < 2:
        lines += ["", "Agreement needs at least two annotators: there is one."]
    lines += ["", "attention checks", *_checks(result)]
    if result.attentive is not None:
        lines += ["", f"without those who failed ({', '.join(result.failed)})", *_findings(result, result.attentive)]
    return "\n".join(lines)


def record(result: AnnotationResult) -> dict[str, Any]:
    """The result as plain data; its ``pairs`` are what the agreement with a judge is computed from."""
    best = result.attentive or result.everyone
    texts = {
        (one.question.user, one.question.item): one.question.texts for sheet in result.filled for one in sheet.compared
    }
    return {
        "format": FORMAT,
        "names": list(result.key.names),
        "everyone": _record(result.everyone),
        "attentive": None if result.attentive is None else _record(result.attentive),
        "annotators": [
            {
                "sheet": one.sheet,
                "missing": one.missing,
                "checks": len(one.checks),
                "passed": sum(one.checks),
                "failed": one.sheet in result.failed,
            }
            for one in result.filled
        ],
        "pairs": [
            {"user": user, "item": item, "texts": list(texts[user, item]), "preferred": preferred}
            for (user, item), preferred in best.majority.items()
        ],
    }


def _record(found: Findings) -> dict[str, Any]:
    return {
        "sheets": list(found.sheets),
        "by_pair": found.by_pair.record(),
        "unanswered": found.unanswered,
        "by_answer": found.by_answer.record(),
        "alpha": found.alpha,
        "scales": {
            name: {
                "sets": [None if one is None else one.record() for one in scale.sets],
                "difference": None if scale.difference is None else scale.difference.record(),
                "alpha": scale.alpha,
            }
            for name, scale in found.scales.items()
        },
    }


def _findings(result: AnnotationResult, found: Findings) -> list[str]:
    first, second = map(printable_line, result.key.names)
    unanswered = f"; {amount(found.unanswered, 'pair')} without an answer" if found.unanswered else ""
    lines = [
        f"{first} is preferred, by majority per pair: {found.by_pair}{unanswered}",
        f"{first} is preferred, answer by answer:     {found.by_answer}",
        f"agreement on the preference: {_alpha(found.alpha)}",
    ]
    if found.scales:
        head = ["scale", first, second, "difference", "agreement"]
        body = [
            [name, *map(_mean, scale.sets), _mean(scale.difference, signed=True), _alpha(scale.alpha)]
            for name, scale in found.scales.items()
        ]
        widths = [max(len(row[place]) for row in (head, *body)) for place in range(len(head))]
        rows = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in [head, *body]
        ]
        lines += ["", *rows]
    return lines


def _mean(found: Mean | None, *, signed: bool = False) -> str:
    if found is None:
        return "no rating"
    form = "+z.2f" if signed else ".2f"
    ends = "" if found.interval is None else f" [{found.interval[0]:{form}}, {found.interval[1]:{form}}]"
    return f"{found.mean:{form}}{ends}"


def _alpha(value: float | None) -> str:
    return "alpha not defined" if value is None else f"alpha {value:z.2f}"


def _checks(result: AnnotationResult) -> list[str]:
    lines = []
    for one in result.filled:
        passed, checks = sum(one.checks), len(one.checks)
        word = "failed" if fails(passed, checks) else "passed"
        lines.append(f"  {one.sheet}: {passed} of {checks} right, {word}" if checks else f"  {one.sheet}: none asked")
    return lines
