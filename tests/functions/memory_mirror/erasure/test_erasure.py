"""Erasure: nothing of a person stays readable, and the audit chain can still be verified."""

from __future__ import annotations

import json
from typing import Any

import pytest

from memory_mirror.audit.chain import verify
from memory_mirror.entities.kinds import KINDS
from memory_mirror.erasure import erasing
from memory_mirror.erasure.partitions import VOICES, partitions
from memory_mirror.service import api
from quintet.store.calls import table_call
from quintet.store.entity import Entity
from quintet.testing import Client
from quintet.testing.events import schedule_event
from tests.functions.memory_mirror.conftest import MakePatient
from tests.functions.memory_mirror.entities.test_entities import LEAST

ROSE = {"email": "rose@example.com", "password": "a-garden-of-roses", "full_name": "Rose Miller"}


def everything() -> str:
    return json.dumps(table_call("Scan")["Items"])


def full_account(mirror: Client) -> tuple[Client, str]:
    session = mirror.post("/auth/register", ROSE).body
    rose = mirror.as_caller(session["access_token"])
    for kind, fields in LEAST.items():
        assert rose.post(f"/entities/{kind}", fields).status == 201
    rose.post("/functions/syncOfflineData", {"sync_type": "full", "settings": {"theme": "dark"},
              "offline_conversations": [{"id": "c1", "message": "Where is Paul Winterbottom?"}]})  # fmt: skip
    return rose, session["user"]["id"]


def test_everything_of_a_person_goes_and_the_chain_stays(mirror: Client) -> None:
    rose, subject = full_account(mirror)
    for word in ("rose@example.com", "Rose Miller", "Winterbottom", "Orange trees"):
        assert word in everything()
    assert rose.post("/auth/erase", {"password": ROSE["password"]}).status == 204
    left = everything()
    for word in ("rose@example.com", "Rose Miller", "Winterbottom", "Orange trees"):
        assert word not in left
    assert f"SUBJECT#{subject}" not in left
    found = verify(subject)
    assert found.problem is None
    assert found.events >= len([kind for kind in KINDS.values() if kind.resource])
    assert mirror.post("/auth/login", {"email": ROSE["email"], "password": ROSE["password"]}).status == 401
    assert mirror.post("/auth/register", ROSE).status == 201


def test_the_password_is_asked_for(mirror: Client) -> None:
    rose, _ = full_account(mirror)
    answer = rose.post("/auth/erase", {"password": "another-password"})
    assert (answer.status, answer.body) == (401, {"error": "Invalid e-mail address or password"})
    assert rose.get("/entities/Memory").body["items"] != []
    assert mirror.post("/auth/erase", {}).status == 401


def test_the_clock_goes_on_with_what_a_request_left(mirror: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    rose, subject = full_account(mirror)
    monkeypatch.setattr("memory_mirror.erasure.operations.AT_ONCE", -1.0)
    assert rose.post("/auth/erase", {"password": ROSE["password"]}).status == 204
    assert f"SUBJECT#{subject}#Memory" in everything()
    swept = next(o for o in api.load() if o.id == "housekeeping.sweep")(schedule_event(), None)
    assert swept["erased"] == 1
    assert f"SUBJECT#{subject}" not in everything()
    assert erasing.go_on_with_all(1) == 0


def test_a_patient_without_an_account_takes_its_data_along(carer: Client) -> None:
    made = carer.post("/entities/Patient", {"name": "Old Tom"}).body
    carer.post("/entities/Memory", {"title": "The sea", "content": "Boats.", "patient_id": made["id"]})
    assert carer.delete(f"/entities/Patient/{made['id']}").status == 204
    assert erasing.go_on_with_all(5) == 1
    assert "Boats." not in everything()
    assert verify(made["id"]).problem is None


def test_a_caregiver_of_an_erased_person_sees_nothing_of_them(
    mirror: Client, carer: Client, make_patient: MakePatient
) -> None:
    rose = mirror.as_caller(mirror.post("/auth/register", ROSE).body["access_token"])
    patient = make_patient(rose, caregivers=["carer@example.com"])
    rose.post("/auth/erase", {"password": ROSE["password"]})
    assert carer.get("/entities/Patient").body["items"] == []
    assert carer.get(f"/entities/Memory?patient_id={patient['id']}").status == 404


def test_every_partition_that_a_subject_names_is_known() -> None:
    """A kind of item that is added later must be added to the erasure, too, or expire by itself."""
    api.load()
    named = {
        kind.kind
        for kind in _kinds(Entity)
        if kind.__module__.startswith("memory_mirror.") and "subject" in kind.keys.templates["main"][0].fields
    }
    covered = {kind.kind for kind, _ in partitions("x")} | {"Patient", "audit_event", "audit_head", "erasure"}
    covered |= set(VOICES)
    expiring = {kind.kind for kind in _kinds(Entity) if "expires_at" in kind.model_fields}
    assert named - covered - expiring == set()


def test_partitions_are_read_off_the_keys_of_what_there_is() -> None:
    found = [str(kind.keys.templates["main"][0].render(fields)) for kind, fields in partitions("rose")]
    assert len(found) == len(set(found))
    assert all("rose" in name.split("#") for name in found)
    assert {"SYNC#rose#conversation", "SYNC#rose#audio", "SYNC#rose#setting", "MAILING#rose"} <= set(found)
    assert "SUBJECT#rose#Patient" not in found, "patients go with their accesses, one by one"


def _kinds(base: type[Entity]) -> list[Any]:
    return [kind for child in base.__subclasses__() for kind in (child, *_kinds(child)) if hasattr(kind, "keys")]
