"""The past is what it was: at every moment the folded log says what the present view said then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from caidence.access import changes
from caidence.access.audit import Actor, Change
from caidence.access.changes import add_user, change_assignments, change_overrides, change_user
from caidence.access.grants import Grants, Principal, ScopedRole, ScopeType, principal
from caidence.access.history import rights_at
from caidence.access.overrides import placed, without
from caidence.access.rights import Rights
from caidence.directory.entities import User
from caidence.service import store
from quintet.models import now
from quintet.store import Transaction
from tests.functions.caidence.conftest import make_user
from tests.support import aws

ACTOR = Actor("actor", "actor@example.com", "request")
permissions = st.sampled_from([("crm", "read"), ("crm", "write"), ("content", "read")])
places: st.SearchStrategy[tuple[ScopeType, str | None]] = st.sampled_from(
    [("global", None), ("brand", "b1"), ("organization", "o1")]
)
scoped = places.filter(lambda place: place[1] is not None)


class Replay(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[datetime, Rights]] = []

    def teardown(self) -> None:
        for at, rights in self.seen:
            assert rights_at(self.id, at) == rights

    @initialize(noted=st.booleans())
    def begin(self, noted: bool) -> None:
        if noted:
            tx = store.transaction()
            user = User(email="a@example.com", full_name="A", role="viewer")
            add_user(tx, ACTOR, user)
            tx.commit()
        else:
            user = make_user("viewer", None)
        self.id = user.id
        self.note()

    @rule(role=st.sampled_from(["viewer", "creator", "brand_admin"]), approved=st.booleans(), active=st.booleans())
    def change_the_user(self, role: str, approved: bool, active: bool) -> None:
        held = self.held
        fields = {"role": role, "is_approved": approved, "is_active": active, "updated_at": now()}
        tx = store.transaction()
        change_user(tx, ACTOR, held, held.user.model_copy(update=fields))
        self.commit(tx)

    @rule(orders=st.lists(st.tuples(permissions, places, st.booleans()), min_size=1, max_size=5))
    def place_overrides(self, orders: list[tuple[tuple[str, str], tuple[ScopeType, str | None], bool]]) -> None:
        held = self.held
        grants = held.grants
        for (resource, action), (kind, scope_id), allowed in orders:
            grants, _ = placed(grants, resource, action, allowed, "x", scope_type=kind, scope_id=scope_id)
        self.write_overrides(held, grants)

    @rule(permission=permissions)
    def remove_overrides(self, permission: tuple[str, str]) -> None:
        held = self.held
        self.write_overrides(held, without(held.grants, lambda o: (o.resource, o.action) == permission))

    @rule(
        place=places.filter(lambda place: place[1] is not None), role=st.sampled_from([None, "creator", "brand_admin"])
    )
    def assign_in_a_scope(self, place: tuple[ScopeType, str | None], role: str | None) -> None:
        held = self.held
        kept = [a for a in held.grants.assignments if a.place != place]
        if role:
            kept.append(ScopedRole(role=role, scope_type=place[0], scope_id=place[1], created_by="x"))
        tx = store.transaction()
        change_assignments(tx, ACTOR, held, held.grants.model_copy(update={"assignments": kept}))
        self.commit(tx)

    @invariant()
    def the_number_of_changes_is_that_of_the_log(self) -> None:
        if self.seen:
            grants = self.held.grants
            logged = list(store.each(Change, about=f"{self.id}:changes"))
            assert sum(grants.changes.values()) == len(logged)

    @property
    def held(self) -> Principal:
        found = principal(self.id)
        assert found is not None
        return found

    def write_overrides(self, held: Principal, grants: Grants) -> None:
        tx = store.transaction()
        change_overrides(tx, ACTOR, held, grants)
        self.commit(tx)

    def commit(self, tx: Transaction) -> None:
        tx.commit()
        self.note()

    def note(self) -> None:
        self.seen.append((now(), Rights.of(self.held)))


@pytest.fixture(scope="module", autouse=True)
def one_table() -> Iterator[None]:
    """Every example has a user of its own, so all can share a table; the whole state is carried often."""
    with aws.system("caidence", {}), patch.object(changes, "WHOLE_EVERY", 3):
        yield


TestReplay = Replay.TestCase
TestReplay.settings = settings(max_examples=6, stateful_step_count=8, deadline=None)
