"""The demo data: complete, seeded once, and never in a deployed stage."""

from __future__ import annotations

import pytest

from memory_mirror import demo
from quintet.settings import use
from quintet.testing import Client


def signed_in(mirror: Client, email: str) -> Client:
    answer = mirror.post("/auth/login", {"email": email, "password": demo.PASSWORD})
    assert answer.status == 200, answer.body
    return mirror.as_caller(answer.body["access_token"])


def test_the_demo_has_a_person_a_caregiver_memories_reminders_and_devices(mirror: Client) -> None:
    demo.seed()
    rose, carer = signed_in(mirror, demo.ROSE_EMAIL), signed_in(mirror, demo.CARER_EMAIL)
    for client in (rose, carer):
        assert len(client.get("/entities/Memory").body["items"]) == 5
        assert len(client.get("/entities/SmartDevice").body["items"]) == 4
        (reminder,) = client.get("/entities/Reminder").body["items"]
        assert reminder["next_due"] is not None
        assert [one["name"] for one in client.get("/entities/Patient").body["items"]] == ["Rose Miller"]
    assert signed_in(mirror, demo.ADMIN_EMAIL).get("/auth/me").body["role"] == "admin"


def test_seeding_again_brings_nothing_back(mirror: Client) -> None:
    demo.seed()
    rose = signed_in(mirror, demo.ROSE_EMAIL)
    (reminder,) = rose.get("/entities/Reminder").body["items"]
    rose.delete(f"/entities/Reminder/{reminder['id']}")
    demo.seed()
    assert rose.get("/entities/Reminder").body["items"] == []


def test_a_deployed_stage_gets_no_demo(mirror: Client) -> None:
    with use({"QUINTET_STAGE": "prod"}), pytest.raises(RuntimeError, match="demo data is for local stages"):
        demo.seed()
