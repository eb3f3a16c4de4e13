"""The demo data: complete, seeded once, and never in a deployed stage."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.settings import use
from quintet.testing import Client
from softfactory import demo

LOGIN, FILES = "/api/auth/login", "/api/files"


def signed_in(suite: Client, email: str, password: str = demo.PASSWORD) -> Client:
    answer = suite.post(LOGIN, {"email": email, "password": password})
    assert answer.status == 200, answer.body
    return suite.as_caller(answer.body["access_token"])


def test_the_demo_has_somebody_of_every_role_and_files(suite: Client) -> None:
    demo.seed()
    roles = {email: signed_in(suite, email).get("/api/auth/user").body["role"] for _, email, _ in demo.ACCOUNTS}
    assert {email.partition("@")[0]: role for email, role in roles.items()} == {
        "admin": "admin", "creator": "creator", "user": "user", "premium": "user", "moderator": "moderator",
    }  # fmt: skip
    listed = signed_in(suite, demo.USER_EMAIL).get(FILES).body
    assert sorted(file["filename"] for file in listed["files"]) == ["brand-guide.html", "sunrise.png", "매출.csv"]
    assert signed_in(suite, demo.ADMIN_EMAIL).get("/api/admin/users").body["total"] == len(demo.ACCOUNTS)


def test_the_subscriber_may_call_more_often(suite: Client) -> None:
    demo.seed()
    with use({"QUINTET_RATE_LIMITS": "on"}):
        clients = [signed_in(suite, email) for email in (demo.USER_EMAIL, demo.PREMIUM_EMAIL)]
        assert [c.get("/api/auth/user").headers["x-ratelimit-limit"] for c in clients] == ["60", "300"]


def test_seeding_again_brings_nothing_back(suite: Client) -> None:
    demo.seed()
    user = signed_in(suite, demo.USER_EMAIL)
    for file in user.get(FILES).body["files"]:
        assert user.delete(f"{FILES}/{file['file_id']}").status == 204
    demo.seed()
    assert user.get(FILES).body["total"] == 0


def test_an_interrupted_seeding_is_completed_and_makes_nothing_twice(
    suite: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "seed_accounts", "_subscribe", "seed_files"
    steps = (*(f"softfactory.demo.{name}" for name in own), "quintet.store.seeding.Seeded.__init__")
    for step in steps:
        with monkeypatch.context() as broken:
            broken.setattr(step, _stopped)
            with pytest.raises(KeyboardInterrupt):
                demo.seed()
    demo.seed()
    assert signed_in(suite, demo.ADMIN_EMAIL).get("/api/admin/users").body["total"] == len(demo.ACCOUNTS)
    assert signed_in(suite, demo.USER_EMAIL).get(FILES).body["total"] == 3


def test_a_deployed_stage_gets_no_demo(suite: Client) -> None:
    with use({"QUINTET_STAGE": "prod"}), pytest.raises(RuntimeError, match="'prod'"):
        demo.seed()


def _stopped(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt
