"""Safe memory zones: where a talk is led, and what it is kept away from."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.life.entities import SafeMemoryZone
from memory_mirror.life.zones import guidance, mentions, places_of


def _zone(**fields: Any) -> SafeMemoryZone:
    return SafeMemoryZone(**{"subject": "s", "name": "The farm", **fields})


FARM = _zone(era="1940s", triggers=["the cows"], comforting_topics=["baking bread"], topics_to_avoid=["the fire"])
SEA = _zone(name="The sea", triggers=["the boat"], comforting_topics=["the harbour", "fire works"])


def test_a_trigger_leads_into_its_zone() -> None:
    guide = guidance("I must see to the cows", [SEA, FARM], comforts=["tea"])
    assert guide.inside == ("The farm",)
    assert guide.era == "1940s"
    assert guide.steers
    assert not guide.astray
    assert guide.topics == ("baking bread", "the harbour", "tea")  # fire works touch what the farm avoids


def test_what_hurts_is_noticed_and_led_away_from() -> None:
    guide = guidance("I dreamt of the fire", [FARM], comforts=["tea"])
    assert guide.astray
    assert guide.steers
    assert guide.inside == ()
    assert guide.harms("There was a fire in the barn")
    assert not guide.harms("The bread is warm")


def test_a_topic_to_avoid_never_comforts() -> None:
    assert guidance("hello", [], avoid=["cats"], comforts=["my cats", "dogs"]).topics == ("dogs",)


def test_a_topic_of_one_character_is_avoided_too() -> None:
    assert guidance("家里着火了", [], avoid=["火"]).astray
    assert guidance("昨日、蛇を見た", [], avoid=["蛇"], comforts=["蛇の皮", "花"]).topics == ("花",)


def test_a_zone_that_is_not_active_counts_for_nothing() -> None:
    guide = guidance("the cows", [FARM.changed(active=False)])
    assert (guide.inside, guide.topics, guide.avoid) == ((), (), ())


def test_without_topics_nothing_is_steered() -> None:
    assert not guidance("the cows", [_zone(triggers=["the cows"])]).steers


def test_words_are_found_as_they_stand() -> None:
    assert mentions("We saw THE COWS.", "the cows")
    assert not mentions("We saw the cowshed", "the cow")
    assert mentions("Ich höre die Mühle", "mühle")
    assert mentions("昔の田んぼを思い出す", "田んぼ")
    assert mentions("우리 과수원에 가요", "과수원")
    assert not mentions("anything", "  ")


def test_triggers_place_a_talk_in_time() -> None:
    assert places_of([FARM, SEA]) == {"the cows": "1940s"}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=4), st.lists(st.text(max_size=20), max_size=4))
def test_any_topics_are_kept_apart(text: str, avoid: list[str], comforts: list[str]) -> None:
    guide = guidance(text, [], avoid, comforts)
    assert set(guide.topics) <= set(comforts)
    assert not any(guide.harms(topic) for topic in guide.topics)
