"""The stages of CURec before ``recommend``, in order.

    collect -> align -> reward -> reinforce -> correct -> encode -> recommend

With ``encode.reason_source: reviews`` RecCoT's stages make the vectors in the place of those that write reasons:

    collect -> read -> align -> reinforce -> write -> embed -> encode -> recommend

With ``encode.statements`` or ``collect.evidence_statements`` the stage ``statements`` runs after ``collect``.
With ``claims.judge`` the stage ``audit`` runs after ``correct``; no stage reads what it makes. With
``describe.enabled`` the stage ``describe`` runs before ``encode``. ``recommend``, the last stage, is not listed
here: it is RecBole's own training of our model classes, which starts once ``encode`` has made the features.
"""

from __future__ import annotations

from recbole_curec.data.source import InteractionSource
from recbole_curec.extensions import load_object
from recbole_curec.pipeline.runner import Pipeline
from recbole_curec.pipeline.stage import Stage
from recbole_curec.pipelines import reccot
from recbole_curec.reviews.source import ReviewSource
from recbole_curec.reviews.statements.source import StatementSource
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.align import ALIGN
from recbole_curec.stages.audit import AUDIT
from recbole_curec.stages.collect import COLLECT
from recbole_curec.stages.correct import CORRECT
from recbole_curec.stages.describe import DESCRIBE
from recbole_curec.stages.encode import ENCODE
from recbole_curec.stages.read import READ
from recbole_curec.stages.reinforce import REINFORCE
from recbole_curec.stages.reward import REWARD
from recbole_curec.stages.statements import STATEMENTS

STAGES: tuple[Stage, ...] = (COLLECT, ALIGN, REWARD, REINFORCE, CORRECT, ENCODE)
_WITH_OPTIONAL: tuple[Stage, ...] = (
    COLLECT, STATEMENTS, ALIGN, REWARD, REINFORCE, CORRECT, AUDIT, DESCRIBE, ENCODE
)  # fmt: skip
_OVER_REVIEWS: tuple[Stage, ...] = (COLLECT, STATEMENTS, *reccot.STAGES, DESCRIBE, ENCODE)
FEATURES = ENCODE.name


def curec_pipeline(
    settings: Settings,
    source: InteractionSource,
    reviews: ReviewSource | None = None,
    statements: StatementSource | None = None,
) -> Pipeline:
    """CURec's stages followed by the user's own stages, over a dataset.

    Args:
        settings: All settings; ``run.extra_stages`` names the user's own stages.
        source: The training split and the item file.
        reviews: The training reviews, where vectors are made of them.
        statements: The training reviews in the order of all interactions, where statements are chosen.
    """
    read = {READ.name: reviews, STATEMENTS.name: statements}
    others = {name: data for name, data in read.items() if data is not None}
    return Pipeline([*own_stages(settings), *extra_stages(settings)], source, stage_count(settings), others)


def own_stages(settings: Settings) -> tuple[Stage, ...]:
    """CURec's stages; ``statements``, ``audit`` and ``describe`` are among them only where settings ask for them."""
    asked = {
        STATEMENTS.name: settings.reads_statements,
        AUDIT.name: settings.claims.judged,
        DESCRIBE.name: settings.describe.enabled,
    }
    stages = _OVER_REVIEWS if settings.encode.reads_reviews else _WITH_OPTIONAL
    return tuple(stage for stage in stages if asked.get(stage.name, True))


def targets(settings: Settings) -> list[str]:
    """Names of the stages whose artifacts a run needs: ``encode``, ``audit`` where it is on, and the user's own."""
    audited = [AUDIT.name] if settings.claims.judged else []
    return [FEATURES, *audited, *(stage.name for stage in extra_stages(settings))]


def extra_stages(settings: Settings) -> list[Stage]:
    """The user's own stages."""
    return [load_object(path, "run.extra_stages") for path in settings.run.extra_stages]


def stage_count(settings: Settings) -> int:
    """Number of stages of a run, ``recommend`` included."""
    return len(own_stages(settings)) + len(settings.run.extra_stages) + 1
