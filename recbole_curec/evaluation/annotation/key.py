"""The key of a study: which side is which, the right answers of attention checks, and the digests of the sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from recbole_curec.errors import ConfigurationError, in_one_line
from recbole_curec.evaluation.annotation.sheet import Side
from recbole_curec.evaluation.planted_sides import PlantedKind

KEY_FILE = "key.json"
_FORMAT: Literal["curec annotation key 1"] = "curec annotation key 1"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class KeyedCheck(_Strict):
    """What is known of an attention check."""

    kind: PlantedKind
    right: Side


class KeyedQuestion(_Strict):
    """What the sheet does not say of a question.

    Attributes:
        user: Original user id.
        item: Original item id.
        first_on: Side on which the first set's explanation stands; for a check, that of the right one.
        digest: Digest of the question's content.
        texts: Hashes of the first and the second set's explanations.
        check: None for a comparison.
    """

    user: str
    item: str
    first_on: Side
    digest: str
    texts: tuple[str, str]
    check: KeyedCheck | None = None


class KeyedSheet(_Strict):
    """The questions of a sheet by name, and the digest of the whole."""

    questions: dict[str, KeyedQuestion]
    digest: str


class Key(_Strict):
    """The key of a study.

    Attributes:
        format: Name and version of the format.
        names: Names of the two sets.
        seed: Seed of the draw.
        salt: Secret with which the sheets were made.
        scales: Scales of the sheets.
        sheets: Every sheet by name.
    """

    format: Literal["curec annotation key 1"] = _FORMAT
    names: tuple[str, str]
    seed: int
    salt: str
    scales: tuple[str, ...]
    sheets: dict[str, KeyedSheet]

    @classmethod
    def read(cls, path: Path) -> Key:
        """The key in a file.

        Raises:
            ConfigurationError: The file does not exist, or is no key.
        """
        if not path.is_file():
            raise ConfigurationError(f"key: '{path}' is no file: give the {KEY_FILE} that `curec annotate make` wrote.")
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "content"
            raise ConfigurationError(
                f"key: '{path}' is no key of `curec annotate make` ({place}: {in_one_line(first['msg'])}): give the "
                f"{KEY_FILE} of these sheets."
            ) from error
