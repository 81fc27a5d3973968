"""BERTScore (Zhang et al., ICLR 2020), by bert-score, over a model from a folder."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import torch

from recbole_curec.errors import ConfigurationError, in_one_line
from recbole_curec.evaluation.metrics.metric import Group, Metric, Sample, Score, check_package, referenced

_CONFIG = "config.json"
# Of roberta-large, the model that the authors recommend for English, this layer agrees best with people.
_ROBERTA_LARGE = {"model_type": "roberta", "hidden_size": 1024, "num_hidden_layers": 24}
_ROBERTA_LAYER = 17


class BertScore(Metric):
    """F1 of the best matching tokens by cosine; the best reference counts.

    A folder of roberta-large is read at layer 17 and rescaled with bert-score's baseline, as published figures are;
    of any other model the last layer is read, without rescaling, and scores compare only with those of the same model.

    Args:
        folder: Folder of the model; no network is asked.

    Raises:
        ConfigurationError: bert-score is not installed, or the folder holds no such model.
    """

    group: ClassVar[Group] = "similarity"
    titles: ClassVar[Mapping[str, str]] = MappingProxyType({"bertscore": "BERTScore"})

    def __init__(self, folder: Path) -> None:
        check_bertscore(folder)
        config = _config(folder)
        self.rescaled = all(config.get(key) == value for key, value in _ROBERTA_LARGE.items())
        self._scorer = _load(
            folder, _ROBERTA_LAYER if self.rescaled else int(config["num_hidden_layers"]), self.rescaled
        )

    def measure(self, sample: Sample) -> dict[str, Score]:
        """F1."""
        _, _, found = self._scorer.score(list(sample.texts), [list(texts) for texts in referenced(sample)])
        return {"bertscore": Score.mean(np.asarray(found, dtype=np.float64))}


def check_bertscore(folder: Path) -> None:
    """Check that BERTScore can be computed, before anything is read.

    Raises:
        ConfigurationError: bert-score is not installed, or the folder holds no model.
    """
    check_package("bert_score", "BERTScore", "bert-score>=0.3.13")
    _config(folder)


def _config(folder: Path) -> dict[str, Any]:
    path = folder / _CONFIG
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found["num_hidden_layers"], int):
            raise ValueError("num_hidden_layers is no number")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"bertscore='{folder}' holds no {_CONFIG} of an encoder ({in_one_line(error)}): give the folder of a model "
            "such as roberta-large."
        ) from error
    settings: dict[str, Any] = found
    return settings


def _load(folder: Path, layer: int, rescaled: bool) -> Any:
    import bert_score

    baseline = Path(bert_score.__file__).parent / "rescale_baseline" / "en" / "roberta-large.tsv"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return bert_score.BERTScorer(
                model_type=str(folder.resolve()),
                num_layers=layer,
                lang="en",
                device="cuda" if torch.cuda.is_available() else "cpu",
                rescale_with_baseline=rescaled,
                baseline_path=str(baseline) if rescaled else None,
            )
    except Exception as error:  # whatever the readers of JSON, safetensors and architectures raise
        raise ConfigurationError(f"bertscore='{folder}' cannot be loaded: {in_one_line(error)[:200]}.") from error
