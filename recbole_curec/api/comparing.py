"""Two sets of explanations side by side, for people and for a judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.compared_pairs import Compared, compare_sets, with_contexts
from recbole_curec.evaluation.explanation_sets import Source, read_explanations
from recbole_curec.paths import user_path


def compared_sets(reasons: Sequence[str | Path] | Mapping[str, Source]) -> Compared:
    """Two sets of explanations side by side: two files, or two files or tables by name.

    Raises:
        CURecError: They are not two, or cannot be used.
    """
    if isinstance(reasons, str | Path) or len(reasons) != 2:
        count = 1 if isinstance(reasons, str | Path) else len(reasons)
        raise ConfigurationError(f"reasons: {count} given, and two sets of explanations are compared: give two files.")
    named = reasons if isinstance(reasons, Mapping) else _by_name([user_path("reasons", path) for path in reasons])
    first, second = (read_explanations(source, name) for name, source in named.items())
    return compare_sets(first, second)


def with_checkpoint(compared: Compared, checkpoint: str | Path | None, data_path: str | Path | None) -> Compared:
    """The same pairs with the titles and histories of a checkpoint's data."""
    if checkpoint is None:
        return compared
    from recbole_curec.serving.training_contexts import training_contexts  # it imports torch and RecBole

    contexts = training_contexts(checkpoint, compared.pairs, data_path)
    return replace(compared, pairs=tuple(with_contexts(compared.pairs, contexts)))


def _by_name(paths: Sequence[Path]) -> dict[str, Source]:
    """Files by their names without ending, or by their whole paths where these are the same."""
    stems = [path.stem for path in paths]
    if len({*map(str, paths)}) < len(paths):
        raise ConfigurationError(f"reasons: '{paths[0]}' is given twice: give two sets of explanations.")
    return {path.stem if stems.count(path.stem) == 1 else str(path): path for path in paths}
