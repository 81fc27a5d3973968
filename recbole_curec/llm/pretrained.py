"""Reading of a pretrained causal language model from disk: weights, configuration, tokenizer and adapter must agree.

transformers initialises what it does not find at random and only logs it. Here the report of every loading is read, and
anything that is missing, left over or of another shape is an error. No code from a model's folder is ever run.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from recbole_curec.errors import ConfigurationError, first_line

# Options of a reading that takes the names and shapes of the weights alone.
WITHOUT_WEIGHTS: Mapping[str, Any] = {"device_map": {"": "meta"}}
_GENERATION = "generation_config.json"
# Checkpoints of other tasks: BertForMaskedLM, Qwen3ForSequenceClassification, ...
_OTHER_TASK = re.compile(r"\w+For(?!CausalLM|ConditionalGeneration)\w+")
_SHOWN = 2


def expanded(name: str) -> str:
    """A path without ``~``, or the hub name as it is."""
    path = Path(name).expanduser()
    return str(path) if path.exists() else name


def read_model(
    source: str | Path, asked: str, *, revision: str | None = None, gguf_file: str | None = None, **options: Any
) -> PreTrainedModel:
    """Read a causal language model whose weights are all there and all used.

    With :data:`WITHOUT_WEIGHTS` it takes little time and memory.

    Args:
        source: Folder or hub name.
        asked: What names the model in messages, such as ``llm='Qwen/Qwen3-1.7B'``.
        revision: Branch, tag or commit of a hub model.
        gguf_file: Name of a GGUF file in the folder, which is then all that is read.
        options: Further options of ``from_pretrained``.

    Raises:
        ConfigurationError: It cannot be read, is no causal language model, or weights and configuration do not agree.
    """
    try:
        one_file: dict[str, Any] = {} if gguf_file is None else {"gguf_file": gguf_file}
        config = AutoConfig.from_pretrained(source, revision=revision, trust_remote_code=False, **one_file)
        _check_task(config, asked)
        if (
            not one_file and (Path(source) / _GENERATION).is_file()
        ):  # transformers replaces one that it cannot read by its defaults
            GenerationConfig.from_pretrained(source)
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            source,
            revision=revision,
            trust_remote_code=False,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # reported here instead, with names
            **one_file,
            **options,
        )
    except ConfigurationError:
        raise
    except Exception as error:  # whatever the readers of JSON, safetensors, pickles and architectures raise
        raise ConfigurationError(f"{asked} cannot be loaded as a causal language model: {reason_of(error)}.") from error
    model: PreTrainedModel
    model, report = loaded
    check_report(report, asked)
    _check_direction(model, asked)
    return model


def read_tokenizer(
    source: str | Path, asked: str, *, revision: str | None = None, gguf_file: str | None = None
) -> PreTrainedTokenizerBase:
    """Read a tokenizer, and let it pad on the left.

    Generation continues the last position of every row, so padding there would be continued in place of the prompt.
    The side is set at every reading, because ``save_pretrained`` does not save it and most models pad on the right.

    Args:
        source: Folder or hub name.
        asked: What names it in messages.
        revision: Branch, tag or commit of a hub model.
        gguf_file: Name of a GGUF file in the folder, which is then all that is read.

    Raises:
        ConfigurationError: It cannot be read.
    """
    one_file = {} if gguf_file is None else {"gguf_file": gguf_file}
    try:
        found: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            source, revision=revision, trust_remote_code=False, **one_file
        )
    except Exception as error:  # the tokenizers library raises bare Exception
        raise ConfigurationError(f"{asked} has no tokenizer that can be loaded: {reason_of(error)}.") from error
    found.padding_side = "left"
    return found


def read_adapter(model: Any, folder: Path, *, trainable: bool = False) -> Any:
    """Put a saved adapter on its base.

    Raises:
        ConfigurationError: The adapter cannot be read, or its weights do not fit the base.
    """
    from peft import PeftModel, get_peft_model_state_dict
    from peft.utils.save_and_load import load_peft_weights

    asked = f"The adapter in '{folder}'"
    try:
        with warnings.catch_warnings():
            # Without weights there is nothing to copy to; torch says so for every matrix.
            warnings.filterwarnings("ignore", message=".*copying from a non-meta parameter")
            adapted = PeftModel.from_pretrained(model, str(folder), is_trainable=trainable)
        saved = set(load_peft_weights(str(folder), device="cpu"))
    except Exception as error:
        raise ConfigurationError(
            f"{asked} cannot be put on its base: {reason_of(error)}: give the base it was trained on."
        ) from error
    placed = set(get_peft_model_state_dict(adapted))
    check_report({"missing_keys": placed - saved, "unexpected_keys": saved - placed}, asked)
    return adapted


def check_report(report: Mapping[str, Any], asked: str) -> None:
    """Check the report of a loading.

    Args:
        report: Missing, unexpected and mismatched keys, and messages of errors, as transformers gives them.
        asked: What names the model in messages.

    Raises:
        ConfigurationError: Anything is in it.
    """
    mismatched = {str(entry[0] if isinstance(entry, tuple) else entry) for entry in report.get("mismatched_keys", ())}
    faults = [
        _listed(report.get("missing_keys", ()), "missing from its weights"),
        _listed(report.get("unexpected_keys", ()), "in its weights and unknown to its configuration"),
        _listed(mismatched, "of another shape than its configuration says"),
        *(str(message) for message in report.get("error_msgs") or ()),
    ]
    if found := "; ".join(fault for fault in faults if fault):
        raise ConfigurationError(
            f"{asked} is not the model its configuration describes ({found}): give a folder whose weights and "
            "config.json were saved together."
        )


def check_vocabulary(model: Any, tokenizer: PreTrainedTokenizerBase, asked: str) -> None:
    """Check that every token of the tokenizer has a vector.

    Raises:
        ConfigurationError: The tokenizer belongs to a model with a larger vocabulary.
    """
    highest, rows = max(tokenizer.get_vocab().values(), default=0), model.get_input_embeddings().weight.shape[0]
    if highest >= rows:
        raise ConfigurationError(
            f"{asked} has {rows:,} token vectors and a tokenizer whose highest id is {highest:,}: give the tokenizer "
            "that belongs to the model."
        )


def reason_of(error: BaseException) -> str:
    """The first line of an error's message, or its type, without a full stop."""
    first = first_line(error) or type(error).__name__
    if "contains custom code" in first or "references custom code" in first:
        return "it contains code of its own, which is never run; give a model that transformers knows"
    return first[:300]


def _check_task(config: Any, asked: str) -> None:
    for architecture in config.architectures or ():
        if _OTHER_TASK.fullmatch(str(architecture)):
            raise ConfigurationError(
                f"{asked} was saved as {architecture}, which is no causal language model: give one whose config.json "
                "names an architecture such as LlamaForCausalLM."
            )


def _check_direction(model: Any, asked: str) -> None:
    """Check that a model reads from left to right; an encoder in this place would see the answer it is to write."""
    causal = any(
        getattr(module, flag, False) is True for module in model.modules() for flag in ("is_causal", "is_decoder")
    )
    if getattr(model.config, "is_decoder", None) is False and not causal:
        raise ConfigurationError(
            f"{asked} is an encoder ({model.config.model_type}), which reads in both directions and cannot write: give "
            "a causal language model."
        )


def _listed(keys: Collection[Any], what: str) -> str:
    names = sorted(map(str, keys))
    more = ", ..." if len(names) > _SHOWN else ""
    noun = "tensor" if len(names) == 1 else "tensors"
    return f"{len(names)} {noun} {what}: {', '.join(names[:_SHOWN])}{more}" if names else ""
