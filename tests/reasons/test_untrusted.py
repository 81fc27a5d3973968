"""Item text that imitates markup changes nothing but the name it is: counted on the level of tokens."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from recbole_curec.data.catalog import read_catalog
from recbole_curec.data.cleaning import MAX_CHARACTERS, clean_label, clean_text, shorten
from recbole_curec.data.evidence import Evidence, Fact
from recbole_curec.llm.chat import example_tokens, prompt_tokens
from recbole_curec.llm.messages import Message
from recbole_curec.reasons.grounding import GroundingChecker
from recbole_curec.reasons.parsing import parse_reason, unquoted
from recbole_curec.reasons.prompts import PromptBuilder
from recbole_curec.reasons.tasks import ExampleFactory
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import CollectSettings
from tests.chat_models import TOKENIZERS
from tests.examples import make_builder, make_catalog
from tests.hostile import HOSTILE

BUILDER = PromptBuilder(CollectSettings())
_DATA_LINE = re.compile(r"^(- |History:|Target:|Earlier:|Fix:|Reason for |Judge |#)", re.MULTILINE)
_FACT_LEVEL = re.compile(r": (weak|fair|strong|none)\b")


@pytest.fixture(scope="module", params=list(TOKENIZERS))
def tokenizer(request: pytest.FixtureRequest) -> PreTrainedTokenizerBase:
    return TOKENIZERS[request.param]()


def evidence(name: str, label: str, history: str = "Clue") -> Evidence:
    facts = (
        Fact("similar", name, 5, 0.5),
        Fact("attribute", label, 2, 1.2),
        Fact("together", name, 3, 0.1),
        Fact("popularity", "popular", 0, 0.7),
    )
    return Evidence("u", "i", 1, name, (label,), (history, name), facts)


def cleaned(text: str) -> Evidence:
    name = shorten(clean_text(text), 8) or clean_label("item 7")
    return evidence(name, clean_label(text) or "Other", name)


def prompts(facts: Evidence) -> list[list[Message]]:
    earlier, failure = f'You may like "{facts.target}".', f'"{facts.target}" is not in the facts'
    return [
        BUILDER.reason(facts, (earlier,), failure),
        BUILDER.judge(facts),
        BUILDER.choose(facts.history, [facts, facts]),
        BUILDER.text("Describe", f'"{facts.target}"'),
    ]


def structure(tokenizer: PreTrainedTokenizerBase, tokens: list[int]) -> tuple[Counter[int], list[str], int, int]:
    """Control tokens by id, data lines, think tags and levels of facts."""
    control = {token for token, added in tokenizer.added_tokens_decoder.items() if added.special}
    text = tokenizer.decode(tokens)
    tags = text.count("<think>") + text.count("</think>")
    levels = len(_FACT_LEVEL.findall(unquoted(text)))
    return Counter(token for token in tokens if token in control), _DATA_LINE.findall(text), tags, levels


BENIGN = evidence("The Piano", "Drama")


def test_there_are_enough_hostile_texts() -> None:
    assert len(set(HOSTILE)) >= 40


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_prompts_keep_their_structure(tokenizer: PreTrainedTokenizerBase, text: str) -> None:
    for mine, plain in zip(prompts(cleaned(text)), prompts(BENIGN), strict=True):
        tokens = prompt_tokens(tokenizer, mine)
        assert structure(tokenizer, tokens) == structure(tokenizer, prompt_tokens(tokenizer, plain))
        assert len(tokens) < 2500


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_examples_end_where_the_template_ends_them(tokenizer: PreTrainedTokenizerBase, text: str) -> None:
    def tokens(facts: Evidence) -> tuple[list[int], int]:
        completion = f'<think> "{facts.target}": {facts.attributes[0]}</think> You may like "{facts.target}" a lot.'
        return example_tokens(tokenizer, BUILDER.reason(facts), completion)

    (mine, shared), (plain, _) = tokens(cleaned(text)), tokens(BENIGN)
    assert structure(tokenizer, mine) == structure(tokenizer, plain)
    assert mine[-1] == tokenizer.eos_token_id
    assert mine[:shared] == prompt_tokens(tokenizer, BUILDER.reason(cleaned(text)))
    ends = [token for token in mine[shared:] if token == tokenizer.eos_token_id]
    assert len(ends) == 1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_forges_a_quote_or_a_format(text: str) -> None:
    facts = cleaned(text)
    name = facts.target
    assert 0 < len(name) <= MAX_CHARACTERS
    assert name.isprintable()
    reason = parse_reason(f'<think> "{name}"</think> You may like "{name}" since fans of "Heat" keep choosing it.')
    assert reason.valid
    assert reason.names == (name, "Heat")
    checker = GroundingChecker(make_catalog({"a": (name, facts.attributes), "b": ("Heat", ())}))
    assert checker.ungrounded(reason, facts) == ["Heat"]


def test_control_tokens_are_spelled_even_where_nothing_was_cleaned(tokenizer: PreTrainedTokenizerBase) -> None:
    own = [added.content for added in tokenizer.added_tokens_decoder.values() if added.special]
    plain = structure(tokenizer, prompt_tokens(tokenizer, BUILDER.reason(BENIGN)))[0]
    for token in own:
        for name in (token, f"The {token} Piano", f"{token}{token}", f" {token} "):
            tokens = prompt_tokens(tokenizer, BUILDER.reason(evidence(name, name)))
            assert structure(tokenizer, tokens)[0] == plain
            assert f'Target: "{name}"' in tokenizer.decode(tokens)  # the model can still copy the name


def test_an_ordinary_prompt_is_tokenized_as_one_text(tokenizer: PreTrainedTokenizerBase) -> None:
    messages = BUILDER.reason(BENIGN)
    try:
        text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    except TemplateError as error:
        assert "System role not supported" in str(error)
        merged = [{"role": "user", "content": f"{messages[0]['content']}\n\n{messages[1]['content']}"}]
        text = tokenizer.apply_chat_template(merged, add_generation_prompt=True, tokenize=False)
    text = text.removesuffix("<think>\n")  # the model writes its own
    assert prompt_tokens(tokenizer, messages) == tokenizer(text, add_special_tokens=False)["input_ids"]


def test_a_catalog_of_hostile_items_teaches_the_same_tasks(tmp_path) -> None:
    rows = [text for text in HOSTILE if not set(text) & set("\n\t\r") and len(text) < 1000]
    path = tmp_path / "d.item"
    lines = ["item_id:token\ttitle:token_seq\tkind:token", *(f"i{k:02}\t{t}\t{t}" for k, t in enumerate(rows))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    catalog = read_catalog(path, "item_id", np.array([]), CollectSettings())
    assert catalog.n_items == len(rows) + 1
    assert all(name and name.isprintable() and not set(name) & set('"<>|') for name in catalog.names[1:])
    rng = np.random.default_rng(0)
    sequences = {f"u{k}": [catalog.tokens[i] for i in 1 + rng.permutation(len(rows))[:6]] for k in range(30)}
    builder = make_builder(catalog, sequences)
    teacher = EvidenceTeacher(GroundingChecker(catalog), 0)
    factory = ExampleFactory(builder.history, catalog, builder, teacher, rng)
    examples = factory.draw({"reason": 0.4, "understand": 0.6}, 300, progress=False)
    assert {example.task for example in examples} == {"reason", "understand"}
    table = 1 + 1 + CollectSettings().evidence_items + CollectSettings().evidence_attributes
    for example in examples:
        lines = example.prompt[-1]["content"].split("\n")
        assert sum(line.startswith("- ") for line in lines) == (table if example.task == "reason" else 0)
        assert example.completion.count("<think>") == example.completion.count("</think>") <= 1
        assert len(example.completion.splitlines()) == 1
