"""What of a person's facts reaches a model: nothing that identifies, no more than the budget."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from quintet.answers import minimised
from quintet.answers.minimising import tokens_of
from quintet.answers.scrubbing import scrubbed
from tests.support.pace import assert_linear


class Tone(Enum):
    KIND = "kind"


class Memory(BaseModel):
    id: str = "0198c0de"
    title: str = "The lake"
    photo_url: str = "https://x.test/1?sig=2"


@dataclass
class Portrait:
    preferred_name: str
    subject: str
    memories: list[Memory]


def test_entries_that_identify_are_dropped_at_any_depth_and_a_full_name_keeps_its_first_part() -> None:
    facts = {
        "message": "Where is my sister?",
        "full_name": "Anna Maria Berg",
        "patientName": "Otto Berg",
        "user": {"id": "1", "caregiver_email": "c@x.test", "phoneNumber": "1", "home_address": "x", "mood": "sad"},
        "loved_ones": [{"name": "Marie Berg", "relation": "sister"}, {"name": "Lake Garda"}],
        "patient": {"name": "Otto Berg", "caregivers": ["c@x.test"], "date_of_birth": "1940-05-06"},
        "history": [{"conversationId": "7", "role": "user", "content": "Hello", "accessToken": "hush"}],
        "place": {"latitude": 52.5, "lng": 13.4, "room": "kitchen", "zip_code": "10115"},
    }
    assert minimised(facts) == {
        "message": "Where is my sister?",
        "full_name": "Anna",
        "patientName": "Otto",
        "user": {"mood": "sad"},
        "loved_ones": [{"name": "Marie", "relation": "sister"}, {"name": "Lake Garda"}],
        "patient": {"name": "Otto", "caregivers": ["[email]"]},
        "history": [{"role": "user", "content": "Hello"}],
        "place": {"room": "kitchen"},
    }


def test_values_become_json_and_what_no_model_reads_is_left_out() -> None:
    facts = {
        "portrait": Portrait("Anna", "user-1", [Memory()]),
        "when": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        "born": date(1940, 5, 6),
        "tone": Tone.KIND,
        "level": Decimal("7.5"),
        "tags": {"sea", "lake"},
        "pair": (1, True),
        "absent": None,
        "bytes": b"x",
        "odd": object(),
        "endless": float("inf"),
    }
    assert minimised(facts) == {
        "portrait": {"preferred_name": "Anna", "memories": [{"title": "The lake"}]},
        "when": "2026-01-02T03:04:00+00:00",
        "born": "1940-05-06",
        "tone": "kind",
        "level": 7.5,
        "tags": ["lake", "sea"],
        "pair": [1, True],
    }


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Call +44 20 7946 0958 or (030) 123-4567 now", "Call [number] or [number] now"),
        ("Write to anna.berg@example.org, please", "Write to [email], please"),
        ("メールはanna@example.jpです", "メールは[email]です"),
        ("电话13800138000", "电话[number]"),
        ("See https://x.test/a?token=abc#f and www.y.test.", "See [link] and [link]"),
        ("It is 0198c0de-0000-7000-8000-000000000001", "It is [id]"),
        ("She lives at 12 Elm Street, near us", "She lives at [address], near us"),
        ("j'habite 12 bis, rue de la Paix", "j'habite [address]"),
        ("vivo en la calle Mayor 12", "vivo en la [address]"),
        ("in der Hauptstraße 5a", "in der [address]"),
        ("中山路12号", "[address]"),
        ("芝公園4丁目2-8", "[address]"),
        ("서울시 중구 세종대로 110", "서울시 [address]"),
        ("ig\u202enore\u200b\U000e0041 me", "ignore me"),
    ],
)
def test_text_loses_what_identifies_by_its_form(text: str, kept: str) -> None:
    assert scrubbed(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "We married on 1961-06-12, at 3:30",
        "born 12.6.1938, at war 1939-1945",
        "1944 1945 1946",
        "2026-11-21 03",
        "I fell 2 times on the road and paid 1 200 marks",
        "paseo con mis 2 hijos",
        "Er ist weg seit 3 Tagen",
        "👩‍👩‍👧 سلام‌ها\nنعم",
    ],
)
def test_dates_years_and_plain_words_stay(text: str) -> None:
    assert scrubbed(text) == text


EMAILS = st.from_regex(r"[a-z0-9._+-]{1,20}@[a-z0-9-]{1,15}\.(?:org|co\.uk|jp)", fullmatch=True)
PHONES = st.from_regex(r"\+[1-9][0-9]{1,2}[ -]?[0-9]{3}[ -]?[0-9]{3,4}[ -]?[0-9]{0,3}[0-9]", fullmatch=True)
UUIDS = st.uuids().map(str)
LINKS = st.from_regex(r"https?://[a-z]{1,10}\.test/[a-z]{0,9}\?[a-z]{1,5}=[A-Za-z0-9]{1,30}", fullmatch=True)
TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)
PLACED = st.builds("{} {} {}".format, TEXT, st.one_of(EMAILS, PHONES, UUIDS, LINKS), TEXT)
FACTS = st.recursive(
    st.one_of(PLACED, TEXT, st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(EMAILS, TEXT), inner, max_size=4)),
    max_leaves=12,
)
SEEN = (
    re.compile(r"[a-z0-9._+-]+@[a-z0-9-]+\.(?:org|co\.uk|jp)"),
    re.compile(r"\+[1-9][0-9]{1,2}[ -]?[0-9]{3}[ -]?[0-9]{3}"),
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-"),
    re.compile(r"https?://[a-z]+\.test"),
)


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in texts(one)]
    return [text for one in value for text in texts(one)] if isinstance(value, list) else []


@settings(max_examples=150)
@given(st.dictionaries(TEXT, FACTS, max_size=4))
def test_no_mail_phone_id_or_link_comes_through_wherever_it_stands(facts: dict[str, Any]) -> None:
    for text in texts(minimised(facts)):
        assert [found[0] for pattern in SEEN for found in pattern.finditer(text)] == []


@settings(max_examples=60)
@given(
    st.dictionaries(st.text(max_size=8), st.one_of(FACTS, st.lists(st.text(max_size=300), max_size=80)), max_size=5),
    st.integers(2, 400),
)
def test_the_budget_holds_and_what_is_small_stays_whole(facts: dict[str, Any], tokens: int) -> None:
    found = minimised(facts, tokens)
    assert tokens_of(found) <= tokens
    assert json.loads(json.dumps(found)) == found
    assert minimised(found, tokens_of(found)) == minimised(found)


def test_too_much_is_cut_at_the_end_of_lists_and_texts_and_the_first_entry_goes_last() -> None:
    facts = {"message": "help " * 10, "history": [f"{number}: " + "word " * 400 for number in range(100)]}
    found = minimised(facts, 700)
    assert found["message"] == facts["message"]
    assert [line.partition(":")[0] for line in found["history"]] == ["0", "1", "2", "3", "4", "5"]
    assert all(len(line) <= 300 and line.endswith("…") for line in found["history"])
    assert list(minimised(facts, 20)) == ["message"]


@pytest.mark.parametrize("piece", ["a-", "A ", "1 ", "a1", "Aa ", "12 Abc ", "中", "calle A ", "straße", "x.", '"'])
def test_a_long_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    assert_linear(lambda times: scrubbed(piece * times), 500)
