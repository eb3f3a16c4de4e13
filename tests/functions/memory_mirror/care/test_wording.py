"""A model words what was reckoned: with our numbers or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.converse import Step
from memory_mirror.care.entities import CareJournalEntry
from memory_mirror.guards.wording import Worded, faithful, numbers_in
from quintet.models.time import frozen
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.memory_mirror.care.callers import present
from tests.functions.memory_mirror.care.weeks import put, steady_weeks
from tests.functions.memory_mirror.conftest import subject_of
from tests.support.model import model

bounded = settings(max_examples=60, deadline=None)
AT = datetime(2026, 3, 20, 18, 0, tzinfo=UTC)
FACTS = {"insights": [{"count": 12, "finding": "Median 3.5 of 10, on 2026-03-20"}], "trends": {"to": -0.25}}


def ask(client: Client) -> Answer:
    with frozen(AT):
        return present(client).post("/functions/generateCareInsights")


def summary(answer: Answer) -> str:
    first: dict[str, Any] = answer.body["insights"][0]
    assert first["category"] == "summary"
    return str(first["finding"])


def test_a_summary_with_our_numbers_is_used(rose: Client) -> None:
    steady_weeks(subject_of(rose), AT)
    plain = ask(rose)
    words = "They had 28 calm talks, and the nights were quiet."
    with model(Step(input={"summary": words})) as asked:
        worded = ask(rose)
    assert (worded.headers["x-answer-source"], summary(worded)) == ("model", words)
    assert worded.body["insights"][1:] == plain.body["insights"][1:]
    assert {name: worded.body[name] for name in ("trends", "recommendations")} == {
        name: plain.body[name] for name in ("trends", "recommendations")
    }
    assert len(asked.asked) == 1


@pytest.mark.parametrize(
    "words", ["They had 97 calm talks.", "Ask for 5 mg of a sedative.", "The diagnosis has become clear."]
)
def test_a_summary_with_other_numbers_or_medicine_is_not_used(rose: Client, words: str) -> None:
    steady_weeks(subject_of(rose), AT)
    plain = ask(rose)
    with model(Step(input={"summary": words}), Step(input={"summary": words})) as asked:
        answer = ask(rose)
    assert (answer.headers["x-answer-source"], answer.body) == ("fallback", plain.body)
    assert len(asked.asked) == 2


def test_a_second_try_may_be_right(rose: Client) -> None:
    with model(Step(input={"summary": "97 talks."}), Step(input={"summary": "Too little is recorded."})):
        answer = ask(rose)
    assert (answer.headers["x-answer-source"], summary(answer)) == ("model", "Too little is recorded.")


def test_a_model_that_fails_leaves_our_summary(rose: Client) -> None:
    with model(Step(error="ThrottlingException"), Step(error="ThrottlingException")):
        answer = ask(rose)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert summary(answer).startswith("Nothing unusual stands out.")


def test_the_model_is_told_no_names_and_no_journal_texts(rose: Client) -> None:
    put(subject_of(rose), AT - timedelta(days=1), CareJournalEntry, content="Quarrel with neighbour Wilhelmina.")
    with model() as asked:
        ask(rose)
    sent = str(asked.asked)
    assert not [word for word in ("Wilhelmina", "rose@", "Miller", subject_of(rose)) if word in sent]


def test_numbers_are_read_however_they_are_written() -> None:
    assert numbers_in("On 2026-03-20: 3,5 of 10, or 7.0; not x2y") == {2026, 3, 20, 3.5, 10, 7, 2}


@bounded
@given(st.sampled_from([12, 3.5, 10, 2026, 3, 20, 0.25]), st.sampled_from(["{} times", "({})", "about {}."]))
def test_numbers_of_the_facts_may_be_told(number: float, form: str) -> None:
    worded = Worded(summary=form.format(f"{number:g}"))
    assert faithful(worded, FACTS) is worded


@bounded
@given(st.floats(0, 5000).map(lambda number: round(number, 1)))
def test_no_other_number_may(number: float) -> None:
    worded = Worded(summary=f"They walked {number:g} times.")
    if number in (12, 3.5, 10, 2026, 3, 20):
        assert faithful(worded, FACTS) is worded
    else:
        with pytest.raises(ValueError, match="not in the facts"):
            faithful(worded, FACTS)
