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
    rows = "reviews" if "empty_reviews" in counts else "interactions"
    files = ", ".join(sorted(record["outputs"]))
    lines = [
        _total("read", rows, counts["reviews_read"], counts["users_read"], counts["items_read"]),
        *_filters(request, counts, rows),
        *_core(request, counts, rows),
        _total("written", rows, counts["reviews"], counts["users"], counts["items"]),
        *_texts(counts),
        *_ratings(counts),
        *_times(counts, rows),
        *_tags(counts),
        *_metadata(counts),
        f"{request.target}: {files}" + ("" if prepared.is_new else " (unchanged: the same data set was there already)"),
        "next: " + shlex.join(next_command(request, counts)),
    ]
    return "\n".join(lines)


def _total(what: str, rows: str, reviews: int, users: int, items: int) -> str:
    return f"{what}: {reviews:,} {rows} of {items:,} items by {users:,} users"


def _filters(request: Request, counts: dict[str, Any], rows: str) -> list[str]:
    """What was dropped, in the order in which it was."""
    words = {
        "window_dropped": f"outside of the time window {request.window()}",
        "unrated_dropped": "without a rating",
        "duplicates_dropped": f"as further {rows} of an item by its user",
        "rating_dropped": f"below a rating of {request.min_rating or 0:g}",
    }
    return [f"dropped {why}: {counts[name]:,}" for name, why in words.items() if name in counts]


def _core(request: Request, counts: dict[str, Any], rows: str) -> list[str]:
    if not request.k_core:
        return []
    return [
        f"{request.k_core}-core: {counts['k_core_reviews_dropped']:,} {rows}, {counts['k_core_users_dropped']:,} "
        f"users and {counts['k_core_items_dropped']:,} items dropped in {counts['k_core_rounds']} rounds"
    ]


def _texts(counts: dict[str, Any]) -> list[str]:
    words = {"empty_reviews": "reviews", "empty_summaries": "summaries"}
    empty = ", ".join(f"{counts[name]:,} {what}" for name, what in words.items() if name in counts)
    return [f"empty texts: {empty}; HTML removed from {counts['texts_with_html']:,} reviews"] if empty else []


def _ratings(counts: dict[str, Any]) -> list[str]:
    if "rating_range" in counts:
        found = "{} to {}".format(*counts["rating_range"])
    else:
        found = ", ".join(f"{rating}: {count:,}" for rating, count in counts.get("ratings", {}).items())
    none = f", none: {counts['reviews_without_rating']:,}" if "reviews_without_rating" in counts else ""
    return [f"ratings: {found}{none}"] if found else []


def _times(counts: dict[str, Any], rows: str) -> list[str]:
    if "reviews_without_own_time" not in counts:
        return ["times: none; rows are in the order of the file"]
    return [f"{rows} whose order within the user only the file tells: {counts['reviews_without_own_time']:,}"]


def _tags(counts: dict[str, Any]) -> list[str]:
    if "tags_read" not in counts:
        return []
    return [f"tags: {counts['tags_read']:,}, of which {counts['tags_without_interaction']:,} have no interaction"]


def _metadata(counts: dict[str, Any]) -> list[str]:
    if "metadata_read" not in counts:
        return []
    columns = ", ".join(f"{name} {count:,}" for name, count in counts["items_with"].items()) or "nothing"
    nameless = f" and {counts['metadata_without_id']:,} no id" if "metadata_without_id" in counts else ""
    return [
        f"metadata: {counts['metadata_read']:,} rows, of which {counts['metadata_repeated']:,} repeat an item and "
        f"{counts['metadata_of_items_without_a_review']:,} have no review{nameless}; "
        f"{counts['items_without_metadata']:,} items have none; items with {columns}"
    ]


def next_command(request: Request, counts: dict[str, Any]) -> list[str]:
    """The command that runs CURec on a data set: RecCoT where there are ratings and reviews, else CURec."""
    rated = ("ratings" in counts or "rating_range" in counts) and "reviews_without_rating" not in counts
    reviewed = counts.get("empty_reviews", counts["reviews"]) < counts["reviews"]
    timed = "reviews_without_own_time" in counts
    described = bool(counts.get("items_with"))
    if rated and reviewed and timed:
        options = ["--model=RecCoT"]
    else:
        # Without item text there is nothing to tell in reasons, and no feature to mix in.
        options = [
            "--model=CURec" if timed else "--model=CURecGeneral",
            *([] if described else ["--recommend.fusion=none"]),
        ]
    return ["python", "run_curec.py", *options, f"--dataset={request.dataset}", f"--data_path={request.folder}"]
