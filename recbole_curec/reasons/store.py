"""The reason store: one record per explained training interaction, as Parquet."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from recbole_curec.atomic_write import write_whole
from recbole_curec.data.evidence import Evidence
from recbole_curec.pipeline.artifacts import move_aside
from recbole_curec.reasons.failures import FailureKind

logger = logging.getLogger(__name__)

STORE = "reasons.parquet"
# What correction did: the draft passed; the model's revision passes; the teacher's sentence stands in; or the best
# attempt of the model is kept although its reward is low, since the teacher's would be lower.
Outcome = Literal["kept", "repaired", "replaced", "left"]


@dataclass(frozen=True)
class ReasonRecord:
    """A stored reason and where it comes from.

    Attributes:
        user: Original user id of the explained interaction.
        item: Original item id.
        position: Training interactions of the user before this one.
        evidence: What the reason may claim. Its user and position are those the reason was written for, which are
            another user's with ``shuffle_users``.
        draft: The first completion, as the model wrote it.
        text: The final reason.
        rewards: Rewards of the final reason by name, ``total`` included.
        draft_reward: Total reward of the draft.
        rounds: Rounds of revision.
        failure: Why the draft failed, in words; None if it did not.
        failure_kind: The same as a kind.
        outcome: What correction did.
    """

    user: str
    item: str
    position: int
    evidence: Evidence
    draft: str
    text: str
    rewards: dict[str, float]
    draft_reward: float
    rounds: int
    failure: str | None
    failure_kind: FailureKind | None
    outcome: Outcome

    @property
    def teacher(self) -> bool:
        """Whether the teacher's sentence stands in."""
        return self.outcome == "replaced"

    @property
    def written_for(self) -> str:
        """Original id of the user whose history the reason was written from."""
        return self.evidence.user

    def row(self) -> dict[str, Any]:
        """Flat, plain data."""
        return {
            **{key: value for key, value in asdict(self).items() if key not in ("evidence", "rewards")},
            "written_for": self.written_for,
            "evidence": json.dumps(self.evidence.record(), ensure_ascii=False),
            "rewards": json.dumps(self.rewards),
        }

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> ReasonRecord:
        """Inverse of :meth:`row`."""
        plain = {
            **{key: value for key, value in row.items() if key != "written_for"},  # it stands in the evidence
            "evidence": Evidence.from_record(json.loads(row["evidence"])),
            "rewards": json.loads(row["rewards"]),
            # Parquet gives a missing string back as None or NaN.
            **{name: row[name] if isinstance(row[name], str) else None for name in ("failure", "failure_kind")},
        }
        return cls(**plain)


def write_records(records: Iterable[ReasonRecord], path: Path) -> None:
    """Write records in one go: the file is either whole or not there."""
    table = pd.DataFrame([record.row() for record in records])
    write_whole({path: lambda temporary: table.to_parquet(temporary, index=False)})


def read_records(path: Path) -> list[ReasonRecord]:
    """Read a file of :func:`write_records`."""
    rows = pd.read_parquet(path).to_dict("records")
    return [ReasonRecord.from_row({str(name): value for name, value in row.items()}) for row in rows]


def read_batch(path: Path, count: int) -> list[ReasonRecord] | None:
    """Records that an interrupted run left; None if it left none.

    A file that is empty, cut off, or holds another number of records is moved aside, with a line that says so.

    Args:
        path: The file.
        count: How many records it must hold.
    """
    if not path.is_file():
        return None
    try:
        records = read_records(path)
        if len(records) == count:
            return records
        fault = f"it holds {len(records)} reasons instead of {count}"
    except (OSError, ValueError, KeyError, TypeError) as error:  # pyarrow's errors are among these
        fault = " ".join(str(error).split())
    logger.warning("%s is damaged (%s): it is moved aside and made again.", path, fault)
    move_aside(path)
    return None
