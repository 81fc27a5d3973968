"""Tokenization of chat messages with the language model's own template, safe against control tokens in data.

Every prompt and every training example of a run is tokenized here. A template is rendered as one text and tokenized as
a whole. Where the tokenizer then finds a control token inside the content of a message, it is replaced by ordinary
tokens of the same characters. So an item name that looks like a control token stays text, and only the template sets
roles and ends of turns.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from recbole_curec.errors import ConfigurationError, in_one_line
from recbole_curec.llm.messages import THINK_CLOSE, THINK_OPEN, Message, begun, without_begun

logger = logging.getLogger(__name__)

# For base models, whose tokenizers have no template. Content cannot imitate the headers: no line of it starts with '#'.
PLAIN_TEMPLATE = (
    "{%- if bos_token is defined and bos_token -%}{{ bos_token }}{%- endif -%}"
    "{%- for message in messages -%}"
    "{{ '### ' + message.role | capitalize + ':\\n' + message.content }}"
    "{{ eos_token if message.role == 'assistant' else '\\n\\n' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '### Assistant:\\n' }}{%- endif -%}"
)
# Some templates begin the answer with an open or an empty think block; here the language model writes its own.
_BEGUN = re.compile(rf"{THINK_OPEN}\s*(?:{THINK_CLOSE}\s*)?$")
_TAGS = re.compile(f"{THINK_OPEN}|{THINK_CLOSE}")
_ANSWER = "answer"
# A chat that every template must show.
_ROLES, _WORDS = ("system", "user", "assistant"), ("instruct", "question", _ANSWER)


def ensure_template(tokenizer: PreTrainedTokenizerBase, llm: str) -> None:
    """Give the tokenizer of a base model a plain-text template, with a warning; check the template of any other.

    Raises:
        ConfigurationError: The tokenizer has no end-of-sequence token, no offsets of tokens in the text, or a template
            that fails or leaves out what is said.
    """
    if not tokenizer.is_fast:
        raise ConfigurationError(
            f"llm={llm!r} has no fast tokenizer (tokenizer.json), which says where in a text a token stands: take "
            "another model, or convert its tokenizer with transformers."
        )
    if tokenizer.eos_token is None:
        raise ConfigurationError(
            f"llm={llm!r} has a tokenizer without an end-of-sequence token, so no answer could end: set eos_token in "
            "its tokenizer_config.json."
        )
    if not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN_TEMPLATE
        logger.warning("%s has no chat template: prompts are plain text with '### User:' headers.", llm)
    _check_template(tokenizer, llm)


def _check_template(tokenizer: PreTrainedTokenizerBase, llm: str) -> None:
    """Render a chat and look for its messages; a template that leaves them out gives every prompt the same text."""
    chat: list[Message] = [{"role": role, "content": word} for role, word in zip(_ROLES, _WORDS, strict=True)]
    user, answer = _WORDS[1:]
    try:
        prompt, whole = prompt_text(tokenizer, chat[:2]), _render(tokenizer, chat, generation=False)
    except Exception as error:  # a template can fail like any other program
        raise ConfigurationError(
            f"llm={llm!r} has a chat template that cannot be used ({in_one_line(error)}): correct it in "
            "chat_template.jinja or tokenizer_config.json, or remove it to use plain text."
        ) from error
    if user not in prompt or whole.find(answer) < whole.find(user):
        raise ConfigurationError(
            f"llm={llm!r} has a chat template that leaves out the {'user' if user not in prompt else 'assistant'}'s "
            "message: correct it in chat_template.jinja or tokenizer_config.json, or remove it to use plain text."
        )


def prompt_tokens(tokenizer: PreTrainedTokenizerBase, messages: list[Message]) -> list[int]:
    """Tokens of a prompt, up to where the language model starts to write."""
    text = prompt_text(tokenizer, messages)
    return _tokenize(tokenizer, text, _message_spans(text, messages))


def example_tokens(
    tokenizer: PreTrainedTokenizerBase, messages: list[Message], completion: str
) -> tuple[list[int], int]:
    """Tokens of a prompt with its completion and the end of the turn, and how many of them belong to the prompt.

    A completion that begins with thinking has the tokens of a prompt that begins it (:func:`prompt_tokens`) in front,
    so that a language model goes on from there as it was trained.
    """
    prompt = prompt_text(tokenizer, messages)
    data = _message_spans(prompt, messages)
    alone = _tokenize(tokenizer, prompt, data)
    data += _completion_spans(completion, len(prompt))
    end = _turn_end(tokenizer)
    tokens = _tokenize(tokenizer, prompt + completion + end, data)
    if completion.startswith(THINK_OPEN):
        begun_at = _tokenize(tokenizer, prompt + THINK_OPEN, _message_spans(prompt, messages))
        if tokens[: len(begun_at)] != begun_at:
            rest = completion.removeprefix(THINK_OPEN)
            tokens = begun_at + _tokenize(tokenizer, rest + end, _completion_spans(rest, 0))
    shared = next((k for k, pair in enumerate(zip(alone, tokens, strict=False)) if pair[0] != pair[1]), len(alone))
    return tokens, min(shared, len(tokens))


def completion_length(tokenizer: PreTrainedTokenizerBase, completion: str) -> int:
    """Tokens of a completion with the end of the turn."""
    return len(_tokenize(tokenizer, completion + _turn_end(tokenizer), _completion_spans(completion, 0)))


def fit(
    tokenizer: PreTrainedTokenizerBase,
    messages: list[Message],
    max_tokens: int,
    shorten: Callable[[list[Message]], list[Message] | None],
) -> list[Message]:
    """The prompt shortened step by step to ``max_tokens`` tokens, or as far as it can be shortened.

    Args:
        tokenizer: The model's tokenizer.
        messages: The prompt.
        max_tokens: Longest prompt, in tokens.
        shorten: Gives the next shorter form of a prompt; None if there is none.
    """
    while len(prompt_tokens(tokenizer, messages)) > max_tokens and (shorter := shorten(messages)):
        messages = shorter
    return messages


def prompt_text(tokenizer: PreTrainedTokenizerBase, messages: list[Message]) -> str:
    """The rendered prompt, up to where the language model starts to write: the turn's start and what is begun of it."""
    return _BEGUN.sub("", _render(tokenizer, without_begun(messages), generation=True)) + begun(messages)


def _render(tokenizer: PreTrainedTokenizerBase, messages: list[Message], *, generation: bool) -> str:
    chat = [{"role": message["role"], "content": message["content"]} for message in messages]
    if not _takes_system(tokenizer) and chat and chat[0]["role"] == "system":
        first, second, *rest = chat
        chat = [{"role": second["role"], "content": f"{first['content']}\n\n{second['content']}"}, *rest]
    return str(tokenizer.apply_chat_template(chat, add_generation_prompt=generation, tokenize=False))


@lru_cache(maxsize=8)
def _takes_system(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the template supports a system message; if not, its text is put before the user message."""
    try:
        tokenizer.apply_chat_template(
            [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
            add_generation_prompt=True,
            tokenize=False,
        )
    except TemplateError:
        return False
    return True


@lru_cache(maxsize=8)
def _turn_end(tokenizer: PreTrainedTokenizerBase) -> str:
    """The template's text after an answer, up to and including the end-of-sequence token."""
    chat: list[Message] = [{"role": "user", "content": "question"}, {"role": "assistant", "content": _ANSWER}]
    rest = _render(tokenizer, chat, generation=False).rpartition(_ANSWER)[2]
    eos = str(tokenizer.eos_token)
    if eos in rest:
        return rest[: rest.index(eos) + len(eos)]
    return rest.rstrip() or eos


def _tokenize(tokenizer: PreTrainedTokenizerBase, text: str, data: list[tuple[int, int]]) -> list[int]:
    """Tokens of a text, without control tokens in its data.

    Args:
        tokenizer: The model's tokenizer.
        text: Rendered prompt or example.
        data: Start and end of every part of the text that is data, in characters.
    """
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = encoding["input_ids"], encoding["offset_mapping"]
    special, tags = _control_ids(tokenizer)
    places = [k for k, token in enumerate(ids) if token in special or token in tags]
    if not places:
        return list(ids)
    spelled: dict[int, list[int]] = {}
    for place in places:
        start, end = offsets[place]
        # A token may include the spaces around it, so an overlap with data is enough.
        if any(start < stop and begin < end for begin, stop in data):
            spelled[place] = _spelling(tokenizer, text[start:end], special | tags)
    return [token for k, one in enumerate(ids) for token in spelled.get(k, [one])]


def _message_spans(text: str, messages: list[Message]) -> list[tuple[int, int]]:
    """Start and end of the user messages in a rendered prompt; system messages are ours and hold no data."""
    spans, cursor = [], 0
    for message in messages:
        content = message["content"].strip()
        if message["role"] == "user" and (start := text.find(content, cursor)) >= 0:
            cursor = start + len(content)
            spans.append((start, cursor))
    return spans


def _completion_spans(completion: str, offset: int) -> list[tuple[int, int]]:
    """Start and end of the data in a completion that begins at ``offset``: everything except its think tags."""
    tags = [match.span() for match in _TAGS.finditer(completion)]
    starts, ends = [0, *(end for _, end in tags)], [*(start for start, _ in tags), len(completion)]
    return [(offset + start, offset + end) for start, end in zip(starts, ends, strict=True)]


@lru_cache(maxsize=8)
def _control_ids(tokenizer: PreTrainedTokenizerBase) -> tuple[frozenset[int], frozenset[int]]:
    """Ids of the tokenizer's control tokens, and of think tags that are single tokens."""
    added = tokenizer.added_tokens_decoder
    special = {token for token, added_token in added.items() if added_token.special} | set(tokenizer.all_special_ids)
    tags = {token for token, added_token in added.items() if added_token.content in (THINK_OPEN, THINK_CLOSE)}
    return frozenset(special), frozenset(tags)


def _spelling(tokenizer: PreTrainedTokenizerBase, text: str, control: frozenset[int]) -> list[int]:
    """Ordinary tokens of a text that the tokenizer would read as one control token."""
    spelled = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    if not control.isdisjoint(spelled):
        # A vocabulary may hold a control token among its ordinary pieces too; single letters cannot form it.
        spelled = [
            token
            for letter in text
            for token in tokenizer.encode(letter, add_special_tokens=False, split_special_tokens=True)
        ]
    return [token for token in spelled if token not in control]
