"""The activity log: entries come with what they tell of, and stand in the list of one organization."""

from __future__ import annotations

import pytest

from caidence.access import roles
from caidence.activity.log import LONGEST, RESOURCES, Activity, page, record
from caidence.directory.entities import Brand, Organization, User
from caidence.service import store
from quintet.models import SkipQuery
from quintet.store import ConditionFailed
from tests.functions.caidence.conftest import make_brand, make_user


def note(user: User, description: str, organization_id: str | None = None) -> None:
    tx = store.transaction()
    record(tx, user, "brand.created", description, organization_id=organization_id)
    tx.commit()


def told(user: User, *, everywhere: bool = False) -> list[str]:
    return [entry.description for entry in page(SkipQuery(), user, everywhere=everywhere).items]


def test_an_entry_stands_in_the_list_of_one_organization(organization: Organization, other: Organization) -> None:
    ours, theirs, nobodys = make_user("viewer", organization), make_user("viewer", other), make_user("viewer", None)
    root = make_user("root", None)
    note(ours, "one")
    note(theirs, "two")
    note(nobodys, "three")
    note(root, "four", organization.id)
    assert told(ours) == ["four", "one"]
    assert told(theirs) == ["two"]
    assert told(nobodys) == ["three"]
    assert told(root) == []
    assert told(root, everywhere=True) == ["four", "three", "two", "one"]


def test_an_entry_says_who_did_what(organization: Organization) -> None:
    user = make_user("viewer", organization)
    note(user, "Created the brand Fizz")
    found = page(SkipQuery(limit=1), user)
    assert found.total == 1
    assert found.items[0].model_dump(include={"organization_id", "user_id", "type", "description"}) == {
        "organization_id": organization.id, "user_id": user.id, "type": "brand.created",
        "description": "Created the brand Fizz",
    }  # fmt: skip


def test_entries_are_about_resources_that_there_are() -> None:
    assert set(RESOURCES.values()) <= set(roles.RESOURCES)


def test_what_does_not_happen_is_not_told(organization: Organization) -> None:
    user, brand = make_user("viewer", organization), make_brand(organization)
    tx = store.transaction()
    tx.create(Brand.model_validate(brand.model_dump()))
    record(tx, user, "brand.created", "twice")
    with pytest.raises(ConditionFailed):
        tx.commit()
    assert (told(user), store.count(Activity, place=organization.id)) == ([], 0)


def test_a_long_description_is_cut(organization: Organization) -> None:
    user = make_user("viewer", organization)
    note(user, "x" * (LONGEST + 1))
    assert told(user) == ["x" * (LONGEST - 1) + "…"]
