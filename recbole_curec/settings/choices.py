"""The entries that a run's settings choose at each extension point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from recbole_curec.extensions import (
    ENCODERS,
    ENGINES,
    FUSIONS,
    LANGUAGES,
    RANK_FEATURES,
    REWARDS,
    TEACHERS,
    ExtensionPoint,
    is_path,
)
from recbole_curec.settings.group import SettingsReader
from recbole_curec.settings.late import NO_FUSION, LateSettings
from recbole_curec.settings.rank import RankSettings
from recbole_curec.settings.sections import (
    AlignSettings,
    CollectSettings,
    EncodeSettings,
    GenerateSettings,
    RecommendSettings,
    ReinforceSettings,
)

# A value of encode.text_encoder that names neither an entry nor a class is a path or hub name for this entry.
SENTENCE_TRANSFORMERS = "sentence_transformers"
TRANSFORMERS, CTRANSLATE2 = "transformers", "ctranslate2"


@dataclass(frozen=True)
class Choice:
    """The entries that the settings choose at one extension point.

    Attributes:
        point: The extension point.
        names: Function from the settings to the chosen names or class paths.
    """

    point: ExtensionPoint[Any]
    names: Callable[[SettingsReader], list[str]]

    def entries(self, settings: SettingsReader) -> list[type[Any]]:
        """The chosen classes.

        Raises:
            ConfigurationError: A name is unknown.
        """
        return [self.point.find(name) for name in self.names(settings)]


def default_engine(*, on_cpu: bool, in_bfloat16: bool = False) -> str:
    """The engine of a run that names none: on a CPU the fastest one that is installed.

    Args:
        on_cpu: Whether the language model runs on a CPU.
        in_bfloat16: Whether it computes there in bfloat16 by matrix units, which CTranslate2 does not use.
    """
    return CTRANSLATE2 if on_cpu and not in_bfloat16 and find_spec(CTRANSLATE2) is not None else TRANSFORMERS


def _encoder(settings: SettingsReader) -> list[str]:
    name = settings.of(EncodeSettings).text_encoder
    return [name if name in ENCODERS.entries() or is_path(name) else SENTENCE_TRANSFORMERS]


def _fusion(settings: SettingsReader) -> list[str]:
    chosen = [name for name in tower_fusions(settings) if name != NO_FUSION]
    if settings.of(RecommendSettings).is_late:
        for name in chosen:
            FUSIONS.find(name, "late.towers")
    return list(dict.fromkeys(chosen))


def tower_fusions(settings: SettingsReader) -> list[str]:
    """The fusion of every tower: those of ``late.towers``, or without ``fusion: late`` the only one."""
    recommend = settings.of(RecommendSettings)
    return list(settings.of(LateSettings).towers) if recommend.is_late else [recommend.fusion]


ENGINE = Choice(ENGINES, lambda settings: [settings.of(GenerateSettings).engine or TRANSFORMERS])
TEACHER = Choice(TEACHERS, lambda settings: [settings.of(AlignSettings).teacher])
REWARD = Choice(REWARDS, lambda settings: list(settings.of(ReinforceSettings).weights))
ENCODER = Choice(ENCODERS, _encoder)
FUSION = Choice(FUSIONS, _fusion)
LANGUAGE = Choice(LANGUAGES, lambda settings: [settings.of(CollectSettings).language])
RANK_FEATURE = Choice(RANK_FEATURES, lambda settings: settings.of(RankSettings).features or [])
CHOICES: tuple[Choice, ...] = (ENGINE, TEACHER, REWARD, ENCODER, FUSION, LANGUAGE, RANK_FEATURE)
