"""The reason store: one record per explained training interaction, as Parquet."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from recbole_curec.atomic_write import write_whole
from recbole_curec.data.evidence import Evidence
from recbole_curec.errors import in_one_line
from recbole_curec.pipeline.seals import is_kept, set_aside, write_sealed
from recbole_curec.reasons.failures import FailureKind

logger = logging.getLogger(__name__)

STORE = "reasons.parquet"
# Outcome of correction: the draft passed; a revision of the language model passes; the teacher's sentence replaced it;
# or the best attempt is kept although its reward is low, because the teacher's sentence has a lower one.
Outcome = Literal["kept", "repaired", "replaced", "left"]


@dataclass(frozen=True)
class ReasonRecord:
    """A stored reason with its evidence, draft, rewards and the outcome of correction.

    Attributes:
        user: Original user id of the explained interaction.
        item: Original item id.
        position: Training interactions of the user before this one.
        evidence: Facts that the reason may claim. Its user and position are those the reason was written for; with
            ``shuffle_users`` these belong to another user.
        draft: The first completion of the language model.
        text: The final reason.
        rewards: Rewards of the final reason by name, ``total`` included.
        draft_reward: Total reward of the draft.
        rounds: Rounds of revision.
        failure: Description of the draft's failure; None if it passed.
        failure_kind: Kind of the draft's failure; None if it passed.
        outcome: Outcome of correction.
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
        """Whether the final text is the teacher's sentence."""
        return self.outcome == "replaced"

    @property
    def written_for(self) -> str:
        """Original id of the user whose history the reason was written from."""
        return self.evidence.user

    def row(self) -> dict[str, Any]:
        """The record as a flat row of the table; evidence and rewards are JSON."""
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
            **{key: value for key, value in row.items() if key != "written_for"},  # part of the evidence
            "evidence": Evidence.from_record(json.loads(row["evidence"])),
            "rewards": json.loads(row["rewards"]),
            # Parquet gives a missing string back as None or NaN.
            **{name: row[name] if isinstance(row[name], str) else None for name in ("failure", "failure_kind")},
        }
        return cls(**plain)


def write_records(records: Iterable[ReasonRecord], path: Path) -> None:
    """Write records atomically as Parquet."""
    write_whole({path: _parquet(records)})


def write_batch_records(records: Iterable[ReasonRecord], path: Path) -> None:
    """Write the records of a batch for :func:`read_batch`: with a seal, by which damage is noticed."""
    write_sealed(path, _parquet(records))


def _parquet(records: Iterable[ReasonRecord]) -> Callable[[Path], None]:
    table = pd.DataFrame([record.row() for record in records])
    return lambda temporary: table.to_parquet(temporary, index=False)


def read_records(path: Path) -> list[ReasonRecord]:
    """Read a file of :func:`write_records`."""
    rows = pd.read_parquet(path).to_dict("records")
    return [ReasonRecord.from_row({str(name): value for name, value in row.items()}) for row in rows]


def read_batch(path: Path, count: int) -> list[ReasonRecord] | None:
    """Records of a batch that an interrupted run wrote; None if there are none.

    A file that is damaged or holds another number of records is moved aside with a warning.

    Args:
        path: The file.
        count: Expected number of records.
    """
    if not is_kept(path):
        return None
    try:
        records = read_records(path)
        if len(records) == count:
            return records
        fault = f"it holds {len(records)} reasons instead of {count}"
    except (OSError, ValueError, KeyError, TypeError) as error:  # pyarrow's errors are among these
        fault = in_one_line(error)
    set_aside(path, fault)
    return None
