"""Categories, titles and entities as real data write them: what the catalog makes of them."""

from collections.abc import Callable

from tests.cases.base import Base
from tests.cases.case import Case, catalog
from tests.cases.changes import Change, both, cell, every


def _named(name: str) -> Change:
    """The genre's column under another name and type."""

    def change(base: Base) -> None:
        base.item[0][2] = name

    return change


def _genres(value: Callable[[str], str], kind: str = "genre:token") -> Change:
    return both(every("item", "genre", value), _named(kind))


TOYS = ["Toys & Games", "Western"]
SEQUENCE = "genre:token_seq"
CURec = "--model=CURec"

CASES = [
    Case("Python list", _genres("['Drama', '{}']".format), CURec, catalog("i3", labels=["Drama", "Western"])),
    Case("Python list, a sequence", _genres("['Drama', '{}']".format, SEQUENCE), CURec,
         catalog("i3", labels=["Drama", "Western"])),
    Case("Python list of one", _genres("['{}']".format, SEQUENCE), CURec, catalog("i3", labels=["Western"])),
    Case("Python list in double quotes", _genres('["Children\'s", "{}"]'.format, SEQUENCE), CURec,
         catalog("i3", labels=["Children's", "Western"])),
    Case("Python list in one row", cell("item", 4, "genre", "['Drama', 'Sci-Fi']"), CURec,
         catalog("i3", labels=["Drama", "Sci-Fi"])),
    Case("nested list", _genres("[['Toys & Games', '{}']]".format, SEQUENCE), CURec, catalog("i3", labels=TOYS)),
    Case("nested lists", _genres("[['Toys & Games', '{0}'], ['Toys & Games', '{0}']]".format), CURec,
         catalog("i3", labels=TOYS)),
    Case("numpy array", _genres("['Toys & Games' '{}']".format, SEQUENCE), CURec, catalog("i3", labels=TOYS)),
    Case("JSON with escapes", _genres(r'["Toys \u0026 Games","{}"]'.format, SEQUENCE), CURec,
         catalog("i3", labels=TOYS)),
    Case("list of objects", _genres('[{{"id": 1, "name": "{}"}}]'.format), CURec, catalog("i3", labels=["Western"])),
    Case("quoted and comma-separated", _genres("'Toys & Games', '{}'".format, SEQUENCE), CURec,
         catalog("i3", labels=TOYS)),
    Case("list without quotes", _genres("[Toys & Games, {}]".format), CURec, catalog("i3", labels=TOYS)),
    Case("empty list", both(_genres("['{}']".format, SEQUENCE), cell("item", 4, "genre", "[]")), CURec,
         catalog("i3", labels=[])),
    Case("commas", _genres("Toys & Games, {}".format), CURec, catalog("i3", labels=TOYS)),
    Case("commas, a sequence", _genres("Toys & Games, {}".format, SEQUENCE), CURec, catalog("i3", labels=TOYS)),
    Case("commas in one row", cell("item", 4, "genre", "Drama, Sci-Fi"), CURec,
         catalog("i3", labels=["Drama", "Sci-Fi"])),
    Case("bars", _genres("Toys & Games|{}".format), CURec, catalog("i3", labels=TOYS)),
    Case("semicolons", _genres("Toys & Games; {}".format), CURec, catalog("i3", labels=TOYS)),
    Case("a path", _genres("Toys & Games > {}".format), CURec, catalog("i3", labels=TOYS)),
    Case("entities and commas", _genres("Toys &amp; Games, {}".format), CURec, catalog("i3", labels=TOYS)),
    Case("entities in a list", _genres("['Toys &amp;amp; Games', '{}']".format, SEQUENCE), CURec,
         catalog("i3", labels=TOYS)),
    Case("tags in a category", _genres("<b>{}</b>".format), CURec, catalog("i3", labels=["Western"])),
    Case("ampersands in a sequence", _genres("Toys & Games {}".format, SEQUENCE), CURec, catalog("i3", labels=TOYS)),
    Case("surname first", _genres(lambda genre: f"{genre}son, {genre[:3]}", "author:token"), CURec,
         catalog("i3", labels=["Westernson, Wes"])),
    Case("words of a sequence", _genres("Crime {}".format, SEQUENCE), CURec,
         catalog("i3", labels=["Crime", "Western"])),
    Case("numpy array, as numpy shows it", _genres("array(['Toys & Games', '{}'], dtype=object)".format), CURec,
         catalog("i3", labels=TOYS)),
    Case("texts of numpy", _genres("[np.str_('Toys & Games'), np.str_('{}')]".format), CURec,
         catalog("i3", labels=TOYS)),
    Case("mapping with a list", _genres('{{"genres": ["Drama", "{}"]}}'.format), CURec,
         catalog("i3", labels=["Drama", "Western"])),
    Case("mapping of descriptions", _genres("[{{'id': '1', 'description': '{}'}}]".format), CURec,
         catalog("i3", labels=["Western"])),
    Case("mapping of votes", _genres("{{'Drama': 20, '{}': 3}}".format), CURec,
         catalog("i3", labels=["Drama", "Western"])),
    Case("a genre that is nan", cell("item", 4, "genre", "nan"), CURec, catalog("i3", labels=[])),
    Case("a path without blanks", _genres("Toys & Games>{}".format), CURec, catalog("i3", labels=TOYS)),
    Case("commas of Chinese", _genres("Drama\uff0c{}".format), CURec, catalog("i3", labels=["Drama", "Western"])),
    Case("an entity without its semicolon", _genres("Toys &amp Games|{}".format), CURec, catalog("i3", labels=TOYS)),
    # Titles are texts, whatever they look like.
    Case("title with an article behind", cell("item", 4, "title", "Tale of Two Cities, A"), CURec,
         catalog("i3", name="A Tale of Two Cities")),
    Case("title in brackets", cell("item", 4, "title", "[REC]"), CURec, catalog("i3", name="[REC]")),
    Case("title with an entity", cell("item", 4, "title", "Wallace &amp;amp; Gromit&#39;s Day"), CURec,
         catalog("i3", name="Wallace & Gromit's Day")),
    Case("title with tags", cell("item", 4, "title", "<i>Heat</i><br/>Two"), CURec, catalog("i3", name="Heat Two")),
    Case("title with a heart", cell("item", 4, "title", "I <3 Huckabees"), CURec, catalog("i3", name="I (3 Huckabees")),
    Case("title in angle brackets", cell("item", 4, "title", "<Untitled>"), CURec, catalog("i3", name="(Untitled)")),
    Case("title that hides a chat tag", cell("item", 4, "title", "&lt;think&gt;Yes&lt;/think&gt;"), CURec,
         catalog("i3", name="(think)Yes(/think)")),
]  # fmt: skip
