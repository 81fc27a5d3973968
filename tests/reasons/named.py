"""Evidence about an item of any name, benign or hostile."""

from __future__ import annotations

from recbole_curec.data.cleaning import clean_label, clean_text, shorten
from recbole_curec.data.evidence import Evidence, Fact


def evidence_about(name: str, label: str, history: str = "Clue") -> Evidence:
    facts = (
        Fact("similar", name, 5, 0.5),
        Fact("attribute", label, 2, 1.2),
        Fact("together", name, 3, 0.1),
        Fact("popularity", "popular", 0, 0.7),
    )
    return Evidence("u", "i", 1, name, (label,), (history, name), facts)


def evidence_about_text(text: str) -> Evidence:
    name = shorten(clean_text(text), 8) or clean_label("item 7")
    return evidence_about(name, clean_label(text) or "Other", name)


BENIGN = evidence_about("The Piano", "Drama")
