"""The explainer: a user's list, what is told of each item, its score by source, and other models' lists."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbole_curec.errors import DataError
from recbole_curec.explanations.explained import (
    ComparedModel,
    ExplainedItem,
    ExplainedLists,
    ExplainedUser,
    ListedItem,
)
from recbole_curec.plugin.run_record import RecordedModel
from recbole_curec.serving.recommender import Recommender
from recbole_curec.serving.sources import ScoreSources
from recbole_curec.serving.told import Teller

logger = logging.getLogger(__name__)

# Least length of the other models' rankings in which an item is looked for.
_DEPTH = 100


@dataclass(frozen=True)
class Question:
    """Whose lists are explained.

    Attributes:
        users: Original ids of known users, or the name of one new user.
        history: The new user's history, original item ids, oldest first; None for known users.
        k: Length of a list.
        items: Items to explain in the place of the best ones; None for these.
    """

    users: Sequence[str]
    history: Sequence[str] | None
    k: int
    items: Sequence[str] | None = None


def compared_models(recorded: Sequence[RecordedModel]) -> list[ComparedModel]:
    """The models of a run as explanations show them; the first is the explained one."""
    return [
        ComparedModel(model.role, model.name, model.test, number == 0, model.test_without_history)
        for number, model in enumerate(recorded)
    ]


class Explainer:
    """Explains lists of one run.

    Args:
        recommender: Ranks items for users.
        teller: Tells of items why they are recommended.
        titles: Title by original item id.
        sources: Splits scores; None where they cannot be split.
        others: The other models of the run, by their role, ready to rank.
        models: The models of the run with their metrics; the first is the explained one.
    """

    def __init__(
        self,
        recommender: Recommender,
        teller: Teller,
        titles: Mapping[str, str],
        *,
        sources: ScoreSources | None = None,
        others: Mapping[str, Recommender] | None = None,
        models: Sequence[RecordedModel] = (),
    ) -> None:
        self.recommender, self.teller, self.titles = recommender, teller, titles
        self._sources, self._others, self._models = sources, others or {}, models
        history = teller.collected.history.population
        taken = np.bincount(history.items, minlength=history.n_items)
        self._trained = {token: int(taken[item]) for token, item in teller.collected.catalog.index.items()}

    def explain(self, question: Question) -> ExplainedLists:
        """The explained lists.

        Raises:
            DataError: A user or an item is unknown.
        """
        if question.items is not None:
            self.recommender.check_items(question.items)
        histories = self._histories(question)
        depth = max(_DEPTH, question.k)
        listed = self._listed(question, self.recommender, question.k if question.items is None else depth)
        wanted = listed if question.items is None else self._asked(question)
        pairs = [(str(user), str(item)) for user, item in zip(wanted["user"], wanted["item"], strict=True)]
        pairs = self._with_text(pairs, asked=question.items is not None)
        moves = self.recommender.moves_of(question.users, question.history)
        told = self.teller.tell(pairs, histories, moves)
        scores, parts = self._scores(question, pairs)
        rankings = {role: self._listed(question, other, depth) for role, other in self._others.items()}
        ranks = {role: _ranks(table) for role, table in rankings.items()}
        own, taken = _ranks(listed), {user: set(items) for user, items in histories.items()}
        items: dict[str, list[ExplainedItem]] = {user: [] for user in question.users}
        for number, (pair, found) in enumerate(zip(pairs, told, strict=True)):
            user, item = pair
            items[user].append(
                ExplainedItem(
                    item=item,
                    title=self._title(item),
                    rank=own.get(pair),
                    score=scores[number],
                    record=found.record,
                    reviews=found.reviews,
                    trained=self._trained.get(item, 0),
                    taken=item in taken[user],
                    sources={name: float(values[number]) for name, values in parts.items()},
                    elsewhere={role: places.get(pair) for role, places in ranks.items()},
                    depth=depth,
                    moved=moves.get(user, {}).get(item),
                )
            )
        first = {role: self._first(table, question.k) for role, table in rankings.items()}
        users = [
            ExplainedUser(
                user=user,
                history=[self._title(item) for item in histories[user]],
                items=items[user],
                others={role: found.get(user, []) for role, found in first.items()},
            )
            for user in question.users
        ]
        return self._lists(users)

    def _lists(self, users: Sequence[ExplainedUser]) -> ExplainedLists:
        config = self.recommender.config
        name = self._models[0].name if self._models else str(config["model"])
        return ExplainedLists(
            dataset=str(config["dataset"]),
            model=name,
            sources=[] if self._sources is None else self._sources.names,
            users=users,
            models=compared_models(self._models),
            titles=self.titles,
        )

    def _histories(self, question: Question) -> Mapping[str, Sequence[str]]:
        if question.history is not None:
            return {question.users[0]: list(question.history)}
        return self.recommender.histories(question.users)

    @staticmethod
    def _listed(question: Question, recommender: Recommender, k: int) -> pd.DataFrame:
        if question.history is not None:
            return recommender.for_history(question.history, k, user=question.users[0])
        return recommender.for_users(question.users, k)

    @staticmethod
    def _asked(question: Question) -> pd.DataFrame:
        pairs = [(user, item) for user in question.users for item in question.items or ()]
        return pd.DataFrame(pairs, columns=["user", "item"])

    def _with_text(self, pairs: list[tuple[str, str]], asked: bool) -> list[tuple[str, str]]:
        """The pairs whose item the teller knows; of others nothing is known that could be told.

        Raises:
            DataError: Such an item was asked for.
        """
        index = self.teller.collected.catalog.index
        unknown = sorted({item for _, item in pairs if item not in index})
        if unknown and asked:
            raise DataError(
                f"item {unknown[0]!r} has neither a training interaction nor a row in the item file, so nothing is "
                "known that a reason could say: leave it out."
            )
        if unknown:
            logger.warning(
                "%d listed items have neither a training interaction nor a row in the item file (first: %s): they are "
                "left out, since nothing is known that a reason could say.", len(unknown), unknown[0],
            )  # fmt: skip
        return [pair for pair in pairs if pair[1] in index]

    def _scores(
        self, question: Question, pairs: Sequence[tuple[str, str]]
    ) -> tuple[list[float], dict[str, list[float]]]:
        """Score of every pair, and its contributions by source."""
        history = question.history
        if self._sources is None:
            return self.recommender.scores_of(pairs, history).tolist(), {}
        scores, parts = self._sources.split(lambda: self.recommender.scores_of(pairs, history))
        return scores.tolist(), {name: values.tolist() for name, values in parts.items()}

    def _first(self, table: pd.DataFrame, k: int) -> dict[str, list[ListedItem]]:
        """The first items of every user's ranking."""
        return {
            str(user): [ListedItem(str(item), self._title(str(item))) for item in rows["item"].head(k)]
            for user, rows in table.groupby("user", sort=False)
        }

    def _title(self, item: str) -> str:
        return self.titles.get(item) or item


def _ranks(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    columns = zip(table["user"], table["item"], table["rank"], strict=True)
    return {(str(user), str(item)): int(rank) for user, item, rank in columns}
