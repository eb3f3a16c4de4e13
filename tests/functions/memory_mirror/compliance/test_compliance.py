"""Entries that clients add to the audit log: by whom they were made, about whom, and that they cannot be changed."""

from __future__ import annotations

from typing import Any

import pytest

from memory_mirror.audit.chain import AuditEvent, verify
from memory_mirror.service import store
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient, subject_of
from tests.support.aws import in_threads

AUDIT, LOG = "/functions/auditCompliance", "/functions/logAuditEvent"
ACCESS = {"action_type": "export", "resource_type": "health_data", "resource_id": "abc123", "details": {"pages": 3}}
NAMED = {
    "action_type": "print", "user_email": "rose@example.com", "user_name": "Rose Miller",
    "resource_type": "photo album", "resource_id": "mem_abc", "details": {"copies": 1},
}  # fmt: skip


def events(subject: str) -> list[AuditEvent]:
    """A subject's events that a client logged, oldest first."""
    found = store.query(AuditEvent, begins="E", subject=subject, reverse=False).items
    return [event for event in found if event.operation.startswith("compliance.")]


def test_an_access_is_logged_by_the_account_of_the_session(rose: Client) -> None:
    answer = rose.post(AUDIT, {**ACCESS, "user_email": "somebody@else.example"})
    subject = subject_of(rose)
    (event,) = events(subject)
    assert (answer.status, answer.body) == (200, {"success": True, "audit_id": event.id})
    assert (event.action_type, event.resource_type, event.resource_ids, event.actor, event.success) == (
        "export", "health_data", ["abc123"], subject, True,
    )  # fmt: skip
    assert event.personal is not None
    said = event.personal.model_dump(exclude={"salt"})
    assert said == {"user_email": "rose@example.com", "user_name": "Rose Miller", "details": {"pages": 3}}
    assert verify(subject).problem is None


def test_details_may_be_left_out(rose: Client) -> None:
    assert rose.post(AUDIT, {name: ACCESS[name] for name in ACCESS if name != "details"}).status == 200
    (event,) = events(subject_of(rose))
    assert event.personal is not None
    assert event.personal.details == {}


def test_a_caregivers_access_is_logged_with_the_patient(rose: Client, carer: Client, make_patient: MakePatient) -> None:
    make_patient(rose, caregivers=["carer@example.com"])
    answer = carer.post(AUDIT, ACCESS)
    (event,) = events(subject_of(rose))
    assert answer.body == {"success": True, "audit_id": event.id}
    assert event.actor == subject_of(carer)
    assert events(subject_of(carer)) == []


def test_what_was_logged_is_read_in_the_audit_log(rose: Client) -> None:
    audit_id = rose.post(LOG, {**NAMED, "success": False}).body["audit_id"]
    shown = rose.get(f"/entities/AuditLog/{audit_id}").body
    assert {
        name: shown[name] for name in ("action_type", "resource_type", "resource_id", "user_email", "user_name")
    } == {name: NAMED[name] for name in ("action_type", "resource_type", "resource_id", "user_email", "user_name")}
    assert (shown["success"], shown["details"]) == (False, {"copies": 1})


def test_success_is_assumed(rose: Client) -> None:
    rose.post(LOG, NAMED)
    assert [event.success for event in events(subject_of(rose))] == [True]


def test_only_an_administrator_logs_for_somebody_else(rose: Client, carer: Client, admin: Client) -> None:
    for client in (rose, carer):
        answer = client.post(LOG, {**NAMED, "user_email": "other@example.com"})
        assert (answer.status, answer.body) == (403, {"error": "Unauthorized - Admin access required"})
    assert events(subject_of(rose)) == []
    answer = admin.post(LOG, {**NAMED, "user_email": "other@example.com", "user_name": "Other"})
    (event,) = events(subject_of(admin))
    assert answer.body == {"success": True, "audit_id": event.id}
    assert event.personal is not None
    assert (event.actor, event.personal.user_email, event.personal.user_name) == (
        subject_of(admin), "other@example.com", "Other",
    )  # fmt: skip


def test_ones_own_address_is_ones_own_however_it_is_written(rose: Client) -> None:
    assert rose.post(LOG, {**NAMED, "user_email": " rose@EXAMPLE.com "}).status == 200


def test_entries_that_come_at_once_are_all_kept_in_one_chain(rose: Client) -> None:
    answers = in_threads(8, lambda n: rose.post(AUDIT, {**ACCESS, "resource_id": f"r{n}"}).body["audit_id"])
    subject = subject_of(rose)
    assert {event.id for event in events(subject)} == set(answers)
    assert len(set(answers)) == 8
    assert verify(subject).problem is None


def test_an_entry_that_was_changed_is_found(rose: Client) -> None:
    rose.post(AUDIT, ACCESS)
    subject = subject_of(rose)
    (event,) = events(subject)
    store.replace(event, event.model_copy(update={"resource_ids": ["other"]}))
    assert verify(subject).problem == "an event was changed"


@pytest.mark.parametrize("path", [AUDIT, LOG])
def test_who_is_not_signed_in_is_told_so_whatever_the_body(mirror: Client, path: str) -> None:
    answer = mirror.post(path, {"action_type": 5})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (AUDIT, {"action_type": "peek"}, "action_type"),
        (AUDIT, {"resource_type": "device"}, "resource_type"),
        (AUDIT, {"resource_id": ""}, "resource_id"),
        (AUDIT, {"details": "text"}, "details"),
        (AUDIT, {"details": {"much": "x" * 30_000}}, "details"),
        (LOG, {"user_email": "no address"}, "user_email"),
        (LOG, {"user_name": ""}, "user_name"),
        (LOG, {"action_type": "x" * 61}, "action_type"),
        (LOG, {"success": "yes"}, "success"),
    ],
)
def test_a_wrong_field_is_named(rose: Client, path: str, change: dict[str, Any], field: str) -> None:
    answer = rose.post(path, {**(ACCESS if path == AUDIT else NAMED), **change})
    assert answer.status == 400
    assert answer.body["error"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [(AUDIT, ACCESS, name) for name in ("action_type", "resource_type", "resource_id")]
    + [(LOG, NAMED, name) for name in ("action_type", "user_email", "user_name", "resource_type", "resource_id")],
)
def test_a_missing_field_is_named(rose: Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = rose.post(path, {name: value for name, value in body.items() if name != field})
    assert answer.status == 400
    assert answer.body["error"] == f"{field}: Field required"
