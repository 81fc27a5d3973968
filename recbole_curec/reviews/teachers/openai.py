"""The ``openai`` teacher: a larger language model on an OpenAI-compatible server writes the chains (distillation)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from recbole_curec.llm.engines.engine import Engine
from recbole_curec.llm.messages import Message
from recbole_curec.llm.server import ServerSettings, check_package, check_server
from recbole_curec.reasons.teachers.openai import MODEL_SETTING, OpenAITeacherSettings
from recbole_curec.reviews.chains import completion_of, parse_chain
from recbole_curec.reviews.prompts import REVIEW, instruction
from recbole_curec.reviews.quotations import distinct_aspects
from recbole_curec.reviews.scale import RatingScale
from recbole_curec.reviews.stated_scores import score_spans
from recbole_curec.reviews.teachers.ridge import RidgeTeacher
from recbole_curec.reviews.teachers.teacher import ChainTeacher, TaughtChains
from recbole_curec.settings.group import SettingsReader

logger = logging.getLogger(__name__)

_TOLD = " You are told the rating, and name the aspects that led its author to it."
# Several times the longest chain, in tokens: a model may put a review's words into many pieces.
_LONGEST = 256


def check_openai_teacher(settings: SettingsReader) -> None:
    """Check the package, the server and the name of the model, before anything runs.

    Raises:
        ConfigurationError: One of them is missing or cannot be used.
    """
    check_package("openai", "chains.teacher: openai", "chains.teacher: ridge")
    model = settings.of(OpenAITeacherSettings).model
    check_server(settings.of(ServerSettings), "chains.teacher", model, MODEL_SETTING)


class OpenAIChainTeacher(ChainTeacher):
    """Asks a server for the aspects of each review; the offline teacher's chain stands in for what cannot be used.

    An answer is rejected if it has not the form of a chain, ends with another rating, has a quotation that the review
    does not hold word for word, repeats or contradicts itself, or quotes a score that the review states.

    Args:
        engine: Sends the requests.
        temperature: Sampling temperature.
        seed: Name of the call.
        scale: The scale of the ratings.
        stand_in: The offline teacher, which knows the same training reviews.
        show_progress: Whether a progress bar is drawn.
    """

    def __init__(
        self,
        engine: Engine,
        temperature: float,
        seed: str,
        scale: RatingScale,
        stand_in: RidgeTeacher,
        *,
        show_progress: bool = False,
    ) -> None:
        self._engine, self._temperature, self._seed = engine, temperature, seed
        self._scale, self._stand_in, self._show_progress = scale, stand_in, show_progress

    @classmethod
    def prepare(
        cls,
        settings: SettingsReader,
        scratch: Path,
        seed: str,
        scale: RatingScale,
        stand_in: RidgeTeacher,
        *,
        show_progress: bool = False,
    ) -> OpenAIChainTeacher:
        """A teacher whose answers are logged in a folder as they arrive, so that a stopped run goes on from there.

        Args:
            settings: The settings of the run.
            scratch: The folder.
            seed: Name of the call.
            scale: The scale of the ratings.
            stand_in: The offline teacher.
            show_progress: Whether a progress bar is drawn.

        Raises:
            ConfigurationError: The key's environment variable is not set.
        """
        from recbole_curec.llm.engines.openai import OpenAIEngine  # needs an optional package

        own = settings.of(OpenAITeacherSettings)
        engine = OpenAIEngine.asking(
            settings.of(ServerSettings),
            own.model or "",
            scratch,
            max_new_tokens=_LONGEST,
            model_setting=MODEL_SETTING,
        )
        return cls(engine, own.temperature, seed, scale, stand_in, show_progress=show_progress)

    def write(self, texts: Sequence[str], ratings: Sequence[float]) -> TaughtChains:
        """See :meth:`~recbole_curec.reviews.teachers.teacher.ChainTeacher.write`.

        Raises:
            ServerError: The server failed; its earlier answers are kept for the next run of the same command.
        """
        prompts = [self._prompt(text, rating) for text, rating in zip(texts, ratings, strict=True)]
        answers = self._engine.write(
            prompts,
            temperature=self._temperature,
            seed=self._seed,
            description="teacher",
            progress=self._show_progress,
        )
        own = self._stand_in.write(texts, ratings).completions
        rejected: Counter[str] = Counter()
        completions = []
        for answer, text, rating, offline in zip(answers, texts, ratings, own, strict=True):
            fault = self._fault(answer, text, rating)
            if fault is not None:
                rejected[fault] += 1
            aspects = parse_chain(answer, self._scale).chain.aspects
            # Written anew, so that white space and figures are those of every other chain.
            completions.append(offline if fault else completion_of(aspects, rating, self._scale))
        if rejected:
            logger.warning(
                "%d of %d answers of the teacher cannot be used (%s): the offline teacher's chains stand in for them.",
                rejected.total(), len(answers), ", ".join(f"{count} {fault}" for fault, count in rejected.items()),
            )  # fmt: skip
        return TaughtChains(completions, rejected)

    def _prompt(self, text: str, rating: float) -> list[Message]:
        told = f"{REVIEW}{text}\nRating: {self._scale.text(rating)}"
        return [{"role": "system", "content": instruction(self._scale) + _TOLD}, {"role": "user", "content": told}]

    def _fault(self, answer: str, text: str, rating: float) -> str | None:
        parsed = parse_chain(answer, self._scale)
        if not parsed.valid:
            return "format"
        if parsed.chain.rating is None or abs(parsed.chain.rating - rating) >= self._scale.step / 2:
            return "rating"
        if any(score_spans(aspect.quote) for aspect in parsed.chain.aspects):
            return "score"
        return None if len(distinct_aspects(parsed.chain.aspects, text)) == len(parsed.chain.aspects) else "quotation"
