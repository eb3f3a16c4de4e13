"""The audit chain: complete without the handlers' help, ordered under contention, and evident when tampered with."""

from __future__ import annotations

from typing import Any

import pytest

from memory_mirror.audit import chain
from memory_mirror.audit.chain import AuditEvent, Entry, Head, Verified, append, verify
from memory_mirror.service import store
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient, subject_of
from tests.support.aws import in_threads

SUBJECT = "01930000-0000-7000-8000-000000000001"


def entry(number: int = 1, **fields: Any) -> Entry:
    said: dict[str, Any] = {"user_email": "carer@example.com", "user_name": "Carl", "details": {"why": "a visit"}}
    return Entry("read", "memory", [f"m{number}"], "actor", "memories.recall", "r1", **{**said, **fields})


def log_of(client: Client) -> list[dict[str, Any]]:
    return list(client.get("/entities/AuditLog?limit=100").body["items"])


def test_every_access_leaves_its_event(rose: Client) -> None:
    made = rose.post("/entities/Memory", {"title": "The garden", "content": "Orange trees."}).body
    rose.get("/entities/Memory")
    rose.get(f"/entities/Memory/{made['id']}")
    rose.put(f"/entities/Memory/{made['id']}", {"title": "The orchard"})
    rose.delete(f"/entities/Memory/{made['id']}")
    told = [(e["action_type"], e["resource_type"], e["resource_id"], e["user_email"]) for e in reversed(log_of(rose))]
    me = "rose@example.com"
    assert told == [
        ("write", "memory", made["id"], me),
        ("read", "memory", made["id"], me),
        ("read", "memory", made["id"], me),
        ("read", "memory", made["id"], me),
        ("write", "memory", made["id"], me),
        ("read", "memory", made["id"], me),
        ("delete", "memory", made["id"], me),
    ]
    assert verify(subject_of(rose)).problem is None


def test_reading_the_log_is_logged(rose: Client) -> None:
    rose.post("/entities/Memory", {"title": "The garden", "content": "Orange trees."})
    first = log_of(rose)
    second = log_of(rose)
    assert len(second) == len(first) + 1
    assert second[0]["resource_ids"] == [event["id"] for event in first]


def test_a_caregivers_access_is_in_the_patients_log(rose: Client, carer: Client, make_patient: MakePatient) -> None:
    make_patient(rose, caregivers=["carer@example.com"])
    rose.post("/entities/Memory", {"title": "The garden", "content": "Orange trees."})
    carer.get("/entities/Memory")
    newest = log_of(rose)[0]
    assert (newest["action_type"], newest["resource_type"], newest["user_email"]) == (
        "read",
        "memory",
        "carer@example.com",
    )


def test_a_refused_request_is_logged_as_failed(rose: Client) -> None:
    made = rose.post("/entities/Memory", {"title": "The garden", "content": "Orange trees."}).body
    assert rose.put(f"/entities/Memory/{made['id']}", {"title": 7}).status == 400
    newest = log_of(rose)[0]
    assert (newest["action_type"], newest["resource_id"], newest["success"]) == ("read", made["id"], False)


def test_what_cannot_be_audited_is_not_shown(rose: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = rose.post("/entities/Memory", {"title": "The garden", "content": "Orange trees."}).body

    def broken(*_: Any) -> None:
        raise RuntimeError("no log today")

    monkeypatch.setattr("memory_mirror.audit.trail.append", broken)
    answer = rose.get(f"/entities/Memory/{made['id']}")
    assert answer.status == 500
    assert set(answer.body) == {"error", "details"}
    assert "garden" not in str(answer.body)


def test_only_the_subject_and_an_administrator_read_a_log(
    rose: Client, carer: Client, admin: Client, make_patient: MakePatient
) -> None:
    patient = make_patient(rose, caregivers=["carer@example.com"])
    refused = carer.get(f"/entities/AuditLog?patient_id={patient['id']}")
    assert (refused.status, refused.body) == (403, {"error": "Unauthorized - Admin access required"})
    assert admin.get(f"/entities/AuditLog?patient_id={patient['id']}").body["items"]
    event = log_of(rose)[-1]
    assert rose.get(f"/entities/AuditLog/{event['id']}").body == event
    assert carer.get(f"/entities/AuditLog/{event['id']}").body == {"error": "AuditLog not found"}


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("PUT", "/x"), ("DELETE", "/x")])
def test_nobody_writes_the_log(admin: Client, method: str, path: str) -> None:
    answer = admin.request(method, f"/entities/AuditLog{path}", {})
    assert (answer.status, answer.body) == (405, {"error": "AuditLog is read-only"})


def test_the_log_has_pages(rose: Client) -> None:
    for number in range(5):
        rose.post("/entities/Memory", {"title": f"Memory {number}", "content": "…"})
    first = rose.get("/entities/AuditLog?limit=3").body
    second = rose.get(f"/entities/AuditLog?limit=3&cursor={first['next_cursor']}").body
    assert [event["seq"] for event in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert second["next_cursor"] is None


def test_many_writers_make_one_chain(mirror: Client) -> None:
    in_threads(16, lambda n: append(SUBJECT, [entry(n)]))
    assert verify(SUBJECT) == Verified(16)


def _change(seq: int, **fields: Any) -> None:
    event = store.get(AuditEvent, subject=SUBJECT, place=f"E{seq:012d}")
    assert event is not None
    tx = store.transaction()
    tx.put(event.model_copy(update=fields))
    tx.commit()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"action_type": "write"}, "an event was changed"),
        ({"resource_ids": ["other"]}, "an event was changed"),
        ({"success": False}, "an event was changed"),
        ({"previous": "1" * 64}, "an event does not follow the one before it"),
        (
            {"personal": chain.Personal(salt="00" * 16, user_email="x@example.com")},
            "the personal part of an event was changed",
        ),
    ],
)
def test_a_changed_event_shows(mirror: Client, fields: dict[str, Any], problem: str) -> None:
    append(SUBJECT, [entry(n) for n in range(3)])
    _change(2, **fields)
    assert verify(SUBJECT) == Verified(1, problem, 2)


def test_a_removed_event_shows(mirror: Client) -> None:
    append(SUBJECT, [entry(n) for n in range(3)])
    tx = store.transaction()
    tx.remove(AuditEvent.key(subject=SUBJECT, place="E000000000002"))
    tx.commit()
    assert verify(SUBJECT) == Verified(1, "an event is missing", 2)


def test_a_shortened_chain_shows_even_with_its_head_rewritten(mirror: Client) -> None:
    events = append(SUBJECT, [entry(n) for n in range(3)])
    tx = store.transaction()
    tx.remove(events[2].own_key())
    tx.commit()
    assert verify(SUBJECT).problem == "events are missing at the end"
    head = store.get(Head, subject=SUBJECT)
    assert head is not None
    store.replace(head, head.model_copy(update={"seq": 2, "hash": events[1].hash}))
    assert verify(SUBJECT).problem == "the end of the chain is not signed by this system"


def test_a_chain_outlives_the_erasure_of_what_is_personal(mirror: Client) -> None:
    events = append(SUBJECT, [entry(n) for n in range(3)])
    chain.erase_personal(SUBJECT, events)
    kept = store.query(AuditEvent, begins="E", subject=SUBJECT).items
    assert all(event.personal is None for event in kept)
    assert "carer@example.com" not in str([event.item() for event in kept])
    assert verify(SUBJECT) == Verified(3)


def test_a_verified_chain_waits_for_its_next_event(mirror: Client) -> None:
    append(SUBJECT, [entry()])
    (head,) = chain.unverified(10)
    assert chain.note_verified(head)
    assert chain.unverified(10) == []
    append(SUBJECT, [entry(2)])
    (head,) = chain.unverified(10)
    append(SUBJECT, [entry(3)])
    assert not chain.note_verified(head)
    assert [one.seq for one in chain.unverified(10)] == [3]
