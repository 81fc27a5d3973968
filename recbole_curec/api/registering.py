"""``register_*``: register a user's own components by name; each function can be used as a class decorator."""

from __future__ import annotations

from recbole_curec.backbones.facts import register_backbone
from recbole_curec.extensions import ENCODERS, ENGINES, FUSIONS, LANGUAGES, RANK_FEATURES, REWARDS, TEACHERS

__all__ = [
    "register_backbone",
    "register_encoder",
    "register_engine",
    "register_feature",
    "register_fusion",
    "register_language",
    "register_reward",
    "register_teacher",
]

register_reward = REWARDS.register
register_fusion = FUSIONS.register
register_encoder = ENCODERS.register
register_engine = ENGINES.register
register_teacher = TEACHERS.register
register_language = LANGUAGES.register
register_feature = RANK_FEATURES.register
