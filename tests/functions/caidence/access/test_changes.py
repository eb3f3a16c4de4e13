"""Changes of users: what is written together, and what refuses."""

from __future__ import annotations

import pytest

from caidence.access import audit, catalogue, changes
from caidence.access.audit import Actor
from caidence.access.grants import Principal, principal
from caidence.access.history import rights_at
from caidence.access.overrides import placed
from caidence.access.rights import Rights
from caidence.access.roles import StoredRole
from caidence.directory.entities import Organization, User
from caidence.service import store
from quintet.api import ApiError
from quintet.models import SkipQuery, now
from quintet.store import ConditionFailed
from quintet.testing import Client
from tests.functions.caidence.conftest import make_user

ACTOR = Actor("actor", "actor@example.com", "request-1")


def held(user: User) -> Principal:
    found = principal(user.id)
    assert found is not None
    return found


def added(role: str = "viewer", organization: Organization | None = None) -> User:
    tx = store.transaction()
    user = User(email="new@example.com", full_name="New", role=role, is_approved=True,
                organization_id=organization.id if organization else None)  # fmt: skip
    changes.add_user(tx, ACTOR, user)
    tx.commit()
    return user


def changed(before: Principal, **fields: object) -> Principal:
    tx = store.transaction()
    changes.change_user(tx, ACTOR, before, before.user.model_copy(update=fields))
    tx.commit()
    return held(before.user)


def test_a_change_shows_the_fields_that_differ_and_is_counted(platform: Client) -> None:
    user = added()
    changed(held(user), role="creator", is_approved=False)
    page = audit.page(SkipQuery(), None, user.id)
    assert page.total == 2
    latest, first = page.items
    assert (latest.action, latest.before, latest.after) == (
        "user.update",
        {"role": "viewer", "is_approved": True},
        {"role": "creator", "is_approved": False},
    )
    assert first.action == "user.invite"
    assert first.before is None
    assert first.after
    assert first.after["email"] == "new@example.com"


def test_the_past_of_a_user_who_was_never_noted_is_what_they_were_at_the_first_change(platform: Client) -> None:
    user = make_user("viewer", None)
    before = now()
    changed(held(user), role="creator")
    past = rights_at(user.id, before)
    assert past is not None
    assert past.role == "viewer"
    assert rights_at(user.id, now()) == Rights.of(held(user))


def test_there_are_no_rights_before_the_account(platform: Client) -> None:
    before = now()
    assert rights_at(added().id, before) is None


def test_the_last_root_stays_what_it_is_where_it_is(platform: Client, organization: Organization) -> None:
    one, two = added("root"), make_user("root", None)
    changed(held(two), is_active=False)
    for fields in ({"role": "viewer"}, {"is_active": False}, {"is_approved": False}, {"organization_id": "x"}):
        with pytest.raises(ApiError) as refused:
            changed(held(one), **fields)
        assert (refused.value.status, refused.value.code) == (403, "last_root")
    changed(held(two), is_active=True)
    changed(held(one), role="viewer")


def test_a_custom_role_is_given_out_only_by_the_catalogue_that_still_stands(platform: Client) -> None:
    before = held(added())
    at = now()
    lead = StoredRole(id="lead", name="lead", level=55, permissions_json={}, created_at=at, updated_at=at)
    catalogue.write(ACTOR, catalogue.read(), "role.create", None, lead)
    judged = catalogue.read()
    catalogue.write(ACTOR, judged, "role.delete", lead, None)
    tx = store.transaction()
    changes.change_user(tx, ACTOR, before, before.user.model_copy(update={"role": "lead"}), catalogue=judged)
    with pytest.raises(ConditionFailed):
        tx.commit()
    with pytest.raises(TypeError):
        changes.change_user(store.transaction(), ACTOR, before, before.user.model_copy(update={"role": "lead"}))


def test_overrides_judged_by_a_level_that_was_left_meanwhile_are_not_written(platform: Client) -> None:
    before = held(added())
    changed(before, role="super_admin")
    after, _ = placed(before.grants, "crm", "read", allowed=False, by="x")
    tx = store.transaction()
    changes.change_overrides(tx, ACTOR, before, after)
    with pytest.raises(ConditionFailed):
        tx.commit()
