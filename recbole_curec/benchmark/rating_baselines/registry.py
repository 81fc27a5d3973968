"""The baselines by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from recbole_curec.benchmark.rating_baselines.baseline import RatingBaseline
from recbole_curec.benchmark.rating_baselines.bias import Bias
from recbole_curec.benchmark.rating_baselines.constants import GlobalMean, Median, Mode
from recbole_curec.benchmark.rating_baselines.cornac_models import HFT, NARRE
from recbole_curec.benchmark.rating_baselines.surprise_models import SVD, SVDpp

BASELINES: Mapping[str, type[RatingBaseline]] = MappingProxyType(
    {one.name: one for one in (Mode, GlobalMean, Median, Bias, SVD, SVDpp, HFT, NARRE)}
)
