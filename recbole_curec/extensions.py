"""The extension points: registries that find rewards, fusions, text encoders, engines and other parts by name.

An entry is one class: with a name, settings groups where it has settings, and a check. The package's own entries are
modules in the folder of their extension point, imported when a name is first looked up. A user's own entry is named
``my_package.module:Class`` in a config file, or registered from Python. Backbones have a registry of their own in
:mod:`recbole_curec.backbones.facts`.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from recbole_curec.errors import ConfigurationError
from recbole_curec.suggestions import did_you_mean

_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class Named(Protocol):
    """What a registry asks of an entry."""

    name: ClassVar[str]


E = TypeVar("E", bound=Named)


class ExtensionPoint(Generic[E]):
    """Registry of one kind of exchangeable component.

    Args:
        kind: The word for an entry in messages.
        package: Package that holds our own entries.
        setting: Setting that names an entry.
        base: Class that every entry derives from, as ``module:Class``; imported when it is first needed.
        words: What else the setting can be.
    """

    def __init__(self, kind: str, package: str, setting: str, base: str, words: tuple[str, ...] = ()) -> None:
        self.kind, self.package, self.setting, self._base, self._words = kind, package, setting, base, words
        self._entries: dict[str, type[E]] = {}
        self._searched = False

    def register(self, entry: type[E]) -> type[E]:
        """Register an entry under its name; usable as a class decorator.

        Raises:
            ConfigurationError: The entry has no name, its name is taken, or it does not derive from the base class.
        """
        self._check_kind(entry, entry.__qualname__)
        if not entry.name or not re.fullmatch(r"\w+", entry.name):
            raise ConfigurationError(f"{entry.__qualname__}: a {self.kind} needs a name of letters and digits.")
        if not self._is_ours(entry):
            self.entries()  # imports our own entries, so that their names count as taken
        known = self._entries.get(entry.name)
        if known is not None and (known.__module__, known.__qualname__) != (entry.__module__, entry.__qualname__):
            raise ConfigurationError(
                f"{self.kind} '{entry.name}' is there already ({known.__module__}): give {entry.__qualname__} another "
                "name."
            )
        self._entries[entry.name] = entry
        return entry

    def unregister(self, name: str) -> None:
        """Remove an entry; an unknown name is ignored."""
        self._entries.pop(name, None)

    def entries(self) -> dict[str, type[E]]:
        """Every entry by name: ours in the order of their modules, then others in the order of registration."""
        if not self._searched:
            self._searched = True
            folder = importlib.import_module(self.package)
            for module in pkgutil.iter_modules(folder.__path__):
                if not module.ispkg:
                    importlib.import_module(f"{self.package}.{module.name}")
        # The documentation lists entries in this order, which must not depend on which module was imported first.
        ours = {name: entry for name, entry in self._entries.items() if self._is_ours(entry)}
        in_order = dict(sorted(ours.items(), key=lambda named: named[1].__module__))
        return {**in_order, **self._entries}

    def find(self, name: str, setting: str | None = None) -> type[E]:
        """The entry of a name, or the class of a path ``my_package.module:Class``.

        Args:
            name: Name or path.
            setting: Setting that named it, for the message; the extension point's own by default.

        Raises:
            ConfigurationError: There is no such entry, or the class does not derive from the base class.
        """
        known = self.entries()
        if name in known:
            return known[name]
        setting = setting or self.setting
        if is_path(name):
            found: type[E] = load_object(name, setting)
            self._check_kind(found, f"{setting}: {name}")
            return found
        words = [*known, *(self._words if setting == self.setting else ())]
        raise ConfigurationError(
            f"{setting}: {name!r} is no {self.kind}{did_you_mean(name, words)}: use one of {', '.join(words)}, or your "
            "own class as 'my_package.module:Class'."
        )

    def _is_ours(self, entry: type[E]) -> bool:
        return entry.__module__.startswith(f"{self.package}.")

    def _check_kind(self, entry: Any, what: str) -> None:
        base = load_object(self._base, self.setting)
        if not (isinstance(entry, type) and issubclass(entry, base)):
            raise ConfigurationError(f"{what} is no {self.kind}: derive it from {base.__module__}.{base.__qualname__}.")


def is_path(name: str) -> bool:
    """Whether a text names a class in a module, ``my_package.module:Class``."""
    return _PATH.fullmatch(name) is not None


def load_object(path: str, setting: str) -> Any:
    """Import the object named by ``my_package.module:name``.

    Args:
        path: Module and name.
        setting: Setting that named it, for the message.

    Raises:
        ConfigurationError: The module cannot be imported, or has no such name.
    """
    module_name, _, name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise ConfigurationError(
            f"{setting}: {path} cannot be imported ({error}): install the package that holds it, or put its folder on "
            "PYTHONPATH."
        ) from error
    if not hasattr(module, name):
        raise ConfigurationError(f"{setting}: {path}: the module {module_name} holds no {name}: correct the name.")
    return getattr(module, name)


REWARDS: ExtensionPoint[Any] = ExtensionPoint(
    "reward", "recbole_curec.rewards", "reinforce.weights", "recbole_curec.rewards.reward:Reward"
)
FUSIONS: ExtensionPoint[Any] = ExtensionPoint(
    "fusion",
    "recbole_curec.model.fusions",
    "recommend.fusion",
    "recbole_curec.model.fusions.fusion:Fusion",
    words=("late", "none"),
)
ENCODERS: ExtensionPoint[Any] = ExtensionPoint(
    "text encoder", "recbole_curec.text", "encode.text_encoder", "recbole_curec.text.encoder:TextEncoder"
)
ENGINES: ExtensionPoint[Any] = ExtensionPoint(
    "engine", "recbole_curec.llm.engines", "generate.engine", "recbole_curec.llm.engines.engine:Engine"
)
TEACHERS: ExtensionPoint[Any] = ExtensionPoint(
    "teacher", "recbole_curec.reasons.teachers", "align.teacher", "recbole_curec.reasons.teachers.teacher:Teacher"
)
LANGUAGES: ExtensionPoint[Any] = ExtensionPoint(
    "language",
    "recbole_curec.reasons.languages",
    "collect.language",
    "recbole_curec.reasons.languages.language:Language",
)
RANK_FEATURES: ExtensionPoint[Any] = ExtensionPoint(
    "ranking feature", "recbole_curec.ranking.features", "rank.features", "recbole_curec.ranking.family:FeatureFamily"
)
POINTS: tuple[ExtensionPoint[Any], ...] = (REWARDS, FUSIONS, ENCODERS, ENGINES, TEACHERS, LANGUAGES, RANK_FEATURES)
