"""What the assistant says by rules: figures are right, advice fits the subject, and the context keeps to its budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.chat.advice import advised, looks_english
from caidence.chat.context import BUDGET, within_budget
from caidence.chat.entities import Message
from caidence.chat.figures import mentioned, worked_out
from quintet.answers.minimising import minimised, tokens_of


@pytest.mark.parametrize(
    ("message", "figures"),
    [
        ("48,000 impressions and 1,200 clicks", {"impressions": "48,000", "clicks": "1,200"}),
        ("We spent $2k and made $5,500.50", {"spend": "$2,000", "revenue": "$5,500.5"}),
        ("budget: 1.5 million", {"budget": "1,500,000"}),
        ("a budget of €800 for 20k followers", {"budget": "€800", "followers": "20,000"}),
        ("36 total orders", {"conversions": "36"}),
        ("1.200 clicks of 48.000 impressions", {"clicks": "1,200", "impressions": "48,000"}),
        ("1 200 clicks, 48\u202f000 views", {"clicks": "1,200", "impressions": "48,000"}),
        ("We spent 1.500,50 and revenue was 4.000 €", {"spend": "1,500.5", "revenue": "€4,000"}),
        ("a budget of 4.000 €", {"budget": "€4,000"}),
        ("4.000 € budget", {"budget": "€4,000"}),
        ("EUR 2'500 spent", {"spend": "€2,500"}),
        ("We earned 900 euros, spent 300 pounds", {"revenue": "€900", "spend": "£300"}),
        ("budget of 1.250 million", {"budget": "1,250,000"}),
        ("I spend 20 minutes per post and made 3 posts", {}),
        ("20 minutes spent on 3 posts", {}),
        ("It costs 3 people two days", {}),
        ("We spent 500 and made 900", {"spend": "500"}),
        ("We spent 500, turnover 900", {"spend": "500", "revenue": "900"}),
        ("5 % clicks", {}),
        ("0 clicks", {}),
        ("no figures at all, in 2026", {}),
    ],
)
def test_figures_are_read_as_people_write_them(message: str, figures: dict[str, str]) -> None:
    assert {name: figure.text for name, figure in mentioned(message).items()} == figures


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("1200 clicks of 48000 impressions", "Your click-through rate is 2.5 % (1,200 clicks of 48,000 impressions)"),
        ("200 clicks and 6 sign-ups", "3 % of the clicks convert (6 of 200)"),
        ("spent $900, revenue $2,400", "Return on investment is 166.67 %"),
        ("spent 300 pounds, revenue 900 €", "You spent £300 and made €900: in one currency"),
        ("spent €1.500,50, revenue 4.501,50", "Return on investment is 200 %, (revenue − spend) ÷ spend; every €1 "),
        ("900 clicks of 300 views", "You name 900 clicks and 300 impressions, so more than all"),
        ("10 clicks, 36 orders", "You name 36 conversions and 10 clicks, so more than all"),
        ("spent 500 on 20 leads", "The cost per conversion is 25."),
        ("spent £90 for 60,000 views", "The cost per thousand impressions is £1.5."),
        ("300 likes on 20k followers", "The engagement rate is 1.5 % of the followers"),
        ("a budget of $5,000", "Of $5,000, a sound first split is $2,500 for proven channels"),
    ],
)
def test_measures_are_worked_out(message: str, sentence: str) -> None:
    assert any(one.startswith(sentence) for one in worked_out(mentioned(message))), worked_out(mentioned(message))
    assert sentence in advised(message)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Hello", "Hello!"),
        ("Hello! Which subject line should I take?", "For a subject line"),
        ("Can you launch my campaign?", "nothing has been done"),
        ("We have bad reviews since the launch campaign on Instagram", "Answer within the hour"),
        ("How much should we spend?", "what is one customer worth"),
        ("¿Cómo lanzo una campaña de verano?", "only answer in English"),
        ("春のキャンペーンを手伝って", "only answer in English"),
        ("How do we price a webinar for dentists?", "“How do we price a webinar for dentists?”"),
    ],
)
def test_the_answer_fits_the_subject(message: str, said: str) -> None:
    assert said in advised(message)


def test_nothing_is_said_twice_while_there_is_something_else() -> None:
    said: list[str] = []
    for _ in range(4):
        said.insert(0, advised("Tell me about creators", ["Tell me about creators"] * len(said), said))
    assert len(set(said)) == 4
    assert "What would you like to go deeper into" in said[0]


@given(st.text(max_size=400), st.lists(st.text(max_size=200), max_size=4))
def test_whatever_is_said_there_is_an_answer_of_bounded_length(message: str, earlier: list[str]) -> None:
    assert 1 <= len(advised(message, earlier, earlier)) <= 4000
    assert advised(message, earlier, earlier) == advised(message, earlier, earlier)


def test_short_words_may_be_english() -> None:
    assert looks_english("CTR?")
    assert not looks_english("Как запустить рекламу")


TURNS = st.lists(st.one_of(st.text(max_size=300), st.text("漢字", min_size=500, max_size=4000)), max_size=40)


@given(st.text(min_size=1, max_size=2000), TURNS)
def test_the_context_is_the_last_turns_without_a_gap_within_the_budget(message: str, texts: list[str]) -> None:
    newest_first = [Message(user_id="u", session_id="s", role="user", content=text) for text in texts]
    kept = within_budget(message, newest_first)
    assert [turn.text for turn in kept] == texts[: len(kept)][::-1]
    spent = tokens_of(message) + sum(tokens_of(turn.model_dump()) for turn in kept)
    assert spent <= BUDGET or not kept
    if len(kept) < len(texts):
        assert spent + tokens_of({"by": "user", "text": texts[len(kept)]}) + len(kept) + 1 > BUDGET


@given(st.text(min_size=1, max_size=1000), TURNS)
def test_no_turn_within_the_budget_is_cut_off_on_its_way_to_the_model(message: str, texts: list[str]) -> None:
    newest_first = [Message(user_id="u", session_id="s", role="user", content=text) for text in texts]
    kept = within_budget(message, newest_first)
    facts = minimised({"message": message, "worked_out": [], "role": "viewer", "talk_so_far": kept})
    assert len(facts["talk_so_far"]) == len(kept)
