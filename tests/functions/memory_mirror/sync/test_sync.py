"""What was captured offline: stored once however often it is sent, settings merged by time, conflicts told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.sync.offline import SKEW, Setting, digest, outcome, settings_of
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient
from tests.support.aws import in_threads

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TALK = {"client_id": "c1", "message": "Where is Paul?", "response": "At work.", "timestamp": "2026-11-20T21:00:00Z"}


def sync(client: Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/functions/syncOfflineData", {"sync_type": "partial", **body})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def done(synced: int, *conflicts: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, "conversations_synced": synced, "conflicts": list(conflicts)}


def items(client: Client, kind: str, query: str = "") -> list[dict[str, Any]]:
    return list(client.get(f"/entities/{kind}{query}").body["items"])


def setting(client: Client, name: str) -> Any:
    (one,) = items(client, "AppSetting", f"?key={name}")
    return one["value"]


def test_conversations_are_stored_once(rose: Client) -> None:
    two = [TALK, {"id": 2, "role": "assistant", "content": "Good morning, Rose.", "mood": "calm"}]
    assert sync(rose, offline_conversations=two) == done(2)
    first = items(rose, "Conversation")
    assert [(c["client_id"], c["message"], c["response"], c["said_at"], c["extra"]) for c in first] == [
        ("2", "", "Good morning, Rose.", None, {"mood": "calm"}),
        ("c1", "Where is Paul?", "At work.", "2026-11-20T21:00:00.000Z", {}),
    ]
    assert sync(rose, offline_conversations=two) == done(2)
    assert items(rose, "Conversation") == first


def test_another_text_under_a_known_id_is_a_conflict_with_both(rose: Client) -> None:
    sync(rose, offline_conversations=[TALK])
    answer = sync(rose, offline_conversations=[{**TALK, "response": "On his way."}])
    (conflict,) = answer["conflicts"]
    assert (answer["conversations_synced"], conflict["section"], conflict["id"]) == (0, "offline_conversations", "c1")
    assert (conflict["server"]["response"], conflict["client"]["response"]) == ("At work.", "On his way.")
    assert [c["response"] for c in items(rose, "Conversation")] == ["At work."]


def test_uploads_at_once_store_each_item_once(rose: Client) -> None:
    many = [{**TALK, "client_id": f"c{n}"} for n in range(12)]
    answers = in_threads(6, lambda _: sync(rose, offline_conversations=many, settings={"theme": "dark"}))
    assert answers == [done(12)] * 6
    assert len(items(rose, "Conversation")) == 12
    assert setting(rose, "theme") == "dark"


def test_more_than_one_transaction_takes(rose: Client) -> None:
    many = [{**TALK, "client_id": f"c{n}"} for n in range(95)]
    assert sync(rose, offline_conversations=many) == done(95)
    assert len(rose.get("/entities/Conversation?limit=100").body["items"]) == 95


def test_a_files_later_description_takes_the_place_of_the_earlier(rose: Client) -> None:
    song = {"client_id": "a1", "title": "Blue Moon", "duration": 171, "updated_at": "2026-11-20T10:00:00Z"}
    assert sync(rose, audio_library_metadata=[song]) == done(0)
    later = {**song, "title": "Blue Moon (live)", "updated_at": "2026-11-20T11:00:00Z", "bitrate": 320}
    assert sync(rose, audio_library_metadata=[later]) == done(0)
    (stored,) = items(rose, "Music")
    assert (stored["title"], stored["duration_seconds"], stored["extra"]) == ("Blue Moon (live)", 171, {"bitrate": 320})
    (conflict,) = sync(rose, audio_library_metadata=[song])["conflicts"]
    assert (conflict["server"]["title"], conflict["client"]["title"]) == ("Blue Moon (live)", "Blue Moon")


def test_of_two_values_the_later_wins(rose: Client) -> None:
    def at(hour: int, value: Any) -> dict[str, Any]:
        return {"font_size": {"value": value, "updated_at": f"2026-11-20T{hour}:00:00Z"}}

    assert sync(rose, settings=at(10, 20)) == done(0)
    assert sync(rose, settings=at(12, 24)) == done(0)
    assert sync(rose, settings=at(11, 22)) == done(0)
    assert setting(rose, "font_size") == 24
    tie = sync(rose, settings=at(12, 28))
    assert tie == done(0, {"section": "settings", "id": "font_size", "server": 24, "client": 28})
    assert setting(rose, "font_size") == 24


def test_settings_that_are_not_sent_stay(rose: Client) -> None:
    rose.post("/entities/AppSetting", {"key": "theme", "value": "light"})
    sync(rose, settings={"font_size": 20})
    sync(rose, settings={"theme": "dark"}, sync_type="full")
    assert (setting(rose, "theme"), setting(rose, "font_size")) == ("dark", 20)


def test_a_caregiver_brings_talks_of_the_patient_and_settings_of_their_own(
    rose: Client, carer: Client, make_patient: MakePatient
) -> None:
    make_patient(rose, caregivers=["carer@example.com"])
    sync(carer, offline_conversations=[TALK], settings={"theme": "dark"})
    assert [c["created_by"] for c in items(rose, "Conversation")] == ["carer@example.com"]
    assert (items(rose, "AppSetting"), setting(carer, "theme")) == ([], "dark")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "sync_type: Field required"),
        ({"sync_type": "some"}, "sync_type: Input should be 'full' or 'partial'"),
        ({"sync_type": "full", "offline_conversations": "x"}, "offline_conversations: Input should be a valid array"),
        ({"sync_type": "full", "offline_conversations": [TALK, 7]}, "offline_conversations.1: must be an object"),
        (
            {"sync_type": "full", "offline_conversations": [{"message": "Hello"}]},
            "offline_conversations.0.client_id: each item carries the id that the device gave it, as client_id or id",
        ),
        (
            {"sync_type": "full", "offline_conversations": [{**TALK, "timestamp": "yesterday"}]},
            "offline_conversations.0.timestamp: must be an RFC 3339 date and time",
        ),
        (
            {"sync_type": "full", "audio_library_metadata": [{"id": "a", "era": "old"}]},
            "audio_library_metadata.0.era: must be a decade such as 1960s, or present",
        ),
        (
            {"sync_type": "full", "settings": {"a": "x" * 20_001}},
            "settings.value: must not be larger than 20,000 bytes",
        ),
        ({"sync_type": "full", "settings": []}, "settings: Input should be an object"),
    ],
)
def test_a_bad_item_is_named_and_nothing_is_written(rose: Client, body: dict[str, Any], error: str) -> None:
    answer = rose.post("/functions/syncOfflineData", {"offline_conversations": [TALK], **body} if body else {})
    assert (answer.status, answer.body) == (400, {"error": error})
    assert items(rose, "Conversation") == []


def test_nobody_syncs_anonymously(mirror: Client) -> None:
    answer = mirror.post("/functions/syncOfflineData", {"sync_type": "nonsense"})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    max_leaves=5,
)


@settings(deadline=None, max_examples=60)
@given(VALUES, VALUES, st.integers(-5000, 5000))
def test_two_sides_that_merge_agree(mine: Any, theirs: Any, milliseconds: int) -> None:
    changed = NOON + timedelta(milliseconds=milliseconds)
    here = outcome(Setting("s", mine, NOON), theirs, changed)
    there = outcome(Setting("s", theirs, changed), mine, NOON)
    mirror = {"same": "same", "conflict": "conflict", "take": "keep", "keep": "take"}
    assert there == mirror[here]
    assert outcome(Setting("s", mine, NOON), mine, changed) == "same"


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.text(), VALUES))
def test_a_digest_does_not_depend_on_the_order_of_fields(item: dict[str, Any]) -> None:
    assert digest(dict(reversed(item.items()))) == digest(item)
    assert digest({**item, "\x00new": 1}) != digest(item)


def test_a_device_whose_clock_runs_ahead_does_not_win_for_ever() -> None:
    ahead = (NOON + 10 * SKEW).isoformat()
    (found,) = settings_of({"theme": {"value": "dark", "updated_at": ahead}}, NOON)
    assert found.at == NOON
