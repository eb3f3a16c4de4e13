"""Every entity of the suite is known to the registry, and what the plan says stays is what stays."""

from __future__ import annotations

import pkgutil
from datetime import timedelta
from importlib import import_module

import pytest

import softfactory
from quintet.auth.caps import Sent
from quintet.models.time import FrozenClock, rfc3339
from quintet.store import Entity
from quintet.testing import Client
from softfactory.accounts import passwords
from softfactory.audit.sealing import ANONYMOUS_LIFE
from softfactory.people.entities import User
from softfactory.privacy.registry import KEPT, KINDS
from softfactory.service import store
from tests.functions.softfactory.conftest import PASSWORD, account_of, as_account
from tests.functions.softfactory.privacy.conftest import ADDRESS, DELETE, EMAIL, good, until_done, where_it_stands

pytestmark = pytest.mark.usefixtures("noon")

NOBODYS = {
    "Admins", "Catalogue", "Census", "Checkpoint", "Chunk", "CoverageRow", "Day", "Head", "KnownKind", "Located",
    "Role", "RoleName", "Seeded", "Tile",
}  # fmt: skip
"""Entities that say nothing about a person, or name one by the random word of a key alone."""
PERSONAL = {
    "profile": {"EmailClaim", "Holder", "User"},
    "networks": {"Origin"},
    "credentials": {"TwoFactor"},
    "identities": {"Link", "Linked"},
    "files": {"Awaited", "Loose", "Refused", "StoredFile", "Usage"},
    "translations": {"Part"},
    "reports": {"Filed", "Report", "Reported", "Standing"},
    "subscriptions": {"Subscription"},
    "exports": {"DataExport", "Erasure"},
    "activity": {"Entry", "Leaf", "Subject", "SubjectKey"},
}
"""By the kind of data that they belong to."""
EXPIRING = {"Challenge", "Noted"}
"""Those that the plan names among what stays, until they expire."""


def test_every_entity_belongs_to_a_kind_of_data_or_to_nobody() -> None:
    """A domain that keeps more says here with which kind it is copied and erased."""
    for module in pkgutil.walk_packages(softfactory.__path__, "softfactory."):
        import_module(module.name)
    waiting, found = [Entity], set[str]()
    while waiting:
        each = waiting.pop()
        waiting += each.__subclasses__()
        if each.__module__.startswith("softfactory."):
            found.add(each.__name__)
    assert found - NOBODYS - EXPIRING - set[str]().union(*PERSONAL.values()) == set()
    assert set(PERSONAL) <= {kind.name for kind in KINDS}
    assert len(found) > 30


def test_addresses_of_refused_sign_ins_stay_as_long_as_the_plan_says(
    suite: Client, admin: Client, ada: User, noon: FrozenClock
) -> None:
    by = account_of(admin)
    keeps = good(admin.post(DELETE, {"user_id": ada.id}))["keeps"]
    ends = noon.at + timedelta(days=30) + ANONYMOUS_LIFE
    (told,) = [each for each in keeps if "Network addresses of refused sign-ins" in each["what"]]
    assert told["until"] == rfc3339(ends)
    noon.advance(days=30)
    until_done()

    def shown() -> set[str | None]:
        rows = good(as_account(suite, by).get("/api/admin/audit-logs?action=auth.login_refused"))["logs"]
        assert {row["resource_id"] for row in rows} == {None}
        return {row["ip_address"] for row in rows}

    assert shown() == {ADDRESS}
    noon.advance(days=ANONYMOUS_LIFE.days)
    assert shown() == {None}


@pytest.mark.parametrize("word", ["Logs of the functions", "reasons for bans and rejections", "an address that it had"])
def test_what_else_stays_is_named(word: str) -> None:
    assert sum(word in kept.what for kept in KEPT) == 1


def test_what_failed_from_a_known_network_is_forgotten_with_it(suite: Client, ada: User) -> None:
    suite.post("/api/auth/login", {"email": EMAIL, "password": f"{PASSWORD}x"}, ip=ADDRESS)
    counted = [place for place in where_it_stands(EMAIL) if place.startswith(f"SENT#login#origin:{EMAIL}:{ADDRESS}")]
    assert len(counted) == 1
    passwords.forget_origins(EMAIL)
    assert store.query(Sent, purpose="login", what=f"origin:{EMAIL}:{ADDRESS}").items == []
