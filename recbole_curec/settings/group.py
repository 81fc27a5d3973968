"""The base class of settings groups: one section of a config each, typed, immutable, documented field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import Any, ClassVar, Literal, Protocol, Self, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from recbole_curec.errors import ConfigurationError, shown
from recbole_curec.paths import expand_home

G = TypeVar("G", bound="SettingsGroup")


class SettingsReader(Protocol):
    """The settings of a run, read group by group."""

    def of(self, group: type[G]) -> G:
        """The settings of one group."""
        ...


def setting(
    default: Any,
    description: str,
    *,
    alias: str | None = None,
    advanced: bool = False,
    changes_result: bool = True,
    added_later: bool = False,
    path: bool = False,
    words: Iterable[str] = (),
    shown: Callable[[Any], Any] | None = None,
    **bounds: Any,
) -> Any:
    """One field of a settings group.

    Args:
        default: Default value.
        description: One line of the documentation.
        alias: Flat name from before settings had sections; None for the field's own name. Not used in a user's own
            group.
        advanced: Whether the documentation lists it among the advanced settings.
        changes_result: Whether an artifact can depend on it; if not, it is left out of fingerprints.
        added_later: Whether it is left out of fingerprints while it has its default, so that artifacts made before it
            was there stay in use; the default must then be what was done before.
        path: Whether it is, or can be, a path: a leading ``~`` is then the home folder.
        words: Texts it accepts that would otherwise be read as true, false or null.
        shown: For a setting in which a secret may stand: what of its value may be printed, logged and stored.
        bounds: Constraints of pydantic's ``Field`` (``ge``, ``gt``, ``le``, ``lt``, ``multiple_of``).
    """
    facts: dict[str, Any] = {
        "alias": alias,
        "advanced": advanced,
        "changes_result": changes_result,
        "added_later": added_later,
        "path": path,
        "words": list(words),
        "shown": shown,
    }
    return Field(default, description=description, json_schema_extra=facts, **bounds)


def fact(field: FieldInfo, name: str) -> Any:
    """A property of a field given to :func:`setting`, such as ``alias``, ``changes_result`` or ``shown``."""
    noted = field.json_schema_extra
    return noted.get(name) if isinstance(noted, dict) else None


class SettingsGroup(BaseModel):
    """Base of a group: immutable, no unknown keys, no silent conversions.

    Attributes:
        section: Name of the section in YAML files and on the command line (``--<section>.<field>=...``).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    section: ClassVar[str] = ""

    @classmethod
    def applies(cls, settings: SettingsReader) -> bool:
        """Whether the group has any effect in a run with these settings; if not, it is left out of fingerprints."""
        return True

    def fingerprint_fields(self) -> dict[str, Any]:
        """The values that an artifact can depend on."""
        fields = type(self).model_fields
        idle = {name for name, field in fields.items() if fact(field, "changes_result") is False}
        idle |= {
            name
            for name, field in fields.items()
            if fact(field, "added_later") and getattr(self, name) == field.get_default()
        }
        return self.model_dump(exclude=idle)

    def public_fields(self) -> dict[str, Any]:
        """The values, without what may be a secret in them."""
        return {name: self.public(name, value) for name, value in self.model_dump().items()}

    @classmethod
    def public(cls, name: str, value: Any) -> Any:
        """What of a field's value may be printed, logged and stored."""
        shown = fact(cls.model_fields[name], "shown")
        return value if shown is None or value is None else shown(value)

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """The flat name of every field, by the field's full name ``<section>.<field>``.

        A user's own group has no flat names: its field ``epochs`` must not take the value of RecBole's ``epochs``.
        """
        ours = cls.__module__.partition(".")[0] == __name__.partition(".")[0]
        found = {}
        for name, field in cls.model_fields.items():
            full = f"{cls.section}.{name}"
            found[full] = str(fact(field, "alias") or name) if ours else full
        return found

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """The group from a flat mapping that holds ``<section>.<field>`` keys, or flat aliases of them.

        Raises:
            ConfigurationError: A value has the wrong type, is out of range, or contradicts another one.
        """
        own: dict[str, Any] = {}
        for full, alias in cls.aliases().items():
            key = next((key for key in (full, alias) if key in values), None)
            if key is not None:
                name = full.partition(".")[2]
                can_expand = fact(cls.model_fields[name], "path") and isinstance(values[key], str | PathLike)
                own[name] = expand_home(full, values[key]) if can_expand else values[key]
        try:
            return cls(**own)
        except ValidationError as error:
            problem = ConfigurationError(cls._one_sentence(error))
            # The error of a setting that may hold a secret shows its value, and would be part of the traceback.
            raise problem from (None if cls._has_secrets() else error)

    @classmethod
    def _has_secrets(cls) -> bool:
        return any(fact(field, "shown") is not None for field in cls.model_fields.values())

    @classmethod
    def _one_sentence(cls, error: ValidationError) -> str:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        field = cls.model_fields.get(str(first["loc"][0])) if first["loc"] else None
        if field is not None and fact(field, "shown") is not None:
            return f"{cls.section}.{path} cannot be used: {message}."
        if field is not None and len(first["loc"]) == 1 and (wanted := _collection(first["type"], field)):
            message = f"it must be {wanted}"
        return f"{cls.section}.{path}={shown(first['input'])} cannot be used: {message}." if path else f"{message}."


def _collection(error: str, field: FieldInfo) -> str | None:
    """What a setting must be that is given as something other than a mapping or list, with an example."""
    default = field.get_default()
    if error == "dict_type":
        pair = next(iter(default.items()), None) if isinstance(default, dict) else None
        pair = pair or _example_pair(field)
        return f"a mapping, such as {{{pair[0]}: {pair[1]}}}"
    return "a list, such as [first, second]" if error == "list_type" else None


def _example_pair(field: FieldInfo) -> tuple[Any, Any]:
    """A key and a value of a mapping that has no default, by its type."""
    kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if get_origin(kind) is dict]
    key, value = get_args(kinds[0]) if kinds else (str, str)
    names = get_args(key) if get_origin(key) is Literal else ()
    return next(iter(names), "name"), 1.0 if value is float else "value"
