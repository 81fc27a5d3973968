"""Evidence that somebody else may have written: every field must be of its type."""

from __future__ import annotations

import json
from functools import cache

from pydantic import TypeAdapter, ValidationError

from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import in_one_line, shown


def checked_evidence(text: str) -> Evidence:
    """Evidence in JSON, as :meth:`Evidence.record` has it.

    Raises:
        ValueError: It is no JSON, or a field is missing, unknown or of another type; the message names the field.
    """
    try:
        _types().validate_json(text, strict=True)
        return Evidence.from_record(json.loads(text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        given = f"{place}={shown(first['input'], 80)}: " if place and first["type"] != "missing" else ""
        missing = f"{place}: " if place and not given else ""
        raise ValueError(f"{given or missing}{in_one_line(first['msg'])}") from error
    except TypeError as error:  # a field that evidence does not have
        raise ValueError(in_one_line(error)) from error


@cache
def _types() -> TypeAdapter[Evidence]:
    return TypeAdapter(Evidence)
