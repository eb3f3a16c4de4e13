"""The caller's own profile."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.access import audit
from caidence.access.defaults import DEFAULT_ID
from caidence.directory.entities import User
from quintet.models import SkipQuery
from quintet.testing import Client
from tests.functions.caidence.conftest import account_of
from tests.support.aws import in_threads

PROFILE = "/api/v1/profile"
FULL = {
    "full_name": "Ada Lovelace",
    "bio": "First of her kind.\nStill counting.",
    "avatar_url": "https://example.com/ada.png",
    "company": "Analytical Engines",
    "phone": "+14155550123",
    "timezone": "Europe/London",
    "language": "en-GB",
}


def shown(user: User, **more: Any) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "full_name": user.full_name,
        "role": user.role,
        "organization_id": user.organization_id,
        "is_active": True,
        "is_approved": True,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
        "bio": "",
        "avatar_url": None,
        "company": "",
        "phone": None,
        "timezone": "UTC",
        "language": "en",
        **more,
    }


def test_a_profile_begins_with_what_is_known_of_the_account(viewer: Client) -> None:
    answer = viewer.get(PROFILE)
    user = account_of(viewer)
    assert answer.status == 200
    assert answer.body == shown(user, created_at=answer.body["created_at"], updated_at=answer.body["updated_at"])
    assert viewer.get(PROFILE + "/").body == answer.body


def test_every_field_can_be_changed_and_the_change_is_in_the_log(viewer: Client) -> None:
    before = account_of(viewer)
    answer = viewer.put(PROFILE, FULL)
    assert answer.status == 200, answer
    assert answer.body == shown(
        before, **FULL, created_at=answer.body["created_at"], updated_at=answer.body["updated_at"]
    )
    assert account_of(viewer).updated_at > before.updated_at
    assert viewer.get(PROFILE).body == answer.body
    (entry,) = audit.page(SkipQuery(), "user.update", before.id).items
    assert (entry.actor_id, entry.before, entry.after) == (
        before.id, {name: getattr(before, name) for name in FULL}, FULL,
    )  # fmt: skip


def test_fields_left_out_keep_their_value_and_null_takes_away(viewer: Client) -> None:
    viewer.put(PROFILE, FULL)
    answer = viewer.put(PROFILE, {"bio": "", "phone": None, "avatar_url": None})
    wanted = {**FULL, "bio": "", "phone": None, "avatar_url": None}
    assert {name: answer.body[name] for name in FULL} == wanted
    nothing = dict.fromkeys(set(FULL) - {"phone", "avatar_url"})
    assert viewer.put(PROFILE, nothing).body == answer.body
    assert viewer.put(PROFILE + "/", {"company": "Babbage & Co"}).body["company"] == "Babbage & Co"


def test_what_changes_nothing_is_no_change(viewer: Client) -> None:
    first = viewer.put(PROFILE, FULL).body
    assert viewer.put(PROFILE, FULL).body == first
    assert viewer.put(PROFILE, {}).body == first
    assert audit.page(SkipQuery(), None, account_of(viewer).id).total == 1


def test_nobody_makes_more_of_themselves(viewer: Client) -> None:
    before = account_of(viewer)
    rights = {"role": "root", "is_approved": False, "email": "x@example.com", "organization_id": None, "id": "x",
              "epoch": 9}  # fmt: skip
    assert viewer.put(PROFILE, rights).status == 200
    assert account_of(viewer) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "x" * 201),
        ("bio", "x" * 2001),
        ("bio", "a\0b"),
        ("company", "two\nlines"),
        ("phone", "12"),
        ("phone", ""),
        ("phone", 14155550123),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", ""),
        ("timezone", "Mars/Base"),
        ("language", "english please"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(viewer: Client, field: str, value: Any) -> None:
    before = account_of(viewer)
    answer = viewer.put(PROFILE, {"company": "Lost", field: value})
    assert answer.status == 422, answer
    assert [problem["loc"] for problem in answer.body["detail"]] == [["body", field]]
    assert account_of(viewer) == before


def test_changes_at_the_same_time_are_all_kept(viewer: Client) -> None:
    names = list(FULL)
    answers = in_threads(len(names), lambda n: viewer.put(PROFILE, {names[n]: FULL[names[n]]}))
    assert [a.status for a in answers] == [200] * len(names)  # type: ignore[union-attr]
    body = viewer.get(PROFILE).body
    assert {name: body[name] for name in FULL} == FULL


def test_a_profile_needs_somebody(platform: Client) -> None:
    for answer in (platform.get(PROFILE), platform.put(PROFILE, {"bio": "x"})):
        assert (answer.status, answer.body) == (401, {"detail": "Could not validate credentials"})


def test_in_development_nobody_has_the_default_accounts_profile(development: Client) -> None:
    answer = development.get(PROFILE)
    assert (answer.status, answer.body["id"], answer.body["role"]) == (200, DEFAULT_ID, "super_admin")
    assert development.put(PROFILE, {"bio": "Everybody"}).status == 200
    assert development.get(PROFILE).body["bio"] == "Everybody"
