"""The log as it is read while entries are on their way there: nothing is missing, doubled or moved, nothing written."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest

from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.audit import pending
from softfactory.audit.facts import is_access
from softfactory.audit.reading import leaves_at
from softfactory.audit.sequencer import drain
from softfactory.service import store
from softfactory.trail.log import Act, Entry, record
from tests.bench.meter import metered
from tests.functions.softfactory.audit.support import ADA, ADDRESS, BOB, EVE, enter
from tests.functions.softfactory.conftest import account_of
from tests.support.calls import recorded

LOG, ACCESS = "/api/admin/audit-logs", "/api/rbac/audit"
READS = {"GetItem", "BatchGetItem", "Query"}


def listed(client: Client, path: str = LOG, **query: Any) -> Any:
    answer = client.get(f"{path}?{urlencode(query)}")
    assert answer.status == 200, answer
    return answer.body


def numbers(found: Any) -> list[int]:
    return [each["after"]["n"] for each in found["logs"]]


def walk(client: Client, path: str, between: Any) -> list[int]:
    """The numbers of all entries of a list, with something done between its pages."""
    answer = client.get(path)
    found = numbers(answer.body)
    while "link" in answer.headers:
        between()
        answer = client.get(path.partition("?")[0] + answer.headers["link"].partition(">")[0][1:])
        assert answer.status == 200, answer
        found += numbers(answer.body)
    return found


def fill(first: int, last: int) -> None:
    for number in range(first, last):
        enter(("role.create", "user.ban")[number % 2], by=(ADA, BOB)[number // 2 % 2], after={"n": number})


QUERIES: list[dict[str, Any]] = [
    {}, {"action": "role"}, {"action": "user.ban"}, {"resource_type": "user"}, {"user_id": BOB},
    {"user_id": ADA, "action": "auth"}, {"date_from": "2026-11-30T12:00:02Z"}, {"date_to": "2026-11-30T12:00:01Z"},
]  # fmt: skip


def test_what_waits_is_listed_as_the_log_will_have_it(noon: FrozenClock, admin: Client) -> None:
    shown = ("role.create", "role"), ("auth.login", "user"), ("file.upload", "file"), ("user.ban", "user")
    for number in range(16):
        action, resource = shown[number % 4]
        enter(
            action, by=(ADA, BOB, None)[number % 3], on_behalf=EVE if number == 7 else None, resource=resource,
            resource_id=BOB, before={"n": number}, after={"a": [1, None]},
        )  # fmt: skip
        noon.advance(milliseconds=300)
        if number == 5:
            drain()
    asked = [(LOG, query) for query in QUERIES]
    asked += [(ACCESS, query) for query in QUERIES if "resource_type" not in query]
    asked += [(f"/api/admin/users/{account_of(admin).id}/activities", {})]
    before = [listed(admin, path, **query) for path, query in asked]
    entries = listed(admin)["logs"]
    single = [admin.get(f"{LOG}/{each['id']}").body for each in entries]
    assert single == entries
    assert drain() == 10
    assert [listed(admin, path, **query) for path, query in asked] == before
    assert [admin.get(f"{LOG}/{each['id']}").body for each in entries] == entries


def test_who_only_reads_writes_nothing_and_asks_little(admin: Client) -> None:
    fill(0, 30)
    drain()
    fill(30, 35)
    some = listed(admin, limit=1)["logs"][0]["id"]
    activities = f"/api/admin/users/{account_of(admin).id}/activities"
    paths = [f"{LOG}/{some}", f"{ACCESS}/{some}", activities, "/api/admin/security/report"]
    for path in [*paths, LOG, ACCESS, "/api/admin/compliance/report"]:
        with recorded() as calls:
            assert admin.get(path).status == 200
        assert set(calls.names) <= READS
        assert len(calls.names) <= (25 if path.endswith("report") else 10)


ACTIONS = [f"{family}.act{number}" for family in ("role", "auth", "grant", "session", "user") for number in range(6)]


ASKED: list[dict[str, Any]] = [
    {}, {"action": "auth"}, {"action": "user.act3"}, {"resource_type": "auth"}, {"user_id": ADA},
    {"resource_type": "role", "action": "role"}, {"date_from": "2026-11-30"}, {"sort": "created_at"},
    {"action": "role", "date_from": "2026-11-30"},
]  # fmt: skip


def test_a_page_of_twenty_is_ten_requests_and_twenty_units(noon: FrozenClock, admin: Client) -> None:
    """However many kinds of entries there are."""
    for user in (ADA, BOB, EVE):
        tx = store.transaction()
        for action in ACTIONS:
            record(tx, Act(user, "req-1", ADDRESS), action, resource=action.partition(".")[0])
        tx.commit()
        noon.advance(seconds=3)
    drain()
    for path in (LOG, ACCESS):
        for query in ASKED:
            asked = {name: value for name, value in query.items() if path == LOG or name != "resource_type"}
            with metered() as usage:
                listed(admin, path, **asked)
            assert len(usage.requests) <= 10, (path, query, usage.summary)
            assert usage.reads <= 20, (path, query, usage.reads)
            assert usage.writes == 0


@pytest.mark.parametrize("sort", ["-created_at", "created_at"])
@pytest.mark.parametrize("query", [{}, {"action": "user", "user_id": ADA}])
def test_cursors_lead_through_what_is_taken_in_meanwhile(admin: Client, sort: str, query: dict[str, str]) -> None:
    path = f"{LOG}?{urlencode({**query, 'limit': 4, 'sort': sort})}"
    fill(0, 8)
    drain()
    for first, meanwhile in ((8, lambda: drain(most=3)), (28, drain), (40, lambda: None)):
        fill(first, first + 20)
        whole = numbers(listed(admin, limit=100, sort=sort, **query))
        assert walk(admin, path, meanwhile) == whole


@pytest.mark.parametrize("sort", ["-created_at", "created_at"])
@pytest.mark.parametrize("late", [2, 5, 9])
def test_cursors_survive_that_a_step_overlooks_an_entry(admin: Client, sort: str, late: int) -> None:
    """It was committed after the step had looked, and before a reader did."""
    fill(0, 4)
    drain()
    fill(4, 16)
    overlooked, once = store.query(Entry).items[late], list[int]()

    def take() -> None:
        if not once:
            once.append(1)
            remove(overlooked)
            drain()
            store.create(overlooked)
            drain()

    found = walk(admin, f"{LOG}?limit=5&sort={sort}", take)
    assert found == list(range(16))[:: 1 if sort == "created_at" else -1]


def remove(entry: Entry) -> None:
    tx = store.transaction()
    tx.remove(entry.own_key())
    tx.commit()


@pytest.mark.parametrize("most", [12, 24, 36, 100])
@pytest.mark.parametrize("after", [1, 2])
def test_a_reader_may_meet_the_sequencer_between_its_reads(
    admin: Client, monkeypatch: pytest.MonkeyPatch, most: int, after: int
) -> None:
    """Whatever was taken in between the reading of the tree and of the trail, and between that and the tree again."""
    fill(0, 42)
    reads, busy = list[str](), list[bool]()

    def meddling(read: Any) -> Any:
        def met(*given: Any, **named: Any) -> Any:
            found = read(*given, **named)
            if not busy:
                reads.append(given[0].__name__)
                if len(reads) == after:
                    busy.append(True)
                    drain(most=most)
                    busy.clear()
            return found

        return met

    with monkeypatch.context() as patched:
        watched = SimpleNamespace(get=meddling(store.get), query=meddling(store.query))
        patched.setattr(pending, "store", watched)
        found = pending.read()
    assert reads[:2] == ["Head", "Entry"]
    assert found.size == 42
    shown = [leaf.said["id"] for leaf in leaves_at(range(found.head.size))] + [each.id for each in found.waiting]
    assert len(set(shown)) == 42


def test_what_was_taken_in_and_still_stands_on_the_trail_is_shown_once(admin: Client) -> None:
    fill(0, 12)
    drain(most=1)
    assert len(store.query(Entry).items) == 12
    assert numbers(listed(admin)) == list(range(12))[::-1]
    assert drain() == 0
    assert store.query(Entry).items == []
    assert numbers(listed(admin)) == list(range(12))[::-1]


@pytest.mark.parametrize("taken_in", [False, True])
def test_changes_of_an_account_that_concern_access_are_among_the_entries_about_it(
    admin: Client, taken_in: bool
) -> None:
    for field in ("status", "roles", "email", "name", "bio"):
        enter("user.update", resource="user", resource_id=BOB, before={field: "a"}, after={field: "b"})
    if taken_in:
        drain()
    for query in ({}, {"action": "user.update"}, {"action": "user"}, {"user_id": ADA}):
        found = listed(admin, ACCESS, **query)
        assert [list(each["after"]) for each in found["logs"]] == [["email"], ["roles"], ["status"]], query
        assert found["total"] == 3
        assert listed(admin, LOG, **query)["total"] == 5
    shown = {next(iter(each["after"])): each["id"] for each in listed(admin)["logs"]}
    statuses = {field: admin.get(f"{ACCESS}/{each}").status for field, each in shown.items()}
    assert statuses == {"status": 200, "roles": 200, "email": 200, "name": 404, "bio": 404}


def test_a_status_that_an_administrator_sets_is_an_entry_about_access(admin: Client, user: Client) -> None:
    whom = account_of(user).id
    assert admin.put(f"/api/admin/users/{whom}", {"status": "suspended"}).status == 200
    assert admin.put(f"/api/admin/users/{whom}", {"name": "Another"}).status == 200
    (found,) = listed(admin, ACCESS, action="user")["logs"]
    assert (found["action"], found["after"]["status"], found["resource_id"]) == ("user.update", "suspended", whom)


def test_what_is_about_access() -> None:
    assert is_access("user.update", "user", ["roles", "name"])
    assert not is_access("user.update", "user", ["name", "avatar_url"])
    assert is_access("user.ban", "user")
    assert not is_access("file.upload", "file", ["status"])


def test_an_address_stays_with_the_entry(admin: Client) -> None:
    enter("auth.login", resource="user")
    assert listed(admin)["logs"][0]["ip_address"] == ADDRESS
