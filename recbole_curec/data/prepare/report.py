"""What ``curec prepare`` says when it is done: the counts of every step, and the command that comes next."""

from __future__ import annotations

import shlex
from typing import Any

from recbole_curec.data.prepare.prepare import Prepared
from recbole_curec.data.prepare.request import Request


def describe(prepared: Prepared) -> str:
    """The record of a data set in words."""
    request, record = prepared.request, prepared.record
    counts = record["counts"]
    files = ", ".join(sorted(record["outputs"]))
    lines = [
        _reviews("read", counts["reviews_read"], counts["users_read"], counts["items_read"]),
        f"dropped as further reviews of an item by its user: {counts['duplicates_dropped']:,}",
        *_core(request, counts),
        _reviews("written", counts["reviews"], counts["users"], counts["items"]),
        f"empty texts: {counts['empty_reviews']:,} reviews, {counts['empty_summaries']:,} summaries; "
        f"HTML removed from {counts['texts_with_html']:,} reviews",
        "ratings: " + ", ".join(f"{rating}: {count:,}" for rating, count in counts["ratings"].items()),
        f"reviews whose order within the user only the file tells: {counts['reviews_without_own_time']:,}",
        *_metadata(counts),
        f"{request.target}: {files}" + ("" if prepared.is_new else " (unchanged: the same data set was there already)"),
        "next: " + shlex.join(_next(request)),
    ]
    return "\n".join(lines)


def _reviews(what: str, reviews: int, users: int, items: int) -> str:
    return f"{what}: {reviews:,} reviews of {items:,} items by {users:,} users"


def _core(request: Request, counts: dict[str, Any]) -> list[str]:
    if not request.k_core:
        return []
    return [
        f"{request.k_core}-core: {counts['k_core_reviews_dropped']:,} reviews, {counts['k_core_users_dropped']:,} "
        f"users and {counts['k_core_items_dropped']:,} items dropped in {counts['k_core_rounds']} rounds"
    ]


def _metadata(counts: dict[str, Any]) -> list[str]:
    if "metadata_read" not in counts:
        return []
    columns = ", ".join(f"{name} {count:,}" for name, count in counts["items_with"].items()) or "nothing"
    return [
        f"metadata: {counts['metadata_read']:,} rows, of which {counts['metadata_repeated']:,} repeat an item and "
        f"{counts['metadata_of_items_without_a_review']:,} have no review; {counts['items_without_metadata']:,} items "
        f"have none; items with {columns}"
    ]


def _next(request: Request) -> list[str]:
    return [
        "python", "run_curec.py", "--model=RecCoT", f"--dataset={request.dataset}", f"--data_path={request.folder}"
    ]  # fmt: skip
