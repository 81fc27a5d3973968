"""One sentence about every item, written by a language model from its name and attributes: prompt, cleaning, storage.

A description is what the model says, not what the item file says: it becomes a part of the text that is encoded and is
nowhere a fact. Prompts of reasons, evidence and the checker of claims read the catalog, which does not hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recbole_curec.atomic_write import write_whole
from recbole_curec.data.catalog import Catalog
from recbole_curec.data.cleaning import clean_text
from recbole_curec.errors import DataError
from recbole_curec.llm.ending import sentence_ends
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN, Message

DESCRIPTIONS = "descriptions.parquet"
# Value of the column that says who wrote a description.
WRITTEN_BY = "model"

# Names of the texts that are compared.
TEXT, WITH_OWN, WITH_ANOTHER = "text", "with_description", "with_another_items_description"

_SYSTEM = "You know the items of a catalogue. Answer with one plain English sentence and nothing else."
_QUESTION = "What is it about and what is it like? One sentence, without its name."
# Attribute values that a prompt shows.
_MOST_ATTRIBUTES = 8
# Longest description, in characters: a server may write more than it is asked for.
_LONGEST = 500


@dataclass(frozen=True)
class Descriptions:
    """The artifact of ``describe``.

    Attributes:
        items: Original item ids, in the order of the catalog without padding.
        prompts: What the language model was asked about each.
        texts: What it wrote, cleaned and cut to one sentence; empty where it wrote nothing that can be used.
        model: Name of the language model.
    """

    items: Sequence[str]
    prompts: Sequence[str]
    texts: Sequence[str]
    model: str

    def save(self, folder: Path) -> None:
        """Write ``descriptions.parquet``, every row marked as model-written."""
        table = pd.DataFrame(
            {
                "item": list(self.items),
                "prompt": list(self.prompts),
                "description": list(self.texts),
                "written_by": WRITTEN_BY,
                "model": self.model,
            }
        )
        write_whole({folder / DESCRIPTIONS: lambda temporary: table.to_parquet(temporary, index=False)})

    @classmethod
    def load(cls, folder: Path) -> Descriptions:
        """Inverse of :meth:`save`.

        Raises:
            DataError: A row is not marked as model-written.
        """
        table = pd.read_parquet(folder / DESCRIPTIONS)
        if not (table["written_by"] == WRITTEN_BY).all():
            raise DataError(f"{folder / DESCRIPTIONS} holds rows that are not marked as written by a model.")
        items, prompts, texts = (table[name].tolist() for name in ("item", "prompt", "description"))
        return cls(items, prompts, texts, str(table["model"].iloc[0]))


def description_prompts(catalog: Catalog, item: int) -> Iterator[list[Message]]:
    """The prompt for one item, then ever shorter ones, each with one attribute value fewer.

    Args:
        catalog: The catalog; its texts are cleaned.
        item: Index of the item.
    """
    attributes = catalog.attributes[item][:_MOST_ATTRIBUTES]
    for count in range(len(attributes), -1, -1):
        known = f" ({', '.join(attributes[:count])})" if count else ""
        asked = f'"{catalog.names[item]}"{known}\n{_QUESTION}'
        yield [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": asked}]


def clean_description(completion: str) -> str:
    """The first sentence of a completion without its thinking, as clean as item text; empty for an unfinished thought.

    A text that the longest completion cut before its first sentence ended is kept up to the cut.
    """
    told = completion.rpartition(THINK_CLOSE)[2]
    if THINK_OPEN in told:
        return ""
    text = clean_text(told)
    # A mark before a small letter belongs to a name, such as 'Mars Attacks!' in the middle of a sentence.
    ends = (end for end in sentence_ends(text) if not text[end:].lstrip()[:1].islower())
    return text[: next(ends, None)][:_LONGEST].rstrip()


def described(texts: Sequence[str], descriptions: Sequence[str]) -> list[str]:
    """Texts of items with their descriptions behind them; an empty description leaves a text as it is."""
    return [f"{text} {told}" if told else text for text, told in zip(texts, descriptions, strict=True)]


def of_other_items(descriptions: Sequence[str], seed: int) -> list[str]:
    """Every item with another item's description, as a control: the same sentences, which say nothing of the item.

    The items are put into a random circle, and each takes the description of the next, so none keeps its own.
    """
    circle: NDArray[np.int64] = np.random.default_rng([seed, 8]).permutation(len(descriptions))
    source = np.empty_like(circle)
    source[circle] = np.roll(circle, -1)
    return [descriptions[place] for place in source]


def worth_of_descriptions(
    texts: Sequence[str], descriptions: Sequence[str], seed: int, measure: Callable[[Sequence[str]], float]
) -> dict[str, float]:
    """A measure of item texts alone, with the items' descriptions, and with those of other items.

    Args:
        texts: Text of every item.
        descriptions: Description of every item.
        seed: Draws whose description an item gets in the control.
        measure: Gives a number, the higher the better, for one text per item.
    """
    return {
        TEXT: measure(texts),
        WITH_OWN: measure(described(texts, descriptions)),
        WITH_ANOTHER: measure(described(texts, of_other_items(descriptions, seed))),
    }


def what_falls(worth: Mapping[str, float]) -> str | None:
    """What the measures of :func:`worth_of_descriptions` say against the descriptions; None if they say nothing."""
    alone, own, another = worth[TEXT], worth[WITH_OWN], worth[WITH_ANOTHER]
    if own >= alone and own > another:
        return None
    return (
        "nearest items to the last five of a training history find the next one with Recall@10 "
        f"{own:.4f} by item text and model-written descriptions, {alone:.4f} by item text alone and {another:.4f} with "
        "another item's description, so this model adds nothing about these items: set describe.enabled: false, or llm "
        "to a larger model"
    )
