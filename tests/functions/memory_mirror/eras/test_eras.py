"""Eras: which decade a talk lives in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.eras import detection
from memory_mirror.eras.detection import Life, in_chat
from memory_mirror.languages.spoken import LANGUAGES

BORN_1938 = Life(1938)


@pytest.mark.parametrize(
    ("text", "era"),
    [
        ("It was in 1944, there was hardly any bread", "1940s"),
        ("We danced to the Beatles all night", "1960s"),
        ("I love the songs of the '60s", "1960s"),
        ("Das war im Wirtschaftswunder", "1950s"),
        ("Die Mauer ist gefallen, mit dem Walkman standen wir da", "1980s"),
        ("En los años sesenta bailábamos", "1960s"),
        ("C'était en mai 68", "1960s"),
        ("改革开放的时候买了录音机", "1980s"),
        ("昭和30年に結婚しました", "1950s"),
        ("육이오 때 피난 갔어요", "1950s"),
        ("كنا نسمع أم كلثوم", "1960s"),
        ("My granddaughter rings me on a video call", "present"),
        ("The soup is warm", None),
    ],
)
def test_years_and_events_tell_the_decade(text: str, era: str | None) -> None:
    assert detection.detect(text) == era


@pytest.mark.parametrize(
    ("text", "era"),
    [
        ("My mother is waiting for me at home", "1940s"),
        ("I think I need to pick up the children from school", "1970s"),
        ("When I was 17 we went to the sea", "1950s"),
        ("I am 84 years old", "present"),
        ("お母さんが待っているの", "1940s"),
        ("Tengo que recoger a los niños del colegio", "1970s"),
    ],
)
def test_ages_and_roles_count_from_the_year_of_birth(text: str, era: str) -> None:
    assert detection.detect(text, life=BORN_1938) == era


def test_without_the_year_of_birth_roles_say_nothing() -> None:
    assert detection.detect("My mother is waiting for me at home") is None


def test_the_places_of_a_safe_zone_tell_its_era() -> None:
    assert detection.detect("I hear the mill again", life=Life(places={"the mill": "1930s"})) == "1930s"


@pytest.mark.parametrize(
    ("era", "chat"),
    [("1930s", "1940s"), ("1950s", "1960s"), ("1970s", "1980s"), ("1990s", "1980s"), ("2010s", "present"),
     ("present", "present"), (None, "present"), ("nonsense", "present")],
)  # fmt: skip
def test_the_chat_knows_four_eras(era: str | None, chat: str) -> None:
    assert in_chat(era) == chat


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.sampled_from(LANGUAGES), st.integers(1890, 2020))
def test_any_text_has_an_era_or_none(text: str, language: str, born: int) -> None:
    found = detection.detect(text, language, Life(born, {"x y": "1950s"}))
    assert found is None or found == "present" or (found.endswith("0s") and 1930 <= int(found[:4]) <= 2010)
