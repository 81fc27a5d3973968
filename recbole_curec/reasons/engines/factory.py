"""From the settings to the engine that writes for a stage."""

from __future__ import annotations

import logging

from recbole_curec.reasons.engines.engine import Engine
from recbole_curec.reasons.engines.transformers_engine import TransformersEngine
from recbole_curec.reasons.language_model import load_model
from recbole_curec.stage import StageContext

logger = logging.getLogger(__name__)


def stage_engine(context: StageContext, source: str) -> Engine:
    """The engine of the setting ``engine`` over the model of an upstream stage.

    Args:
        context: The stage that writes.
        source: The stage whose model writes, ``align`` or ``reinforce``.

    Raises:
        ConfigurationError: The engine's server cannot be used as it is set.
    """
    name, folder = context.settings.generate.engine, context.inputs[source]
    if name == "ctranslate2":
        from recbole_curec.reasons.engines.ctranslate2_engine import CTranslate2Engine, NotConvertible

        try:
            return CTranslate2Engine.for_stage(context, folder)
        except NotConvertible as error:
            logger.warning("engine: ctranslate2 cannot convert this model (%s); transformers runs it instead.", error)
    elif name == "vllm":
        from recbole_curec.reasons.engines.vllm_engine import VLLMEngine

        return VLLMEngine.for_stage(context, folder)
    elif name == "openai":
        from recbole_curec.reasons.engines.openai_engine import OpenAIEngine

        return OpenAIEngine.for_stage(context, source)
    return TransformersEngine.for_stage(context, *load_model(folder, device=context.device))
