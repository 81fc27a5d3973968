"""Review texts of the training split, read from RecBole's ``.inter`` file for the ``reviews`` teacher.

RecBole would turn review text into token ids, so the file is read separately and a review is joined to the training
history by user and item. A pair that occurs in the file more often than in the training split may also be a validation
or test interaction, so it gets no review.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.data.atomic_file import TEXT_TYPES, read_atomic_file, read_header
from recbole_curec.data.cleaning import clean_text
from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import ConfigurationError, DataError

# Names of review columns, the best first; a column of one of these names must hold text.
_SUMMARY = "summary"
_HINTS = ("review", "review_text", "reviewtext", "text", "summary")


@dataclass(frozen=True)
class ReviewFile:
    """Location and format of the reviews.

    Attributes:
        path: RecBole's ``<dataset>.inter`` file.
        user_field: Column of the original user id.
        item_field: Column of the original item id.
        time_field: Column of the time; None if the file is in time order.
        separator: RecBole's ``field_separator``.
        encoding: Text encoding of the file.
        review_field: Column of the review text; None takes the first with a usual name.
    """

    path: Path
    user_field: str
    item_field: str
    time_field: str | None
    separator: str
    encoding: str
    review_field: str | None


def with_reviews(history: TrainHistory, file: ReviewFile) -> TrainHistory:
    """The training history with the review of every interaction, empty where there is none.

    Raises:
        DataError: The file does not exist or cannot be read.
        ConfigurationError: It has no column of review text.
    """
    table, field = _read(file)
    texts: defaultdict[tuple[str, str], deque[str]] = defaultdict(deque)
    for user, item, text in zip(table[file.user_field], table[file.item_field], table[field], strict=True):
        texts[str(user), str(item)].append(str(text))
    users, items = history.user_tokens[history.users], history.item_tokens[history.items]
    pairs = list(zip(users.tolist(), items.tolist(), strict=True))
    trained: defaultdict[tuple[str, str], int] = defaultdict(int)
    for pair in pairs:
        trained[pair] += 1
    known = {pair: texts[pair] for pair, count in trained.items() if len(texts[pair]) == count}
    # Both sides are in time order, so the k-th review of a pair belongs to its k-th interaction.
    reviews = [clean_text(known[pair].popleft()) if pair in known else "" for pair in pairs]
    return replace(history, reviews=np.array(reviews, dtype=object))


def texts_of_pairs(
    users: NDArray[np.str_], items: NDArray[np.str_], file: ReviewFile, summary_field: str | None = None
) -> NDArray[np.object_]:
    """Review of every pair of user and item, its headline first; empty where there is none.

    A pair that the file holds more than once may also be a held-out interaction, so it gets no review.

    Args:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        file: The file.
        summary_field: Column of the headlines; None takes the column 'summary' if there is one beside the reviews.

    Returns:
        The texts, shape ``(N,)``.

    Raises:
        DataError: The file does not exist or cannot be read.
        ConfigurationError: It has no such column.
    """
    table, field = _read(file)
    if summary_field is not None and summary_field not in table:
        raise ConfigurationError(
            f"read.summary_field={summary_field!r} is no column of {file.path}: use one of {list(table)}, or leave it "
            "out."
        )
    headline = summary_field or (_SUMMARY if _SUMMARY in table else field)
    found: dict[tuple[str, str], str | None] = {}
    columns = (table[name] for name in (file.user_field, file.item_field, headline, field))
    for user, item, summary, text in zip(*columns, strict=True):
        pair = str(user), str(item)
        found[pair] = None if pair in found else _joined("" if headline == field else str(summary), str(text))
    pairs = zip(users.tolist(), items.tolist(), strict=True)
    return np.array([found.get(pair) or "" for pair in pairs], dtype=object)


def ratings_of_pairs(
    users: NDArray[np.str_], items: NDArray[np.str_], file: ReviewFile, rating_field: str
) -> NDArray[np.float64]:
    """Rating of every pair of user and item, shape ``(N,)``; nan where there is none.

    A pair that the file holds more than once may also be a held-out interaction, so it gets no rating.

    Args:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        file: The file.
        rating_field: Column of the ratings.

    Raises:
        DataError: The file does not exist or cannot be read, or a rating is no number.
    """
    needed = (file.user_field, file.item_field, rating_field)
    found = read_atomic_file(file.path, file.separator, file.encoding, needed)
    ids = pd.MultiIndex.from_arrays([found.ids(file.user_field), found.ids(file.item_field)])
    return _of_pairs(pd.Series(found.numbers(rating_field), index=ids), users, items)


def times_of_pairs(users: NDArray[np.str_], items: NDArray[np.str_], file: ReviewFile) -> NDArray[np.float64]:
    """Time of every pair of user and item, or its line in a file without times; nan where there is none, or several.

    Args:
        users: Original user ids, shape ``(N,)``.
        items: Original item ids, shape ``(N,)``.
        file: The file.

    Returns:
        Shape ``(N,)``.

    Raises:
        DataError: The file does not exist or cannot be read, or a time is no number.
    """
    if file.time_field in read_header(file.path, file.separator, file.encoding):
        return ratings_of_pairs(users, items, file, str(file.time_field))
    found = read_atomic_file(file.path, file.separator, file.encoding, (file.user_field, file.item_field))
    ids = pd.MultiIndex.from_arrays([found.ids(file.user_field), found.ids(file.item_field)])
    return _of_pairs(pd.Series(np.arange(len(ids), dtype=np.float64), index=ids), users, items)


def _of_pairs(numbers: pd.Series, users: NDArray[np.str_], items: NDArray[np.str_]) -> NDArray[np.float64]:
    """The number of each pair, nan where the index holds it not once."""
    alone = numbers[~numbers.index.duplicated(keep=False)]
    pairs = pd.MultiIndex.from_arrays([users.astype(object), items.astype(object)])
    return np.asarray(alone.reindex(pairs), dtype=np.float64)


def _joined(summary: str, text: str) -> str:
    """Headline and review as one text, with a full stop between them if the headline has no mark."""
    head, body = clean_text(summary), clean_text(text)
    if not head or body.startswith(head):
        return body
    return f"{head}{'' if head[-1] in '.!?,:;' else '.'} {body}".rstrip()


def review_columns(types: dict[str, str], ids: tuple[str, str]) -> tuple[list[str], list[str]]:
    """Columns of text, and those of them with a usual name of reviews, the best first.

    Args:
        types: Columns of the interaction file and their types.
        ids: Columns of the original ids.
    """
    texts = [name for name, kind in types.items() if kind in TEXT_TYPES and name not in ids]
    return texts, [name for hint in _HINTS for name in texts if name.lower() == hint]


def _read(file: ReviewFile) -> tuple[pd.DataFrame, str]:
    """The file's rows in time order, and the name of the review column."""
    if not file.path.is_file():
        raise DataError(
            f"There are no reviews: {file.path} does not exist; teacher: reviews needs one interaction file with a "
            "column of review text (set teacher: evidence to go without)."
        )
    found = read_atomic_file(file.path, file.separator, file.encoding)
    field = _review_field(found.types, file)
    table = found.frame(file.user_field, file.item_field)
    if file.time_field in found.types:
        table = table.iloc[np.argsort(found.numbers(file.time_field, complete=True), kind="stable")]
    return table, field


def _review_field(types: dict[str, str], file: ReviewFile) -> str:
    texts, hinted = review_columns(types, (file.user_field, file.item_field))
    if file.review_field is not None:
        if file.review_field not in texts:
            raise ConfigurationError(
                f"review_field={file.review_field!r} is no text column of {file.path}: use one of {texts}."
            )
        return file.review_field
    if not hinted:
        raise ConfigurationError(
            f"teacher: reviews finds no column of review text in {file.path} (text columns: {texts}): name it with "
            "review_field, or set teacher: evidence."
        )
    return hinted[0]
