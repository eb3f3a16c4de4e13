"""Sentences are split where they end and nowhere else; what is cut stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.wording import cut, ended, sentence, sentences


@pytest.mark.parametrize(
    "whole",
    [
        "Doors open at 10.30 and close at 22.00.",
        "Ask Dr. Sol about it.",
        "It costs 3.50 € for 1.5 l.",
        "See www.sol.example for more.",
        "J. Sol and M. Grove sign books.",
        "Founded by Sol Inc. Berlin in spring.",
        "Am 3. Mai geht es los.",
        "Fruits, e.g. Oranges, and i.e. the best.",
        "1. Peel the orange",
        "No. 5 is back.",
        "We wait … and then it comes.",
        "Wir liefern z.B. Orangen.",
    ],
)
def test_a_dot_that_ends_no_sentence_splits_none(whole: str) -> None:
    assert sentences(f"{whole} Then we meet.") == ([whole, "Then we meet."] if whole[-1] == "." else [
        f"{whole} Then we meet."
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It costs 30. Come by.", ["It costs 30.", "Come by."]),
        ("Do it! Now? “Yes.” Good.", ["Do it!", "Now?", "“Yes.”", "Good."]),
        ("新しいジュースです。ランナー向け。", ["新しいジュースです。", "ランナー向け。"]),
        ("यह नया है। आओ।", ["यह नया है।", "आओ।"]),
        ("one\n\n- two\nthree.", ["one", "- two", "three."]),
        ("It is 5 km. The start is at noon.", ["It is 5 km.", "The start is at noon."]),
        ("We said no. Then yes.", ["We said no.", "Then yes."]),
        ("Get it. iPhone cases too.", ["Get it.", "iPhone cases too."]),
        ("Look. www.sol.example has it.", ["Look.", "www.sol.example has it."]),
        (" \n ", []),
    ],
)
def test_sentences_end_at_their_marks(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text("aB1 .!?。…\n)\"'é", max_size=80))
def test_no_character_of_a_sentence_is_lost(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("fresh oranges", "Fresh oranges."),
        ("iPhone cases", "iPhone cases."),
        ("see www.sol.example", "See www.sol.example"),
        ("sol.example ships today", "sol.example ships today."),
        ("they said “fresh.”", "They said “fresh.”"),
        ("ßtrange", "ßtrange."),
        ("yum 🍊", "Yum 🍊"),
        ("(in Berlin)", "(in Berlin)."),
        ("", ""),
    ],
)
def test_a_sentence_has_a_capital_and_a_mark(text: str, made: str) -> None:
    assert sentence(text) == made
    assert ended(made) == made


@given(st.text(max_size=60), st.integers(0, 40))
def test_what_is_cut_fits(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short) <= most
    assert short == text or most < 1 or short.endswith("…")


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("Fresh oranges, pressed.", 16, "Fresh oranges…"),
        ("Fresh\noranges", 8, "Fresh…"),
        ("价格是1000元人民币", 6, "价格是…"),
        ("aaaa👩\u200d🌾bbbb", 6, "aaaa…"),
        ("aaaaa🇩🇪bbbbbb", 7, "aaaaa…"),
        ("Ab", 1, "…"),
    ],
)
def test_a_cut_tears_nothing(text: str, most: int, short: str) -> None:
    assert cut(text, most) == short
