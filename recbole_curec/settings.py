"""Every setting of CURec, typed and documented where it is defined, grouped by the stage that reads it.

A stage's fingerprint covers exactly the settings of its own group, so a group holds what that stage's artifact
depends on and nothing else. The same values, as YAML, stand in ``properties/curec.yaml``; a test keeps both equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recbole_curec.errors import ConfigurationError

ReasonSource = Literal["corrected", "drafts", "teacher", "none"]
EngineName = Literal["transformers", "ctranslate2", "vllm", "openai"]
Floor = Literal["auc", "another_user", "another_item", "shuffled"]
DEFAULT_FLOORS: dict[Floor, float] = {"auc": 0.7, "another_user": 0.6, "another_item": 0.6, "shuffled": 0.6}


class SettingsGroup(BaseModel):
    """Base of a group: immutable, no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def decisive(self) -> dict[str, Any]:
        """The settings that decide what an artifact holds, for its fingerprint: all of them."""
        return self.model_dump()


class CollectSettings(SettingsGroup):
    """Stage 1: what is read from the items and which facts become evidence."""

    item_text_fields: list[str] | None = Field(None, description="Columns of the item file to use; all text columns.")
    item_title_field: str | None = Field(None, description="Column that names an item; the first that looks like it.")
    title_words: int = Field(8, ge=1, description="Longest name of an item in prompts and reasons, in words.")
    history_length: int = Field(5, ge=1, description="How many recent history items a prompt shows.")
    evidence_items: int = Field(2, ge=1, description="History items quoted as support for a target.")
    evidence_attributes: int = Field(2, ge=0, description="Attribute facts quoted for a target.")


class AlignSettings(SettingsGroup):
    """Stage 2: the language model and its supervised fine-tuning."""

    llm: str = Field("tiny", description="'tiny' builds a small Qwen3 from the data; else a path or hub name.")
    teacher: Literal["evidence", "reviews", "openai"] = Field(
        "evidence",
        description="Who writes the alignment targets; 'reviews' quotes the user's own earlier reviews, 'openai' is a "
        "model behind the server of openai_base_url.",
    )
    review_field: str | None = Field(
        None, description="Column of review text for 'reviews'; the first that looks like it."
    )
    teacher_model: str | None = Field(None, description="Model that the server's 'openai' teacher is; no default.")
    teacher_temperature: float = Field(0.3, ge=0, description="Sampling temperature of the 'openai' teacher.")
    tiny_hidden_size: int = Field(192, ge=32, multiple_of=32, description="Width of the tiny model.")
    tiny_layers: int = Field(4, ge=1, description="Layers of the tiny model.")
    tiny_vocab_size: int = Field(1536, ge=384, description="BPE vocabulary of the tiny model, item names not counted.")
    sft_steps: int = Field(800, ge=1, description="Optimiser steps of supervised fine-tuning.")
    sft_batch_size: int = Field(16, ge=1, description="Examples per step.")
    sft_learning_rate: float | None = Field(None, gt=0, description="Default: 3e-3 for tiny, 2e-4 with LoRA.")
    sft_save_steps: int = Field(100, ge=1, description="Steps between resumable checkpoints.")
    sft_mix: dict[Literal["reason", "judge", "choose", "understand"], float] = Field(
        {"reason": 0.7, "judge": 0.1, "choose": 0.1, "understand": 0.1},
        description="Share of each task family among the alignment examples.",
    )
    quantization: Literal["nf4", "int8", "none"] = Field(
        "none", description="Bits in which the base under the adapter is kept (bitsandbytes); nf4 is QLoRA."
    )
    llm_dtype: Literal["bfloat16", "float32"] | None = Field(
        None, description="Numbers the model computes in; bfloat16 on a GPU that has them, else float32."
    )
    gradient_checkpointing: bool | None = Field(
        None, description="Recompute activations to save memory while training; on a GPU, not on a CPU."
    )
    lora_rank: int = Field(16, ge=1, description="LoRA rank (models other than tiny).")
    lora_alpha: int = Field(32, ge=1, description="LoRA scale.")
    lora_dropout: float = Field(0.05, ge=0, lt=1, description="LoRA dropout.")
    lora_targets: str | list[str] = Field("all-linear", description="Modules that get an adapter.")
    max_prompt_tokens: int = Field(512, ge=64, description="Longest prompt; the oldest history is dropped first.")
    max_reason_tokens: int = Field(96, ge=16, description="Longest completion, thinking included.")

    def decisive(self) -> dict[str, Any]:
        """All but what concerns teachers that are not in use; reviews themselves are part of the data."""
        others = {"openai": {"teacher_model", "teacher_temperature"}}
        unused = {name for teacher, names in others.items() if teacher != self.teacher for name in names}
        return self.model_dump(exclude=unused | {"review_field"})

    @model_validator(mode="after")
    def _mix_is_a_distribution(self) -> AlignSettings:
        if any(share < 0 for share in self.sft_mix.values()) or self.sft_mix.get("reason", 0) <= 0:
            raise ValueError(f"sft_mix {self.sft_mix} needs shares of at least 0 and a positive share of 'reason'")
        return self

    @model_validator(mode="after")
    def _only_a_base_is_quantized(self) -> AlignSettings:
        if self.llm == "tiny" and self.quantization != "none":
            raise ValueError(
                f"quantization: {self.quantization} cannot be used with llm: tiny, whose weights are all trained: set "
                "quantization: none, or llm: to a pretrained model"
            )
        return self


class RewardSettings(SettingsGroup):
    """Stage 3: the reward model, a recommender that reads reasons."""

    reward_positives: int = Field(1500, ge=8, description="Training interactions that get a reason for training it.")
    reward_negatives: int = Field(1, ge=1, description="Sampled negatives per positive.")
    reward_text_dim: int = Field(64, ge=4, description="Size of the reason's text vector.")
    reward_hidden_size: int = Field(64, ge=8, description="Width of the reward model.")
    reward_history: int = Field(30, ge=1, description="Longest item history the reward model reads.")
    reward_base_epochs: int = Field(2, ge=0, description="Passes over all training interactions, without reasons.")
    reward_epochs: int = Field(12, ge=1, description="Passes over the interactions that carry a reason.")
    reward_learning_rate: float = Field(2e-3, gt=0, description="Adam learning rate.")
    reward_reason_dropout: float = Field(0.3, ge=0, lt=1, description="Share of reasons hidden while training.")
    reward_probes: int = Field(8, ge=1, description="Other users against whom personalisation is measured.")
    reward_holdout: float = Field(0.2, gt=0, lt=1, description="Share of users held out to validate the reward model.")
    reward_calibration_bins: int = Field(10, ge=2, description="Bins of the calibration error, of equal width.")


class GuardSettings(SettingsGroup):
    """Between stages 3 and 4: what the reward model must reach before it may guide RL.

    No stage's artifact depends on these: they are checked at every run, and a lowered floor makes nothing again.
    """

    reward_floors: dict[Floor, float] = Field(
        DEFAULT_FLOORS,
        description="Lowest held-out AUC, and how often at least a true reason must beat another user's, another "
        "item's and a shuffled one; one that is left out keeps its default, 0 turns it off.",
    )
    reward_calibration_ceiling: float = Field(
        0.2, gt=0, le=1, description="Highest held-out calibration error of the probability with reason."
    )

    @model_validator(mode="after")
    def _floors_are_shares(self) -> GuardSettings:
        if any(not 0 <= floor < 1 for floor in self.reward_floors.values()):
            raise ValueError(f"reward_floors {self.reward_floors} needs shares of at least 0 and less than 1")
        return self

    @property
    def floors(self) -> dict[Floor, float]:
        """Every floor, with the defaults of those left out."""
        return {**DEFAULT_FLOORS, **self.reward_floors}


class GenerateSettings(SettingsGroup):
    """How the language model writes, in stages 3 to 5."""

    generation_batch_size: int = Field(128, ge=1, description="Prompts per generation batch.")
    generation_temperature: float = Field(0.7, gt=0, description="Sampling temperature of drafts.")
    engine: EngineName = Field("transformers", description="What runs the language model in stages 3 and 5.")
    ctranslate2_type: Literal["float32", "int8"] = Field(
        "float32", description="Weights of engine: ctranslate2; int8 is faster and rounds them."
    )
    openai_model: str | None = Field(
        None,
        description="Model to ask the server of engine: openai for; '{stage}' in it stands for the stage whose model "
        "is meant, align or reinforce.",
    )

    def decisive(self) -> dict[str, Any]:
        """All but what concerns engines that are not in use."""
        foreign = {name for name in ("ctranslate2_type", "openai_model") if name.partition("_")[0] != self.engine}
        return self.model_dump(exclude=foreign)


class ServingSettings(SettingsGroup):
    """Where and how fast engines run; in no fingerprint, since nothing that is written depends on it."""

    openai_base_url: str | None = Field(
        None, description="Address of the OpenAI-compatible server, such as http://localhost:8000/v1."
    )
    openai_key_variable: str | None = Field(
        None, description="Name of the environment variable that holds the server's API key; none is sent."
    )
    openai_concurrency: int = Field(32, ge=1, description="Requests under way at a time.")
    openai_timeout: float = Field(120.0, gt=0, description="Seconds to wait for an answer.")
    openai_retries: int = Field(5, ge=0, description="Times a failed request is sent again, after growing pauses.")
    vllm_memory_share: float = Field(0.9, gt=0, le=1, description="Share of the GPU's memory that vLLM may take.")
    vllm_gpus: int = Field(1, ge=1, description="GPUs over which vLLM splits the model.")


class ReinforceSettings(SettingsGroup):
    """Stage 4: GRPO against the reward."""

    rl_steps: int = Field(60, ge=0, description="Optimiser steps of GRPO; 0 leaves the aligned model as it is.")
    rl_prompts: int = Field(8, ge=1, description="Prompts per step.")
    rl_generations: int = Field(8, ge=2, description="Rollouts per prompt, the group of GRPO.")
    rl_learning_rate: float | None = Field(None, gt=0, description="Default: 3e-4 for tiny, 1e-5 with LoRA.")
    rl_loss: Literal["grpo", "dr_grpo", "dapo"] = Field(
        "dapo", description="How token losses are averaged; dr_grpo also leaves a group's rewards unscaled."
    )
    rl_beta: float = Field(0.02, ge=0, description="Weight of the KL penalty against the aligned model.")
    rl_temperature: float = Field(0.9, gt=0, description="Sampling temperature of the rollouts.")
    rl_save_steps: int = Field(10, ge=1, description="Steps between resumable checkpoints.")
    rl_probe_prompts: int = Field(256, ge=4, description="Held-out prompts that measure reward before and after.")
    rl_watch_prompts: int = Field(
        64, ge=0, description="How many of them are scored every rl_save_steps, to see gaming as it starts; 0: none."
    )
    rl_logged_completions: int = Field(
        20_000, ge=0, description="Most rollouts kept in the log; whole steps, evenly spread."
    )
    reward_weights: dict[Literal["model", "format", "grounding", "length", "repetition"], float] = Field(
        {"model": 1.0, "format": 0.5, "grounding": 1.0, "length": 0.25, "repetition": 0.25},
        description="Weight of each named reward.",
    )

    @property
    def weights(self) -> dict[str, float]:
        """``reward_weights`` under plain names."""
        return {str(name): weight for name, weight in self.reward_weights.items()}


class CorrectSettings(SettingsGroup):
    """Stage 5: which interactions get a reason, and how reasons are corrected."""

    reasons_per_item: int = Field(3, ge=1, description="Training interactions of every item that get a reason.")
    correct_rounds: int = Field(1, ge=0, description="Revisions of a failing reason before the teacher stands in.")
    correct_candidates: int = Field(2, ge=1, description="Candidates per revision.")
    correct_threshold: float = Field(0.0, description="A reason whose model reward is lower fails.")
    carry_reasons: int = Field(1, ge=0, description="Earlier reasons of the user shown in the prompt.")
    shuffle_users: bool = Field(
        False, description="Write every reason for another, randomly drawn user: a control for personalisation."
    )


class EncodeSettings(SettingsGroup):
    """Stage 6: reasons to vectors."""

    text_encoder: str = Field("lsa", description="'lsa', 'llm', or a sentence-transformers model path or name.")
    feature_dim: int = Field(
        512, ge=2, description="Largest size of the whitened semantic vectors; few items get fewer."
    )
    reason_source: ReasonSource = Field(
        "corrected",
        description="Texts that become vectors: the final reasons, the model's first drafts, the teacher's sentences "
        "for the same evidence, or 'none' for item text alone.",
    )


class RecommendSettings(SettingsGroup):
    """Stage 7: how the features enter the RecBole backbone."""

    backbone: str = Field("SASRec", description="RecBole model that is lifted.")
    fusion: Literal["init", "gate", "concat", "frozen", "none"] = Field(
        "gate", description="How semantic vectors meet the id table; 'none' is the id-only baseline."
    )
    fusion_alignment: float = Field(
        0.0, ge=0, description="Weight of the InfoNCE loss between id and semantic vectors."
    )
    train_mode: Literal["all_positions", "prefixes"] | None = Field(
        None, description="One pass trains every position, or RecBole's row per prefix; the first where it can."
    )
    loss: Literal["CE", "sampled_CE", "BPR"] | None = Field(
        None, description="Loss of a sequential backbone; RecBole's loss_type. sampled_CE is for large catalogues."
    )
    sampled_negatives: int = Field(
        1024, ge=1, description="Items drawn per step by sampled_CE, and by BPR at all positions."
    )


class RunSettings(SettingsGroup):
    """What concerns the run as a whole."""

    reason_seed: int = Field(2020, ge=0, description="Seed of stages 2-6; RecBole's seed concerns stage 7 alone.")
    artifact_dir: str | None = Field(None, description="Where stages keep their artifacts; <checkpoint_dir>/curec.")
    compare_baseline: bool = Field(True, description="Train the id-only backbone too and print both.")
    sample_reasons: int = Field(5, ge=0, description="Reasons printed at the end.")
    num_threads: int | None = Field(None, ge=1, description="Torch threads; all cores this process may use.")
    log_dir: str = Field("log", description="Where the command line writes log files and TensorBoard events.")


# RecBole's loss_type for each loss: what the backbone is built with.
LOSS_TYPES = {"CE": "CE", "sampled_CE": "CE", "BPR": "BPR"}

_GROUPS: dict[str, type[SettingsGroup]] = {
    "collect": CollectSettings,
    "align": AlignSettings,
    "reward": RewardSettings,
    "generate": GenerateSettings,
    "serving": ServingSettings,
    "guard": GuardSettings,
    "reinforce": ReinforceSettings,
    "correct": CorrectSettings,
    "encode": EncodeSettings,
    "recommend": RecommendSettings,
    "run": RunSettings,
}


class Settings(BaseModel):
    """All groups; build it with :meth:`from_mapping`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    collect: CollectSettings = CollectSettings()
    align: AlignSettings = AlignSettings()
    reward: RewardSettings = RewardSettings()
    generate: GenerateSettings = GenerateSettings()
    serving: ServingSettings = ServingSettings()
    guard: GuardSettings = GuardSettings()
    reinforce: ReinforceSettings = ReinforceSettings()
    correct: CorrectSettings = CorrectSettings()
    encode: EncodeSettings = EncodeSettings()
    recommend: RecommendSettings = RecommendSettings()
    run: RunSettings = RunSettings()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Settings:
        """Pick CURec's own keys out of a flat mapping (a RecBole config) and check them.

        Raises:
            ConfigurationError: A value has the wrong type, is out of range, or contradicts another one.
        """
        groups = {}
        for name, group in _GROUPS.items():
            own = {key: values[key] for key in group.model_fields if key in values}
            try:
                groups[name] = group(**own)
            except ValidationError as error:
                raise ConfigurationError(_one_sentence(error)) from error
        return cls(**groups)


def setting_names() -> Iterable[str]:
    """Names of every setting, in the order of the stages."""
    return [key for group in _GROUPS.values() for key in group.model_fields]


def setting_defaults() -> dict[str, Any]:
    """Default of every setting by name."""
    return {key: field.get_default() for group in _GROUPS.values() for key, field in group.model_fields.items()}


def text_choices() -> dict[str, frozenset[str]]:
    """Words each setting accepts, by name; such a word is never read as true, false or none."""
    fields = ((key, field) for group in _GROUPS.values() for key, field in group.model_fields.items())
    return {
        key: frozenset(get_args(field.annotation)) for key, field in fields if get_origin(field.annotation) is Literal
    }


def _one_sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    path = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{path}={first['input']!r} cannot be used: {message}." if path else f"{message}."
