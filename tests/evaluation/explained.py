"""Two small sets of explanations: one says why, in the words of the history, the other only names the item."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.evaluation.compared_pairs import Compared, compare_sets
from recbole_curec.evaluation.explanation_sets import read_explanations

ITEMS = ("Alien", "Up", "Heat", "Jaws", "Psycho", "Vertigo", "Fargo", "Network", "Chinatown", "Rocky")


def evidence(number: int) -> Evidence:
    """Facts of the pair of a user with an item; the item after it is what the user took last."""
    title, taken, earlier = (ITEMS[(number + step) % len(ITEMS)] for step in (0, 1, 2))
    facts = (Fact("similar", earlier, 5, 0.5),)
    return Evidence(f"u{number}", f"i{number}", 3, title, (), (taken,), facts)


def personal(number: int) -> str:
    told = evidence(number)
    return f'You may like "{told.target}" because you chose "{told.history[0]}" before.'


def plain(number: int) -> str:
    return f'You may like "{evidence(number).target}", which is a film of note.'


def tables(count: int) -> dict[str, pd.DataFrame]:
    """The sets ``personal``, with evidence, and ``plain``, without."""
    numbers = range(count)
    ids = {"user": [f"u{number}" for number in numbers], "item": [f"i{number}" for number in numbers]}
    told = [json.dumps(evidence(number).record()) for number in numbers]
    return {
        "personal": pd.DataFrame({**ids, "text": [personal(number) for number in numbers], "evidence": told}),
        "plain": pd.DataFrame({**ids, "reason": [plain(number) for number in numbers]}),
    }


def compared(count: int) -> Compared:
    """Both sets side by side."""
    first, second = (read_explanations(table, name) for name, table in tables(count).items())
    return compare_sets(first, second)


def write_sets(folder: Path, count: int) -> list[str]:
    """Both sets as files; their paths."""
    paths = {"personal": folder / "personal.parquet", "plain": folder / "plain.jsonl"}
    made = tables(count)
    made["personal"].to_parquet(paths["personal"], index=False)
    made["plain"].to_json(paths["plain"], orient="records", lines=True)
    return list(map(str, paths.values()))
