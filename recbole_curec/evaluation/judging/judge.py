"""The judge's work: every comparison in both orders, answers kept as they arrive, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recbole_curec.errors import DataError
from recbole_curec.evaluation.compared_pairs import Compared
from recbole_curec.evaluation.judging.comparisons import Chosen, Comparison, choose
from recbole_curec.evaluation.judging.families import check_families
from recbole_curec.evaluation.judging.people import AgreementWithPeople, People, agreement_with_people
from recbole_curec.evaluation.judging.prompts import Verdict, read_verdict
from recbole_curec.evaluation.judging.settings import MODEL_SETTING, JudgeSettings
from recbole_curec.evaluation.judging.verdicts import Verdicts
from recbole_curec.llm.engines.openai import OpenAIEngine
from recbole_curec.llm.server import ServerSettings, check_package, check_server


@dataclass(frozen=True)
class Judgement:
    """What the judge says.

    Attributes:
        settings: Who judged, and what.
        compared: The two sets.
        chosen: The comparisons.
        answers: The judge's answers to every comparison of the sets and then every planted one, in both orders.
        sets: Outcomes of the comparisons of the sets.
        planted: Outcomes of the planted comparisons, whose first text should win.
        people: Agreement with people; None without them.
        doubts: What could not be checked of the judge's family.
    """

    settings: JudgeSettings
    compared: Compared
    chosen: Chosen
    answers: Sequence[tuple[str, str]]
    sets: Verdicts
    planted: Verdicts
    people: AgreementWithPeople | None
    doubts: Sequence[str]


def writers_of(settings: JudgeSettings) -> list[str]:
    """The models that wrote the explanations, by the settings."""
    return [name.strip() for name in (settings.writers or "").split(",") if name.strip()]


def check_judge(settings: JudgeSettings, server: ServerSettings) -> list[str]:
    """Check the package, the server, and by their names that judge and writers are of different families.

    Returns:
        What could not be checked, in words.

    Raises:
        ConfigurationError: One of them is missing or cannot be used.
    """
    check_package("openai", "A judge")
    check_server(server, "judge", settings.model, MODEL_SETTING)
    return check_families(settings.model or "", writers_of(settings))


def judge_sets(
    compared: Compared,
    settings: JudgeSettings,
    server: ServerSettings,
    folder: Path,
    *,
    people: People | None = None,
    doubts: Sequence[str] = (),
    show_progress: bool = False,
) -> Judgement:
    """Put pairs of two sets, and planted ones, to the judge in both orders, greedily.

    Args:
        compared: The two sets.
        settings: Who judges, and what.
        server: The server.
        folder: Answers are kept there as they arrive, so that a run that was interrupted goes on.
        people: Preferences of people.
        doubts: What :func:`check_judge` found.
        show_progress: Whether a progress bar is drawn.

    Raises:
        DataError: No pair is of like length.
        ServerError: The server fails; the answers so far are kept.
    """
    chosen = choose(
        compared.pairs,
        count=settings.pairs,
        planted=settings.planted,
        length_factor=settings.length_factor,
        seed=settings.seed,
    )
    if not chosen.sets:
        raise DataError(
            f"All {chosen.unmatched:,} pairs are of unlike length (judge.length_factor={settings.length_factor:g}), "
            "and judges prefer what is longer: set a larger factor."
        )
    asked = [*chosen.sets, *chosen.planted]
    engine = OpenAIEngine.asking(
        server, settings.model or "", folder, max_new_tokens=settings.max_tokens, model_setting=MODEL_SETTING
    )
    answers = _answers(engine, asked, settings.seed, show_progress)
    verdicts: list[tuple[Verdict | None, Verdict | None]] = [
        (read_verdict(straight), read_verdict(turned)) for straight, turned in answers
    ]
    count = len(chosen.sets)
    sets = Verdicts.of(verdicts[:count])
    return Judgement(
        settings=settings,
        compared=compared,
        chosen=chosen,
        answers=answers,
        sets=sets,
        planted=Verdicts.of(verdicts[count:]),
        people=None if people is None else agreement_with_people(people, chosen.sets, sets.outcomes),
        doubts=doubts,
    )


def _answers(
    engine: OpenAIEngine, asked: Sequence[Comparison], seed: int, show_progress: bool
) -> list[tuple[str, str]]:
    written = engine.write(
        [prompt for comparison in asked for prompt in comparison.prompts()],
        temperature=0.0,
        seed=f"{seed}/judge",
        description="judge",
        progress=show_progress,
    )
    return list(zip(written[::2], written[1::2], strict=True))
