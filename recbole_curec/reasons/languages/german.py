"""German, with the familiar "du"; its sentences are read by their own wordings alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from recbole_curec.extensions import LANGUAGES
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN
from recbole_curec.reasons.languages.language import Heads, Language, NaturalTexts, TableTexts, Wordings

# Main clauses throughout: they can follow a colon, "denn" and "und", none of which changes the order of words. Labels
# stand in the accusative of the plural or without an article, so that those of any data set fit.
_CLAUSES: Wordings = {
    ("similar", "strong"): (
        "fast alle Fans von {names} greifen auch dazu",
        "die meisten Fans von {names} entscheiden sich auch dafür",
        "wer {names} gewählt hat, greift fast immer auch dazu",
        "es passt sehr gut zu {names}",
        "du hast {names} gewählt, was sehr gut dazu passt",
    ),
    ("similar", "fair"): (
        "viele Fans von {names} greifen auch dazu",
        "Fans von {names} entscheiden sich oft auch dafür",
        "wer {names} gewählt hat, greift oft auch dazu",
        "es passt gut zu {names}",
        "du hast {names} gewählt, was gut dazu passt",
    ),
    ("similar", "weak"): (
        "manche Fans von {names} greifen auch dazu",
        "wer {names} gewählt hat, greift manchmal auch dazu",
        "es passt entfernt zu {names}",
        "du hast {names} gewählt, was entfernt dazu passt",
    ),
    ("attribute", "strong"): (
        "du wählst immer wieder {labels}",
        "du entscheidest dich meistens für {labels}",
        "du wählst {labels} öfter als die meisten",
    ),
    ("attribute", "fair"): (
        "du wählst oft {labels}",
        "du entscheidest dich häufig für {labels}",
        "du wählst {labels} recht häufig",
    ),
    ("attribute", "weak"): (
        "du wählst manchmal {labels}",
        "du entscheidest dich hin und wieder für {labels}",
        "du wählst ab und zu {labels}",
    ),
    ("together", "strong"): (
        "es wird fast immer zusammen mit {names} gewählt",
        "die meisten, die es wählen, nehmen auch {names}",
    ),
    ("together", "fair"): (
        "es wird oft zusammen mit {names} gewählt",
        "viele, die es wählen, nehmen auch {names}",
    ),
    ("together", "weak"): (
        "es wird manchmal zusammen mit {names} gewählt",
        "manche, die es wählen, nehmen auch {names}",
    ),
    ("popularity", "weak"): (
        "es ist {word} und könnte neu für dich sein",
        "es ist {word} und damit vielleicht eine Entdeckung",
    ),
    ("popularity", "fair"): ("es ist {word}", "es ist bei anderen {word}"),
    ("popularity", "strong"): ("es ist {word}", "es ist bei anderen {word}"),
}
_RULES = (
    "Verwende nur, was gegeben ist. Setze jeden Namen eines Titels in gerade doppelte Anführungszeichen, genau wie "
    "angegeben. "
)
_TABLE_RULES = (
    "Du begründest Empfehlungen auf Deutsch. Verwende nur den Verlauf, das Ziel und die Fakten und erfinde nichts. "
    "Setze jeden Namen eines Titels in gerade doppelte Anführungszeichen, genau wie angegeben. "
)
_EXAMPLE = (
    'Zum Beispiel, wenn "Night Train" empfohlen wird:\n'
    '- mittlere Nähe: hat "Blue Lamp" gewählt, und Fans davon greifen oft auch hierzu\n'
    "- starke Vorliebe: wählt immer wieder Travel\n"
    f'{THINK_OPEN} mittlere Nähe "Blue Lamp"; starke Vorliebe Travel{THINK_CLOSE} "Night Train" könnte dir gefallen, '
    'denn viele Fans von "Blue Lamp" greifen auch dazu, und du wählst immer wieder Travel.'
)


@LANGUAGES.register
class German(Language):
    """German; names stand in straight double quotes, which delimit them, and not in „…“."""

    name: ClassVar[str] = "de"
    title: ClassVar[str] = "German"
    clauses: ClassVar[Wordings] = _CLAUSES
    frames: ClassVar[Mapping[int, tuple[str, ...]]] = {
        1: (
            '"{target}" könnte dir gefallen, denn {0}.',
            'Vielleicht gefällt dir "{target}": {C0}.',
            'Wirf einen Blick auf "{target}", denn {0}.',
            '{C0}, deshalb könnte dir "{target}" gefallen.',
        ),
        2: (
            '"{target}" könnte dir gefallen, denn {0}, und {1}.',
            'Vielleicht gefällt dir "{target}": {C0}, und {1}.',
            '{C0}, und {1}, deshalb dürfte dir "{target}" gefallen.',
            '"{target}" passt zu dir: {C0}; {1}.',
        ),
        3: (
            '"{target}" könnte dir gefallen, denn {0}, {1}, und {2}.',
            'Vielleicht gefällt dir "{target}": {C0}, {1}, und {2}.',
            '{C0}, und {1}, deshalb dürfte dir "{target}" gefallen; {2}.',
        ),
    }
    guesses: ClassVar[Mapping[int, tuple[str, ...]]] = {
        1: (
            'Das ist nur eine Vermutung: "{target}" könnte dir gefallen, denn {0}.',
            '"{target}" ist ein Tipp auf gut Glück: {C0}.',
            'Es spricht nicht viel dafür, aber vielleicht gefällt dir "{target}", denn {0}.',
        ),
        2: (
            'Das ist nur eine Vermutung: "{target}" könnte dir gefallen, denn {0}, und {1}.',
            '"{target}" ist ein Tipp auf gut Glück: {C0}, und {1}.',
            'Es spricht nicht viel dafür, aber vielleicht gefällt dir "{target}", denn {0}, und {1}.',
        ),
    }
    plain: ClassVar[str] = '"{target}" wäre vielleicht etwas für dich, denn es ist {word}.'
    quotation: ClassVar[str] = "du hast {quotation} über {names} geschrieben"
    statements: ClassVar[tuple[str, ...]] = (
        "jemand anderes hat {quotation} darüber geschrieben",
        "in einer anderen Rezension dazu steht {quotation}",
    )
    conjunction: ClassVar[str] = " und "
    popularity: ClassVar[tuple[str, str, str]] = ("wenig bekannt", "beliebt", "sehr beliebt")
    said_taken: ClassVar[tuple[str, ...]] = ("du hast ",)
    possessives: ClassVar[tuple[str, str]] = ("dessen", "deren")
    pronouns: ClassVar[frozenset[str]] = frozenset(("es", "dazu", "dafür", "darüber"))
    nouns: ClassVar[Mapping[str, str]] = {
        "movie": "Filme",
        "film": "Filme",
        "book": "Bücher",
        "song": "Lieder",
        "track": "Stücke",
        "album": "Alben",
        "game": "Spiele",
        "product": "Produkte",
        "article": "Artikel",
        "recipe": "Rezepte",
        "course": "Kurse",
        "show": "Serien",
    }
    answers: ClassVar[tuple[str, str]] = ("Ja", "Nein")
    table: ClassVar[TableTexts] = TableTexts(
        heads=Heads("Verlauf: ", "Bisher: ", "Korrektur: ", "Ziel: ", "Verlauf: nichts"),
        system={
            "Reason": _TABLE_RULES
            + "Antworte mit <think>, dem Ziel und den Fakten, auf die es ankommt, </think> und dann einem Satz von "
            "höchstens 40 Wörtern, der dem Menschen mit „du“ sagt, warum ihm das Ziel gefallen könnte.",
            "Judge": _TABLE_RULES + "Würde diesem Menschen das Ziel gefallen? Antworte mit <think>, dem Ziel und den "
            "Fakten, auf die es ankommt, </think> und Ja oder Nein.",
            "Choose": _TABLE_RULES + "Welchen Kandidaten wählt dieser Mensch als Nächstes? Antworte mit <think>, den "
            "Fakten, auf die es ankommt, </think> und dem Namen des Kandidaten.",
            "Describe": "Nenne die Merkmale des Titels, durch Kommas getrennt.",
            "Identify": "Nenne den Titel mit diesen Merkmalen, in geraden doppelten Anführungszeichen.",
            "Complete": "Vervollständige den Namen des Titels.",
        },
        questions={
            "Reason": 'Grund für "{target}":',
            "Judge": 'Urteil über "{target}":',
            "Choose": "Wahl:",
            "Describe": "Merkmale:",
            "Identify": "Titel:",
            "Complete": "Ganzer Name:",
        },
        nothing="nichts",
        quotation="du hast {quotation} über {name} geschrieben",
        reviewed="{name} rezensiert",
        statement="jemand anderes hat {quotation} geschrieben",
        stated="andere Rezension",
        facts={
            "similar": "Fans von {name} greifen dazu: {level}",
            "attribute": "bevorzugt {name}: {level}",
            "together": "oft gewählt mit {name}: {level}",
            "popularity": "es ist {name}",
        },
        levels={"weak": "schwach", "fair": "mittel", "strong": "stark"},
    )
    natural: ClassVar[NaturalTexts] = NaturalTexts(
        heads=Heads(
            "Zuletzt gewählt: ",
            "Ein früherer Grund: ",
            "Zu verbessern: ",
            "Empfohlen wird: ",
            None,
        ),
        system={
            "Reason": "Du sagst einem Menschen in einem deutschen Satz, warum ihm eine Empfehlung gefallen könnte. "
            + _RULES
            + f"Schreibe zuerst {THINK_OPEN}, die verwendeten Fakten und {THINK_CLOSE}, dann einen Satz mit „du“ von "
            "höchstens 40 Wörtern, der nicht mehr sagt als diese Fakten. Ist jeder Fakt schwach, dann sage, dass es "
            "eine Vermutung ist.\n" + _EXAMPLE,
            "Judge": "Du beurteilst, ob einem Menschen eine Empfehlung gefallen würde. "
            + _RULES
            + f"Schreibe zuerst {THINK_OPEN}, die Fakten, auf die es ankommt, und {THINK_CLOSE}, dann Ja oder Nein.",
            "Choose": "Du wählst den Titel, den ein Mensch als Nächstes wählt. "
            + _RULES
            + f"Schreibe zuerst {THINK_OPEN}, den Titel, der den Ausschlag gibt, und {THINK_CLOSE}, dann den Namen des "
            "gewählten Titels.",
            "Describe": "Du nennst die Merkmale eines Titels, durch Kommas getrennt.",
            "Identify": "Du nennst den Titel mit den angegebenen Merkmalen, in geraden doppelten Anführungszeichen.",
            "Complete": "Du vervollständigst den Namen eines Titels, in geraden doppelten Anführungszeichen.",
        },
        questions={
            "Reason": 'Warum könnte "{target}" gefallen?',
            "Judge": 'Würde "{target}" gefallen?',
            "Choose": "Welcher dieser Titel wird als Nächstes gewählt?",
            "Describe": "Welche Merkmale hat dieser Titel?",
            "Identify": "Welcher Titel hat diese Merkmale?",
            "Complete": "Wie geht der Name weiter?",
        },
        nothing="nichts",
        quotation="hat {quotation} über {name} geschrieben",
        reviewed="Rezension zu {name}",
        statement="jemand anderes hat {quotation} hierüber geschrieben",
        stated="andere Rezension",
        known="Was bekannt ist:",
        facts={
            ("similar", "strong"): "hat {name} gewählt, und Fans davon greifen fast immer auch hierzu",
            ("similar", "fair"): "hat {name} gewählt, und Fans davon greifen oft auch hierzu",
            ("similar", "weak"): "hat {name} gewählt, und manche Fans davon greifen auch hierzu",
            ("attribute", "strong"): "wählt immer wieder {name}",
            ("attribute", "fair"): "wählt oft {name}",
            ("attribute", "weak"): "wählt manchmal {name}",
            ("together", "strong"): "die Empfehlung wird fast immer mit {name} gewählt",
            ("together", "fair"): "die Empfehlung wird oft mit {name} gewählt",
            ("together", "weak"): "die Empfehlung wird manchmal mit {name} gewählt",
            ("popularity", "strong"): "die Empfehlung ist {name}",
            ("popularity", "fair"): "die Empfehlung ist {name}",
            ("popularity", "weak"): "die Empfehlung ist {name}",
        },
        tags={
            ("similar", "strong"): "große Nähe",
            ("similar", "fair"): "mittlere Nähe",
            ("similar", "weak"): "geringe Nähe",
            ("attribute", "strong"): "starke Vorliebe",
            ("attribute", "fair"): "mittlere Vorliebe",
            ("attribute", "weak"): "schwache Vorliebe",
            ("together", "strong"): "starkes Paar",
            ("together", "fair"): "mittleres Paar",
            ("together", "weak"): "schwaches Paar",
            ("popularity", "strong"): "Verbreitung",
            ("popularity", "fair"): "Verbreitung",
            ("popularity", "weak"): "Verbreitung",
        },
        support=": {tag} zu {name}",
    )

    @classmethod
    def dated(cls, noun: str, year: str) -> str:
        """See :meth:`~recbole_curec.reasons.languages.language.Language.dated`."""
        return f"{noun or 'Titel'} aus dem Jahr {year}"

    @classmethod
    def branded(cls, noun: str, brand: str) -> str:
        """See :meth:`~recbole_curec.reasons.languages.language.Language.branded`."""
        return f"{noun or 'Produkte'} von {brand}"
