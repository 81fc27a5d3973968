"""The stages of RecCoT before ``recommend``, in order.

    read -> align -> reinforce -> write -> embed -> recommend

``recommend`` is not listed here: it is RecBole's own training of the rating model, which reads the vectors of
``embed``.
"""

from __future__ import annotations

from recbole_curec.pipeline.runner import Pipeline
from recbole_curec.pipeline.stage import Stage
from recbole_curec.reviews.source import ReviewSource
from recbole_curec.stages.align_chains import ALIGN_CHAINS
from recbole_curec.stages.embed import EMBED
from recbole_curec.stages.read import READ
from recbole_curec.stages.reinforce_chains import REINFORCE_CHAINS
from recbole_curec.stages.write import WRITE

STAGES: tuple[Stage, ...] = (READ, ALIGN_CHAINS, REINFORCE_CHAINS, WRITE, EMBED)
VECTORS = EMBED.name


def reccot_pipeline(source: ReviewSource) -> Pipeline:
    """RecCoT's stages over the reviews of a training split."""
    return Pipeline(STAGES, source, numbered_to=stage_count())


def stage_count() -> int:
    """Number of stages of a run, ``recommend`` included."""
    return len(STAGES) + 1
