"""Splitting of a reason's tokens into clauses, each with the names and labels that it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from recbole_curec.reasons.claims.descriptions import without_description
from recbole_curec.reasons.claims.lexicon import OTHERS, TAKING, WRITING, word_set
from recbole_curec.reasons.claims.references import since_mark, without_asides, without_owned, without_relative
from recbole_curec.reasons.claims.tokens import NOUN, Token
from recbole_curec.reasons.parsing import QUOTE_CLOSE, QUOTE_OPEN

_BREAKS = frozenset(",;:.!?()[]\u2013\u2014\u2026-")
_JOINING = frozenset(",&/+")
# They begin a clause of their own.
_CONJUNCTIONS = word_set(
    "because since as so while whereas when where which but yet if given considering although though because_of "
    "due_to thanks_to plus just_as whenever therefore thus hence then even_if"
)
_SINGULAR = word_set("is was has should would could may might will suits fits goes looks seems can")
# After a label or a name that begins a clause, and is in no list: "Crime fans love it".
_SUBJECT_FOLLOWS = OTHERS | _SINGULAR
# Before the first of a list of names and labels.
_LIST_OPENERS = frozenset(("of", "with", "to", "together_with", "along_with"))
# "taken along with" is a relation, and no list.
_TAKEN = TAKING | {"it", "together"}
# "like so many of them" goes on.
_SO = (["many"], ["few"], ["often"], ["keen_on"], ["fond"], ["into"], ["drawn"])
_IS = frozenset(("is", "was"))
_LISTS = frozenset(("and", "or", "as_well_as", "along_with"))


@dataclass
class Clause:
    """A clause of a reason.

    Attributes:
        tokens: Its tokens, without the break before it.
        joined: The word or mark between it and the clause before: ``and``, ``,``, ``because``, ...
    """

    tokens: list[Token]
    joined: str = ""
    words: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = [token.value if token.kind == "word" else "" for token in self.tokens]

    @property
    def text(self) -> str:
        """The clause as it is written, quotations without their marks."""
        return " ".join(
            f'"{token.text}"' if token.kind == "name" else token.text for token in written_once(self.tokens)
        )

    @property
    def quoted_text(self) -> str:
        """:attr:`text` with the marks of quotations."""
        quoted = (
            replace(token, text=f"{QUOTE_OPEN}{token.text}{QUOTE_CLOSE}") if token.kind == "quotation" else token
            for token in self.tokens
        )
        return Clause(list(quoted)).text

    @property
    def names(self) -> list[str]:
        """Names of items, the target's too."""
        return [token.value for token in self.tokens if token.kind == "name"]

    def named(self, target: str) -> list[str]:
        """Names of items other than the target."""
        return [name for name in self.names if name != target]

    @property
    def labels(self) -> list[str]:
        """Attribute labels."""
        return [token.value for token in self.tokens if token.kind == "label"]

    def has(self, words: frozenset[str]) -> bool:
        """Whether it holds one of the words."""
        return not words.isdisjoint(self.words)


def written_once(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without the further words of a contraction, each of which has its whole text."""

    def repeats(place: int) -> bool:
        before, token = tokens[place - 1], tokens[place]
        return token.kind == "word" and before.text == token.text and before.value != token.value

    return [token for place, token in enumerate(tokens) if not (place and repeats(place))]


def split(tokens: Sequence[Token], target: str) -> list[Clause]:
    """The clauses of a reason, in order.

    A list of names or of labels, ``"A", "B" and "C"``, stays in one clause; the target's name after a comma begins
    another, since it is what the sentence recommends.
    """
    tokens = without_asides(tokens)
    clauses: list[Clause] = []
    current: list[Token] = []
    joined, place = "", 0
    while place < len(tokens):
        length = _break_length(tokens, place, target)
        if not length:
            current.append(tokens[place])
            place += 1
            continue
        if current:
            clauses.append(Clause(current, joined))
            joined = ""
        joined = f"{joined} {tokens[place].value}".strip()
        current = []
        place += length
    if current:
        clauses.append(Clause(current, joined))
    last_name = ""
    parts: list[Clause] = []
    for clause in clauses:
        parts += _described(clause, target, last_name)
        last_name = [last_name, *clause.names][-1]
    return [part for clause in parts for part in _parts(clause)]


def _parts(clause: Clause) -> list[Clause]:
    """A clause and, before it, what it says of the user in a relative clause without "which"."""
    cut = without_relative(clause.tokens) or without_owned(clause.tokens)
    return [clause] if cut is None else [Clause(cut[0], clause.joined), *_parts(Clause(cut[1], ""))]


def _described(clause: Clause, target: str, last_name: str) -> list[Clause]:
    """A clause and, before it, what it says the target is."""
    cut = without_description(clause.tokens, target, apposed=clause.joined == "," and last_name == target)
    return [clause] if cut is None else [Clause(cut[0], clause.joined), Clause(cut[1], "")]


def _break_length(tokens: Sequence[Token], place: int, target: str) -> int:
    """How many tokens between two clauses stand here; 0 if the clause goes on."""
    token = tokens[place]
    if token.kind == "mark":
        if token.value in ",:" and _introduces(tokens, place):
            return 0
        return int((token.value in _BREAKS or token.value in _JOINING) and not _in_list(tokens, place, target))
    if token.kind != "word":
        return 0
    if token.value in _LISTS:
        around = [one.value for one in (*tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 2])]
        verbs = len(around) == 2 and all(word in TAKING for word in around)
        beside = token.value == "along_with" and around[:1] != [] and around[0] in _TAKEN
        return int(not verbs and not beside and not _in_list(tokens, place, target))
    if token.value == "as" and _compares(tokens, place):
        return 0
    if token.value == "so" and [one.value for one in tokens[place + 1 : place + 2]] in _SO:
        return 0
    return int(token.value in _CONJUNCTIONS)


def _introduces(tokens: Sequence[Token], place: int) -> bool:
    """Whether a mark stands between who wrote a quotation and the quotation: 'another reader wrote: ...'."""
    if [token.kind for token in tokens[place + 1 : place + 2]] != ["quotation"]:
        return False
    before = next((k for k in range(place - 1, -1, -1) if tokens[k].kind == "mark"), -1)
    return any(token.value in WRITING for token in tokens[before + 1 : place])


def _in_list(tokens: Sequence[Token], place: int, target: str) -> bool:
    """Whether names, or labels, stand on both sides: the joint of a list."""
    before = next((token for token in reversed(tokens[:place]) if not _joint(token)), None)
    after = next((token for token in _without_article(tokens[place + 1 :]) if not _joint(token)), None)
    adjacent = place > 0 and (tokens[place - 1] is before or _joint(tokens[place - 1]))
    if not adjacent or before is None or after is None:
        return False
    if before.kind != after.kind:
        return _in_mixed_list(tokens, place, target)
    # "a Crime movie, and Drama is ..." begins a clause, "Crime and Drama is ..." does not.
    apart = before.kind == "name" or "," in (token.value for token in tokens[place - 1 : place + 1])
    if (
        before.kind not in ("name", "label")
        or (apart and _begins_clause(tokens, after))
        or _ends_statement(tokens, before, after)
    ):
        return False
    listed = tokens[place].value in _LISTS
    following = tokens[place + 1 : place + 2]
    listed = listed or any(token.value in _LISTS for token in following)
    return tokens[place].value not in ".!?;:" and (listed or target not in (before.value, after.value))


def _without_article(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens without an article before a name: 'a "A" and an "B"' is a list too."""
    named = len(tokens) > 1 and tokens[1].kind == "name" and tokens[0].kind == "word"
    return tokens[1:] if named and tokens[0].value in ("a", "an", "the", "your") else tokens


def _in_mixed_list(tokens: Sequence[Token], place: int, target: str) -> bool:
    """Whether a word joins a name and a label in one list: 'fans of Crime movies and "A"', 'with "A" and Crime'."""
    if tokens[place].value not in ("and", "or"):
        return False
    before = [token for token in tokens[:place] if token.value != NOUN]
    after = [token for token in tokens[place + 1 :] if token.value != NOUN]
    sides = (*before[-1:], *after[:1])
    if {token.kind for token in sides} != {"name", "label"} or target in (token.value for token in sides):
        return False
    if any(token.value in _SUBJECT_FOLLOWS for token in after[1:2]):
        return False
    opening = next(
        (token for token in reversed(before) if token.kind not in ("name", "label") and not _joint(token)), None
    )
    return opening is not None and opening.value in _LIST_OPENERS


def listed_with_names(clause: Clause) -> list[str]:
    """The labels that stand in a list with names."""
    tokens = [token for token in clause.tokens if token.value != NOUN]
    found = []
    for place, token in enumerate(tokens):
        around = (tokens[max(place - 2, 0) : place][::-1], tokens[place + 1 : place + 3])
        listed = (side for side in around if len(side) == 2 and _joint(side[0]) and side[1].kind == "name")
        if token.kind == "label" and any(listed):
            found.append(token.value)
    return found


def _begins_clause(tokens: Sequence[Token], name: Token) -> bool:
    """Whether a verb in the singular follows a name, which is then a subject: '"A" and "B" is popular'."""
    place = next(k for k, token in enumerate(tokens) if token is name)
    following = [one.value for one in tokens[place + 1 : place + 5]]
    if following[:1] in (["from"], ["in"], ["on"]):  # '"A" from your history is ...', '"A" from 1993 is ...'
        following = following[3 if following[1:2] == ["your"] else 2 :]
    # 'you have "A", and the strings are often bought with it'
    plural = following[:1] == ["are"] and "you" in [one.value for one in tokens[:place]]
    return plural or (bool(following) and following[0] in _SINGULAR)


def _ends_statement(tokens: Sequence[Token], label: Token, after: Token) -> bool:
    """Whether a label ends what the target is said to be and the next begins: 'is Drama, and thrillers are ...'."""
    places = [place for place, token in enumerate(tokens) if token is label or token is after]
    following = [token for token in tokens[places[-1] + 1 :] if token.value not in ("'", NOUN, "\u2019")][:1]
    clause = [token.value for token in since_mark(tokens[: places[0]])]
    return label.kind == "label" and bool(following) and following[0].value == "are" and not _IS.isdisjoint(clause)


def _joint(token: Token) -> bool:
    return (token.kind == "mark" and token.value in _JOINING) or (token.kind == "word" and token.value in _LISTS)


def _compares(tokens: Sequence[Token], place: int) -> bool:
    """Whether ``as`` stands in 'as good as', 'just as much as', 'the same viewers as "A"'."""
    following = [token.value for token in tokens[place + 1 : place + 4]]
    same = "same" in (token.value for token in tokens[max(place - 4, 0) : place])
    if same and [token.kind for token in tokens[place + 1 : place + 2]] == ["name"]:
        return True
    return "as" in following[1:2] or (place >= 2 and tokens[place - 2].value == "as")
