"""All settings of a run, parsed from a flat mapping, and the names under which they can be given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, cast, get_args, get_origin

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import POINTS, load_object
from recbole_curec.settings.chains import ChainSettings
from recbole_curec.settings.choices import CHOICES, default_engine, tower_fusions
from recbole_curec.settings.embed import EmbedSettings
from recbole_curec.settings.group import G, SettingsGroup, fact
from recbole_curec.settings.late import NO_FUSION, LateSettings
from recbole_curec.settings.rank import RankSettings
from recbole_curec.settings.read import ReadSettings
from recbole_curec.settings.reccot import RatingSettings
from recbole_curec.settings.sections import (
    STATIC_GROUPS,
    AlignSettings,
    ClaimsSettings,
    CollectSettings,
    CorrectSettings,
    DescribeSettings,
    EncodeSettings,
    GenerateSettings,
    GuardSettings,
    LanguageModelSettings,
    LoraSettings,
    RecommendSettings,
    ReinforceSettings,
    RewardSettings,
    RunSettings,
    SelectSettings,
    TinySettings,
)
from recbole_curec.settings.statements import StatementSettings


@dataclass(frozen=True)
class Settings:
    """Every section; build it with :meth:`from_mapping`.

    Attributes:
        extra: Sections of entries (engines, teachers, rewards, ...) and of a user's own stages, by their class.
    """

    collect: CollectSettings = field(default_factory=CollectSettings)
    statements: StatementSettings = field(default_factory=StatementSettings)
    llm: LanguageModelSettings = field(default_factory=LanguageModelSettings)
    tiny: TinySettings = field(default_factory=TinySettings)
    lora: LoraSettings = field(default_factory=LoraSettings)
    align: AlignSettings = field(default_factory=AlignSettings)
    reward: RewardSettings = field(default_factory=RewardSettings)
    guard: GuardSettings = field(default_factory=GuardSettings)
    generate: GenerateSettings = field(default_factory=GenerateSettings)
    reinforce: ReinforceSettings = field(default_factory=ReinforceSettings)
    select: SelectSettings = field(default_factory=SelectSettings)
    correct: CorrectSettings = field(default_factory=CorrectSettings)
    claims: ClaimsSettings = field(default_factory=ClaimsSettings)
    describe: DescribeSettings = field(default_factory=DescribeSettings)
    encode: EncodeSettings = field(default_factory=EncodeSettings)
    recommend: RecommendSettings = field(default_factory=RecommendSettings)
    late: LateSettings = field(default_factory=LateSettings)
    rank: RankSettings = field(default_factory=RankSettings)
    read: ReadSettings = field(default_factory=ReadSettings)
    chains: ChainSettings = field(default_factory=ChainSettings)
    embed: EmbedSettings = field(default_factory=EmbedSettings)
    reccot: RatingSettings = field(default_factory=RatingSettings)
    run: RunSettings = field(default_factory=RunSettings)
    extra: Mapping[type[SettingsGroup], SettingsGroup] = field(default_factory=dict)

    @property
    def reads_statements(self) -> bool:
        """Whether other users' statements are chosen, for evidence or for vectors."""
        return asks_for_statements(self) is not None

    def of(self, group: type[G]) -> G:
        """The settings of a group: a section of the stages or of an entry."""
        if group in STATIC_GROUPS:
            return cast(G, getattr(self, group.section))
        return cast(G, self.extra[group]) if group in self.extra else group()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Settings:
        """Select CURec's own keys from a flat mapping (a RecBole config) and check them.

        Args:
            values: Keys are full names, ``<section>.<field>``, or flat aliases; others are ignored.

        Raises:
            ConfigurationError: A value has the wrong type, is out of range, contradicts another one, or names an entry
                or a stage that does not exist.
        """
        static: dict[str, Any] = {group.section: group.read(values) for group in STATIC_GROUPS}
        static["generate"] = _with_engine(static["generate"], static["llm"], values)
        settings = cls(**static)
        extra = {group: group.read(values) for group in [*entry_groups(), *chosen_groups(settings)]}
        return cls(**static, extra=extra)

    @property
    def uses_features(self) -> bool:
        """Whether the recommender fuses features; with ``fusion: none`` it is the backbone alone."""
        return any(fusion != NO_FUSION for fusion in tower_fusions(self))

    def chosen_entries(self) -> list[Any]:
        """Every entry the settings choose."""
        return [entry for choice in CHOICES for entry in choice.entries(self)]


def asks_for_statements(settings: Settings) -> str | None:
    """The first setting that needs other users' statements, with its value; None if there is none."""
    if settings.collect.evidence_statements:
        return f"collect.evidence_statements: {settings.collect.evidence_statements}"
    return "encode.statements: true" if settings.encode.statements else None


def _with_engine(generate: GenerateSettings, llm: LanguageModelSettings, values: Mapping[str, Any]) -> GenerateSettings:
    """The settings of generation with the engine in use, which fingerprints then hold."""
    if generate.engine is not None:
        return generate
    import torch  # only where it is asked what the device is

    from recbole_curec.hardware import cpu_has_bfloat16_matrices

    device = values.get("device")  # set by RecBole once its config is complete
    if isinstance(device, torch.device):
        on_cpu = device.type == "cpu"
    else:
        on_cpu = not (values.get("use_gpu", True) and torch.cuda.is_available())
    in_bfloat16 = on_cpu and llm.is_pretrained and llm.dtype != "float32" and cpu_has_bfloat16_matrices()
    return generate.model_copy(update={"engine": default_engine(on_cpu=on_cpu, in_bfloat16=in_bfloat16)})


def chosen_groups(settings: Settings) -> list[type[SettingsGroup]]:
    """The settings groups of the entries and of the user's own stages that the settings choose."""
    found = [group for entry in settings.chosen_entries() for group in entry.settings_groups]
    for path in settings.run.extra_stages:
        stage = load_object(path, "run.extra_stages")
        if not all(hasattr(stage, part) for part in ("name", "run", "settings")):
            raise ConfigurationError(
                f"run.extra_stages: {path} is no stage: make it with recbole_curec.pipeline.stage.Stage."
            )
        found += [group for group in stage.settings if group not in STATIC_GROUPS]
    sections = {group.section: group for group in [*STATIC_GROUPS, *entry_groups()]}
    for group in found:
        if not group.section or sections.setdefault(group.section, group) is not group:
            raise ConfigurationError(
                f"{group.__module__}.{group.__qualname__}: the section '{group.section}' is taken: give the group "
                "another one."
            )
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def entry_groups() -> tuple[type[SettingsGroup], ...]:
    """The settings groups of our own entries."""
    ours = __name__.partition(".")[0]
    found = [group for point in POINTS for entry in point.entries().values() for group in entry.settings_groups]
    return tuple(dict.fromkeys(group for group in found if group.__module__.partition(".")[0] == ours))


def known_groups() -> tuple[type[SettingsGroup], ...]:
    """Every settings group of ours: of the stages, then of the entries."""
    return (*STATIC_GROUPS, *entry_groups())


def setting_names() -> list[str]:
    """Full name of every setting of ours, in the order of the stages."""
    return [name for group in known_groups() for name in group.aliases()]


def setting_defaults() -> dict[str, Any]:
    """Default of every setting of ours by full name."""
    return {
        f"{group.section}.{name}": field.get_default()
        for group in known_groups()
        for name, field in group.model_fields.items()
    }


@lru_cache(maxsize=1)
def full_names() -> Mapping[str, str]:
    """The full name of every flat alias."""
    return {alias: full for group in known_groups() for full, alias in group.aliases().items()}


@lru_cache(maxsize=1)
def text_choices() -> Mapping[str, frozenset[str]]:
    """Words each setting accepts, by full name and by alias; such a word is never read as true, false or null."""
    found: dict[str, frozenset[str]] = {}
    for group in known_groups():
        for full, alias in group.aliases().items():
            field = group.model_fields[full.partition(".")[2]]
            words = frozenset(fact(field, "words") or ()) | _literals(field.annotation)
            if words:
                found[full] = found[alias] = words
    return found


@lru_cache(maxsize=1)
def collection_names() -> Mapping[str, frozenset[type]]:
    """Whether each setting of ours can be a ``dict`` or a ``list``, by full name and by alias."""
    found: dict[str, frozenset[type]] = {}
    for group in known_groups():
        for full, alias in group.aliases().items():
            annotation = group.model_fields[full.partition(".")[2]].annotation
            kinds = {get_origin(part) or part for part in (annotation, *get_args(annotation))}
            found[full] = found[alias] = frozenset(kinds & {dict, list})
    return found


def given_twice(name: str, first: Any, second: Any) -> str:
    """Error message about a setting that is given twice; what may be a secret is not repeated."""
    values = "" if name in secret_names() else f", as {first!r} and {second!r}"
    return f"{name} is given twice{values}: keep one."


@lru_cache(maxsize=1)
def secret_names() -> Mapping[str, tuple[type[SettingsGroup], str]]:
    """Group and field of every setting in which a secret may stand, by full name and by alias."""
    return _with_fact("shown")


@lru_cache(maxsize=1)
def path_names() -> frozenset[str]:
    """Every setting that is, or can be, a path, by full name and by alias."""
    return frozenset(_with_fact("path"))


def _with_fact(name: str) -> dict[str, tuple[type[SettingsGroup], str]]:
    """Group and field of every setting that has a property, by full name and by alias."""
    return {
        known: (group, full.partition(".")[2])
        for group in known_groups()
        for full, alias in group.aliases().items()
        if fact(group.model_fields[full.partition(".")[2]], name)
        for known in (full, alias)
    }


def public_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """A flat mapping of settings, without what may be a secret in them."""
    secret = secret_names()
    return {
        key: secret[key][0].public(secret[key][1], value) if key in secret else value for key, value in values.items()
    }


def _literals(annotation: Any) -> frozenset[str]:
    return frozenset(get_args(annotation)) if get_origin(annotation) is Literal else frozenset()


def canonical(layer: Mapping[str, Any], keep: Iterable[str] = ()) -> tuple[dict[str, Any], dict[str, str]]:
    """One layer of a config under full names, so that layers merge setting by setting.

    A section given as a mapping becomes one key per setting; a flat alias becomes the setting's full name.

    Args:
        layer: Keys and values of one file, dict or command line.
        keep: Keys that are left unchanged because RecBole itself reads them.

    Returns:
        The layer under full names, and the full name of each flat alias that was used.

    Raises:
        ConfigurationError: A setting is given twice with different values.
    """
    kept, names = set(keep), full_names()
    found: dict[str, Any] = {}
    used: dict[str, str] = {}
    for key, value in layer.items():
        if value is None and key in _sections():
            continue  # YAML reads a section whose lines are all commented out as null
        given: dict[str, Any] = {key: value}
        if key in names and key not in kept and not (key in _sections() and isinstance(value, Mapping)):
            used[key] = names[key]
            given = {names[key]: value}
        elif _is_section(key, value) and (key not in kept or key in _sections()):
            # RecBole's rank, of NCEPLRec, is a number.
            given = {f"{key}.{name}": inner for name, inner in value.items()}
        for name, inner in given.items():
            if name in found and found[name] != inner:
                raise ConfigurationError(given_twice(name, found[name], inner))
            found[name] = inner
    return found, used


def _is_section(key: Any, value: Any) -> bool:
    """Whether a key and value can be a section with its settings, ours or a user's own."""
    return (
        isinstance(value, Mapping)
        and isinstance(key, str)
        and "." not in key
        and all(isinstance(name, str) for name in value)
    )


@lru_cache(maxsize=1)
def _sections() -> frozenset[str]:
    return frozenset(group.section for group in known_groups())
