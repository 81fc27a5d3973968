"""Judges behind a server of this process: a fair one, one that always says 1, and others that are no judges."""

from __future__ import annotations

import re

from tests.llm.engines.scripted import ScriptedServer

_TITLE = re.compile(r'^- the recommended item is "(.*)"$', re.MULTILINE)
_HISTORY = re.compile(r"^- the user took, oldest first: (.*)$", re.MULTILINE)
_EXPLANATION = re.compile(r"^Explanation [12]: (.*)$", re.MULTILINE)


class FairJudge(ScriptedServer):
    """Counts what an explanation says of the item and of the history; an equal count is a tie."""

    def answer(self, question: str) -> str:
        first, second = (self.worth(question, text) for text in _EXPLANATION.findall(question))
        return "tie" if first == second else "1" if first > second else "2"

    def worth(self, question: str, text: str) -> float:
        title, history = _TITLE.search(question), _HISTORY.search(question)
        taken = re.findall('"(.*?)"', history[1]) if history else []
        assert title is not None
        return 2 * (f'"{title[1]}"' in text) + any(f'"{name}"' in text for name in taken)


class LongJudge(FairJudge):
    """Prefers what is longer."""

    def worth(self, question: str, text: str) -> float:
        return len(text)


class FirstJudge(ScriptedServer):
    """Says 1, whatever is asked."""

    def answer(self, question: str) -> str:
        return "1"


class TalkingJudge(FairJudge):
    """Thinks first, and at times says more than it is asked to."""

    def answer(self, question: str) -> str:
        said = super().answer(question)
        return f"<think>1 or 2?</think>{said}." if '"Alien" because' not in question else f"I prefer {said}"
