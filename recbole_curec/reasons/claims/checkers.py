"""The truth checker of a catalog's language: free prose is read in English alone, other languages by their wordings."""

from __future__ import annotations

from recbole_curec.data.catalog import Catalog
from recbole_curec.extensions import LANGUAGES
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.claims.phrase_checker import PhraseChecker
from recbole_curec.reasons.claims.truth_checker import TruthChecker
from recbole_curec.reasons.languages.english import English
from recbole_curec.reasons.languages.language import Language


def checker_of(catalog: Catalog) -> TruthChecker:
    """The checker of reasons in the language of a catalog."""
    language: type[Language] = LANGUAGES.find(catalog.language)
    return (ClaimChecker if issubclass(language, English) else PhraseChecker)(catalog, language)
