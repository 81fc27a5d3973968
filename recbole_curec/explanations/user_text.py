"""One user's explained list as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recbole_curec.explanations.explained import ExplainedItem, ExplainedLists, ExplainedUser, VectorReviews
from recbole_curec.explanations.facts_text import correction_words, fact_words, moved_words, statement_words
from recbole_curec.explanations.quoted_review import QuotedReview
from recbole_curec.reasons.prompts import quote
from recbole_curec.reasons.store import ReasonRecord
from recbole_curec.terminal import printable_line

# Items of a history that are shown: the latest.
_HISTORY = 5
_TITLE_WIDTH = 44


def user_block(user: ExplainedUser, lists: ExplainedLists) -> str:
    """The history, a table of the list, and a paragraph per item.

    Args:
        user: The user.
        lists: The lists the user is one of.
    """
    latest = [*user.history[-_HISTORY:]]
    more = len(user.history) - len(latest)
    history = quote(latest) or "nothing"
    lines = [
        f"user {user.user}, {lists.model} on {lists.dataset}",
        f"  history   {history}" + (f", and {more:,} earlier ones" if more else ""),
        "",
        *_table(user, lists),
    ]
    for item in user.items:
        lines += ["", *_paragraph(item, lists.titles)]
    # Ids, titles and reasons are untrusted text: they must not add lines or move the cursor.
    return "\n".join(printable_line(line) for line in lines)


def _table(user: ExplainedUser, lists: ExplainedLists) -> list[str]:
    """Rank, item, score by source, and the rank in other models' lists."""
    others = list(user.others)
    heads = ["rank", "item", "score", *lists.sources, *others]
    body = [
        [
            "" if one.rank is None else str(one.rank),
            _shortened(one.title),
            f"{one.score:.2f}",
            *(f"{one.sources[name]:+.2f}" for name in lists.sources),
            *(_place(one, role) for role in others),
        ]
        for one in user.items
    ]
    table = [heads, *body]
    widths = [max(len(line[column]) for line in table) for column in range(len(heads))]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if column == 1 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table
    ]


def _place(one: ExplainedItem, role: str) -> str:
    rank = one.elsewhere.get(role)
    if one.taken:
        return "taken"
    if rank is None:
        return f">{one.depth}"
    if one.rank is None or one.rank == rank:
        return f"{rank}"
    return f"{rank} ({rank - one.rank:+d})"


def _paragraph(one: ExplainedItem, titles: Mapping[str, str]) -> list[str]:
    place = f"{one.rank}. " if one.rank is not None else ""
    cold = ", nobody took it in training" if one.is_cold else ""
    cold += ", which the user has" if one.taken else ""
    return [
        f"  {place}{one.title} (item {one.item}{cold})",
        *([] if one.record is None else [f"     {one.record.text}"]),
        *([] if one.moved is None else [f"     {'ranked':<10}{moved_words(one.moved)}"]),
        *([] if one.record is None else _evidence(one.record)),
        *([] if one.reviews is None else _reviews(one.reviews, titles)),
    ]


def _evidence(record: ReasonRecord) -> list[str]:
    evidence = [f"{fact_words(fact)}: {fact.level}" for fact in record.evidence.facts]
    evidence += [statement_words(one) for one in record.evidence.statements]
    return [
        *_named("evidence", evidence),
        f"     {'checks':<10}{correction_words(record)}; reward {_rewards(record.rewards)}",
    ]


def _reviews(told: VectorReviews, titles: Mapping[str, str]) -> list[str]:
    """The reviews behind the vectors of the item and of the user."""
    about = [f"by {one.user}, {_rated(one)}" for one in told.item]
    by = [f"of {titles.get(one.item) or one.item}, {_rated(one)}" for one in told.user]
    more = [(about, told.n_item - len(about)), (by, told.n_user - len(by))]
    for lines, earlier in more:
        lines += [f"and {earlier:,} earlier"] if earlier else []
    return [*_named("item's", about or ["no review"]), *_named("user's", by or ["no review"])]


def _rated(one: QuotedReview) -> str:
    return f"rated {one.rating:g}{f' on {one.date}' if one.date else ''}: {one.words()}"


def _named(name: str, lines: Sequence[str]) -> list[str]:
    """Lines below each other, the first with a name."""
    return [f"     {name if number == 0 else '':<10}{text}" for number, text in enumerate(lines)]


def _rewards(rewards: Mapping[str, float]) -> str:
    parts = ", ".join(f"{name} {value:+.2f}" for name, value in rewards.items() if name != "total")
    return f"{rewards['total']:+.2f} ({parts})"


def _shortened(title: str) -> str:
    return title if len(title) <= _TITLE_WIDTH else f"{title[: _TITLE_WIDTH - 1]}…"
