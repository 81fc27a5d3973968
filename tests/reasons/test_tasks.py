import re
from collections import Counter

import numpy as np
import pytest

from recbole_curec.data.catalog import read_catalog
from recbole_curec.reasons.claims.checker import ClaimChecker
from recbole_curec.reasons.parsing import parse_reason
from recbole_curec.reasons.prompt_mix import PromptMix
from recbole_curec.reasons.table_prompts import TablePrompts
from recbole_curec.reasons.tasks import ExampleFactory
from recbole_curec.reasons.teachers.evidence import EvidenceTeacher
from recbole_curec.settings.sections import CollectSettings, SelectSettings
from tests.examples import make_builder, make_catalog, toy_builder
from tests.hostile import HOSTILE

MIX = {"reason": 0.4, "judge": 0.2, "choose": 0.2, "understand": 0.2}
ANSWER = re.compile(r"<think>(.+)</think> (.+)")


def factory(builder, seed=0):
    teacher = EvidenceTeacher(ClaimChecker(builder.catalog), seed)
    return ExampleFactory(
        builder, teacher, mix_of(builder, teacher), TablePrompts(builder.settings), np.random.default_rng(seed)
    )


def mix_of(builder, teacher, **settings):
    """Every other interaction gets a reason."""
    rows = np.arange(0, builder.history.n_interactions, 2)
    return PromptMix(rows, builder, teacher, SelectSettings(**settings))


@pytest.fixture(scope="module")
def toy():
    return toy_builder()


@pytest.fixture(scope="module")
def drawn(toy):
    made = factory(toy)
    return made.draw(MIX, 1000), made.rejected


def of_task(drawn, task):
    examples = [example for example in drawn[0] if example.task == task]
    assert examples
    return examples


def test_the_mix_is_kept_and_what_is_rejected_is_counted(drawn):
    examples, rejected = drawn
    assert len(examples) == 1000
    tasks = Counter(example.task for example in examples)
    assert set(tasks) == set(MIX)
    assert rejected["reason"] == rejected["understand"] == 0
    assert rejected["judge"] > 0
    for task, share in MIX.items():
        # A task's draw is either an example of it or rejected, and then a reason takes its place.
        lost = rejected[task] if task != "reason" else -sum(rejected.values())
        assert tasks[task] + lost == pytest.approx(1000 * share, abs=45)


def test_the_same_seed_draws_the_same_examples(toy, drawn):
    again = factory(toy)
    assert again.draw(MIX, 1000) == drawn[0]
    assert again.rejected == drawn[1]
    assert factory(toy, seed=1).draw(MIX, 50) != drawn[0][:50]


def test_tasks_without_a_share_are_not_drawn(toy):
    made = factory(toy)
    assert {example.task for example in made.draw({"reason": 1.0, "judge": 0.0}, 60)} == {"reason"}
    assert not made.rejected


def test_reasons_are_about_their_target_and_half_of_the_targets_are_sampled(drawn):
    with_topic = 0
    reasons = of_task(drawn, "reason")
    for example in reasons:
        content = example.prompt[-1]["content"]
        reason = parse_reason(example.completion)
        assert reason.valid
        target = re.search(r'Reason for "(.+)":$', content).group(1)
        assert target in reason.names
        assert content.count("- ") == 6
        with_topic += "the user favours none: none" not in content.split("\n- ")[3]
    late = [example for example in reasons if "History: none" not in example.prompt[-1]["content"]]
    assert 0.35 < with_topic / len(late) < 0.65


def test_prompts_show_earlier_reasons_and_faults_as_often_as_corrections_do(toy):
    made = factory(toy)
    contents = [example.prompt[-1]["content"] for example in made.draw({"reason": 1.0}, 1500)]
    assert made.mix.earlier_share > 0.2
    assert np.mean(["\nEarlier: " in content for content in contents]) == pytest.approx(
        made.mix.earlier_share, abs=0.04
    )
    assert np.mean(["\nFix: " in content for content in contents]) == pytest.approx(0.2, abs=0.03)


def test_judgements_agree_with_the_evidence(drawn):
    answers = Counter()
    for example in of_task(drawn, "judge"):
        think, answer = ANSWER.fullmatch(example.completion).groups()
        content = example.prompt[-1]["content"]
        assert think.strip().startswith(f'"{re.search(r"""Judge "(.+)":$""", content).group(1)}": ')
        supported = "- fans of none choose it: none" not in content.split("\n")[2]
        assert answer == ("Yes" if supported else "No")
        answers[answer] += 1
    assert min(answers.values()) > 20


def test_the_choice_is_the_candidate_with_most_support(drawn):
    places = Counter()
    for example in of_task(drawn, "choose"):
        lines = example.prompt[-1]["content"].split("\n")
        candidates = [re.match(r'- "(.+?)": fans of (.+) choose it: (\w+)', line).groups() for line in lines[1:-1]]
        assert len({name for name, _, _ in candidates}) == 3
        think, answer = ANSWER.fullmatch(example.completion).groups()
        place = [f'"{name}"' for name, _, _ in candidates].index(answer)
        assert think.strip() == candidates[place][1] != "none"
        places[place] += 1
    assert set(places) == {0, 1, 2}  # the answer stands anywhere


def test_item_text_tasks_know_the_catalog(toy, drawn):
    by_name = dict(zip(toy.catalog.names, toy.catalog.attributes, strict=True))
    tasks = Counter()
    for example in of_task(drawn, "understand"):
        content, last = example.prompt[-1]["content"].split("\n")
        tasks[last] += 1
        if last == "Describe:":
            assert example.completion == ", ".join(by_name[content.strip('"')])
        else:
            assert (last, content) == ("Identify:", ", ".join(by_name[example.completion.strip('"')]))
    assert set(tasks) == {"Describe:", "Identify:"}


def test_items_without_attributes_are_completed_by_name():
    catalog = make_catalog({"a": ("Red Ball Game", []), "b": ("Bell", [])})
    made = factory(make_builder(catalog, {"u": "ab", "v": "ba"}))
    examples = made.draw({"reason": 0.01, "understand": 0.99}, 60)
    completed = [example for example in examples if example.task == "understand"]
    assert {example.completion for example in completed} == {'"Red Ball Game"'}
    assert {example.prompt[-1]["content"] for example in completed} == {"Red\nComplete:", "Red Ball\nComplete:"}
    assert made.rejected["understand"] > 10  # one word cannot be completed


def test_one_user_with_every_item_still_gives_reasons():
    catalog = make_catalog({"a": ("Alpha", ["X"]), "b": ("Beta", ["X"])})
    examples = factory(make_builder(catalog, {"u": "ab"})).draw(MIX, 30)
    assert len(examples) == 30
    assert all(example.prompt for example in examples)


def test_a_catalog_of_hostile_items_teaches_the_same_tasks(tmp_path) -> None:
    rows = [text for text in HOSTILE if not set(text) & set("\n\t\r\0") and len(text) < 1000]
    path = tmp_path / "d.item"
    lines = ["item_id:token\ttitle:token_seq\tkind:token", *(f"i{k:02}\t{t}\t{t}" for k, t in enumerate(rows))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    catalog = read_catalog(path, "item_id", np.array([]), CollectSettings())
    assert catalog.n_items == len(rows) + 1
    assert all(name and name.isprintable() and not set(name) & set('"<>|') for name in catalog.names[1:])
    rng = np.random.default_rng(0)
    sequences = {f"u{k}": [catalog.tokens[i] for i in 1 + rng.permutation(len(rows))[:6]] for k in range(30)}
    builder = make_builder(catalog, sequences)
    teacher = EvidenceTeacher(ClaimChecker(catalog), 0)
    made = ExampleFactory(builder, teacher, mix_of(builder, teacher), TablePrompts(builder.settings), rng)
    examples = made.draw({"reason": 0.4, "understand": 0.6}, 300, progress=False)
    assert {example.task for example in examples} == {"reason", "understand"}
    table = 1 + 1 + CollectSettings().evidence_items + CollectSettings().evidence_attributes
    for example in examples:
        lines = example.prompt[-1]["content"].split("\n")
        assert sum(line.startswith("- ") for line in lines) == (table if example.task == "reason" else 0)
        assert example.completion.count("<think>") == example.completion.count("</think>") <= 1
        assert len(example.completion.splitlines()) == 1
