"""The entries that a run's settings choose at each extension point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recbole_curec.extensions import ENCODERS, ENGINES, FUSIONS, REWARDS, TEACHERS, ExtensionPoint, is_path

if TYPE_CHECKING:
    from recbole_curec.settings.settings import Settings

# A value of encode.text_encoder that names neither an entry nor a class is a path or hub name for this entry.
SENTENCE_TRANSFORMERS = "sentence_transformers"


@dataclass(frozen=True)
class Choice:
    """The entries that the settings choose at one extension point.

    Attributes:
        point: The extension point.
        names: Function from the settings to the chosen names or class paths.
    """

    point: ExtensionPoint[Any]
    names: Callable[[Settings], list[str]]

    def entries(self, settings: Settings) -> list[type[Any]]:
        """The chosen classes.

        Raises:
            ConfigurationError: A name is unknown.
        """
        return [self.point.find(name) for name in self.names(settings)]


def _encoder(settings: Settings) -> list[str]:
    name = settings.encode.text_encoder
    return [name if name in ENCODERS.entries() or is_path(name) else SENTENCE_TRANSFORMERS]


def _fusion(settings: Settings) -> list[str]:
    return [] if settings.recommend.fusion == "none" else [settings.recommend.fusion]


ENGINE = Choice(ENGINES, lambda settings: [settings.generate.engine])
TEACHER = Choice(TEACHERS, lambda settings: [settings.align.teacher])
REWARD = Choice(REWARDS, lambda settings: list(settings.reinforce.weights))
ENCODER = Choice(ENCODERS, _encoder)
FUSION = Choice(FUSIONS, _fusion)
CHOICES: tuple[Choice, ...] = (ENGINE, TEACHER, REWARD, ENCODER, FUSION)
