"""The audit log over HTTP: what it shows, to whom, and found by what."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest

from quintet.models import now
from quintet.models.time import FrozenClock, frozen
from quintet.testing import Client, schedule_event
from softfactory.audit import paging
from softfactory.audit.facts import is_access
from softfactory.audit.operations import sequence
from softfactory.audit.sequencer import drain
from softfactory.service import store
from softfactory.trail.log import LONGEST, Entry
from tests.functions.softfactory.audit.support import ADA, ADDRESS, BOB, EVE, enter
from tests.functions.softfactory.conftest import SignIn, account_of
from tests.support.calls import recorded

LOG, ACCESS = "/api/admin/audit-logs", "/api/rbac/audit"
DAY = datetime(2026, 11, 30, tzinfo=UTC)


def listed(client: Client, path: str = LOG, **query: Any) -> Any:
    answer = client.get(f"{path}?{urlencode(query)}")
    assert answer.status == 200, answer
    return answer.body


def test_the_log_shows_whole_entries_newest_first(noon: FrozenClock, admin: Client) -> None:
    enter("role.create", resource_id="r1", after={"name": "support"})
    noon.advance(minutes=1)
    enter("user.ban", by=BOB, on_behalf=EVE, resource="user", resource_id=ADA, before={"status": "active"})
    found = listed(admin)
    assert found == {
        "logs": found["items"], "total": 2, "limit": 20, "offset": 0,
        "items": [
            {
                "id": found["logs"][0]["id"], "user_id": BOB, "impersonator_id": EVE, "action": "user.ban",
                "resource": "user", "resource_type": "user", "resource_id": ADA, "timestamp": "2026-11-30T12:01:00Z",
                "ip_address": ADDRESS, "before": {"status": "active"}, "after": None, "request_id": "req-1",
                "erased": False,
            },
            {
                "id": found["logs"][1]["id"], "user_id": ADA, "impersonator_id": None, "action": "role.create",
                "resource": "role", "resource_type": "role", "resource_id": "r1", "timestamp": "2026-11-30T12:00:00Z",
                "ip_address": ADDRESS, "before": None, "after": {"name": "support"}, "request_id": "req-1",
                "erased": False,
            },
        ],
    }  # fmt: skip
    for shown in found["logs"]:
        assert admin.get(f"{LOG}/{shown['id']}").body == shown


def test_an_empty_log_is_an_empty_list(admin: Client) -> None:
    assert listed(admin) == {"logs": [], "items": [], "total": 0, "limit": 20, "offset": 0}
    assert listed(admin, action="role", user_id=ADA)["total"] == 0


@pytest.mark.parametrize("path", [LOG, f"{LOG}/export", f"{LOG}/{EVE}"])
def test_the_log_is_for_whoever_may_read_administration(suite: Client, sign_in: SignIn, path: str) -> None:
    assert suite.get(path).status == 401
    assert sign_in("user").get(path).status == 403
    assert sign_in("creator").get(path).status == 403
    assert sign_in("moderator").get(path).status == (404 if path.endswith(EVE) else 200)


@pytest.mark.parametrize("path", [ACCESS, f"{ACCESS}/{EVE}", f"{ACCESS}/export"])
def test_what_is_about_access_is_for_whoever_may_read_roles(suite: Client, sign_in: SignIn, path: str) -> None:
    def ask(client: Client) -> int:
        return client.post(path, {}).status if path.endswith("export") else client.get(path).status

    assert ask(suite) == 401
    assert ask(sign_in("user")) == 403
    assert ask(sign_in("moderator")) == 403
    assert ask(sign_in("admin")) == (404 if path.endswith(EVE) else 200)


def test_what_is_about_access_alone_is_shown_under_rbac(admin: Client) -> None:
    enter("auth.login", resource="user", resource_id=ADA)
    enter("rate_limits.update", resource="rate_limits")
    enter("permission.override", resource="user", resource_id=BOB)
    enter("user.ban", resource="user", resource_id=BOB)
    found = listed(admin, ACCESS)
    assert [each["action"] for each in found["logs"]] == ["user.ban", "permission.override", "auth.login"]
    assert found["total"] == 3
    assert listed(admin, ACCESS, user_id=ADA, action="auth")["total"] == 1
    assert listed(admin, ACCESS, action="rate_limits")["total"] == 0
    everything = {each["action"]: each["id"] for each in listed(admin)["logs"]}
    assert len(everything) == 4
    assert admin.get(f"{ACCESS}/{everything['auth.login']}").body["action"] == "auth.login"
    hidden = admin.get(f"{ACCESS}/{everything['rate_limits.update']}")
    assert (hidden.status, hidden.error["code"]) == (404, "audit_entry_not_found")


@pytest.mark.parametrize("id", [BOB, "not-an-id", "0", "%20"])
def test_an_unknown_entry_is_404(admin: Client, id: str) -> None:
    enter()
    assert admin.get(f"{LOG}/{id}").status == 404
    assert admin.get(f"{ACCESS}/{id}").status == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("offset=-1", "offset"),
        ("sort=action", "sort"),
        ("user_id=ada", "user_id"),
        ("date_from=yesterday", "date_from"),
        ("date_from=2026-02-30", "date_from"),
        ("date_from=2026-W49-2", "date_from"),
        ("date_from=1764590400", "date_from"),
        ("date_to=2026-13-01", "date_to"),
        ("date_from=%20", "date_from"),
        (f"action={'x' * 101}", "action"),
    ],
)
def test_a_bad_parameter_is_named(admin: Client, query: str, field: str) -> None:
    for path in (LOG, ACCESS):
        answer = admin.get(f"{path}?{query}")
        assert answer.status == 422, answer
        assert [each["field"] for each in answer.error["details"]] == [field]


def test_empty_parameters_ask_for_nothing(admin: Client) -> None:
    enter()
    assert admin.get(f"{LOG}?resource_type=&action=&user_id=&date_from=&date_to=").body["total"] == 1


def test_a_day_belongs_to_its_range(admin: Client) -> None:
    with frozen(DAY - timedelta(seconds=1)) as clock:
        for step in (1, 86_399, 1, 0):
            enter("user.ban", resource="user")
            clock.advance(seconds=step)
    for query, total in (
        ({"date_from": "2026-11-30"}, 3),
        ({"date_to": "2026-11-29"}, 1),
        ({"date_to": "2026-11-30"}, 3),
        ({"date_from": "2026-11-30", "date_to": "2026-11-30"}, 2),
        ({"date_from": "2026-12-02"}, 0),
        ({"date_from": "2026-11-30T23:59:59Z"}, 2),
        ({"date_from": "2026-11-30T23:59:59Z", "date_to": "2026-11-30T23:59:59Z"}, 1),
        ({"date_from": "2026-12-01T09:00:00+09:00"}, 1),
        ({"date_from": "0001-01-01", "date_to": "9999-12-31"}, 4),
        ({"date_from": "0001-01-01T00:00:00+14:00", "date_to": "9999-12-31T23:59:59-14:00"}, 4),
        ({"date_from": "9999-12-31T23:59:59-14:00"}, 0),
        ({"date_from": "2026-12-01", "date_to": "2026-11-30"}, 0),
    ):
        assert listed(admin, **query)["total"] == total, query
        assert listed(admin, action="user", **query)["total"] == total, query


ACTIONS = (("role.create", "role"), ("role.update", "role"), ("user.ban", "user"), ("auth.login", "user"))


def filled(count: int = 40) -> list[dict[str, Any]]:
    """A log of entries over some days, and what each of them is."""
    choose = random.Random(7)
    written: list[dict[str, Any]] = []
    with frozen(DAY) as clock:
        for number in range(count):
            action, resource = choose.choice(ACTIONS)
            user = choose.choice((ADA, BOB, None))
            written.append({"n": number, "action": action, "resource": resource, "user_id": user, "at": now()})
            enter(action, by=user, resource=resource, after={"n": number})
            clock.advance(seconds=choose.choice((0, 0, 1, 3600, 40_000)))
            if number % 9 == 0:
                drain()
    return written


def test_all_filters_together_find_what_looking_at_every_entry_finds(admin: Client) -> None:
    written = filled(60)
    ranges: list[dict[str, str]] = [
        {}, {"date_from": "2026-12-02"}, {"date_from": "2026-12-01", "date_to": "2026-12-03"},
        {"date_to": "2026-12-02T13:00:00Z"},
    ]  # fmt: skip
    asked = list(product((None, "role", "user"), (None, "role", "user.ban", "auth."), (None, ADA, EVE), ranges))
    for resource, action, user, within in random.Random(3).sample(asked, 30):
        given = {"resource_type": resource, "action": action, "user_id": user, **within}
        query = {name: value for name, value in given.items() if value}
        expected = [each["n"] for each in written if matches(each, **query)][::-1]
        found = listed(admin, limit=7, offset=2, **query)
        assert (found["total"], [each["after"]["n"] for each in found["logs"]]) == (len(expected), expected[2:9]), query
        if resource is None:
            access = [n for n in expected if is_access(written[n]["action"], written[n]["resource"])]
            assert listed(admin, ACCESS, **query)["total"] == len(access), query


def matches(entry: dict[str, Any], **query: str) -> bool:
    family = entry["action"].partition(".")[0]
    day = entry["at"].date().isoformat()
    until = query.get("date_to", "9")
    return (
        query.get("resource_type") in (None, entry["resource"])
        and query.get("action") in (None, entry["action"], family, family + ".")
        and query.get("user_id") in (None, entry["user_id"])
        and query.get("date_from", "") <= day
        and (day <= until if "T" not in until else entry["at"] <= datetime.fromisoformat(until))
    )


@pytest.mark.parametrize("query", [{}, {"action": "role"}, {"user_id": ADA}, {"user_id": BOB, "resource_type": "user"}])
def test_cursors_lead_through_a_list_that_grows(admin: Client, query: dict[str, str]) -> None:
    written = filled()
    for sort in ("-created_at", "timestamp"):
        expected = [each["n"] for each in written if matches(each, **query)]
        answer = admin.get(f"{LOG}?{urlencode({**query, 'limit': 6, 'sort': sort, 'date_to': '2027-12-31'})}")
        found = [each["after"]["n"] for each in answer.body["logs"]]
        while "link" in answer.headers:
            enter("role.create", by=ADA, resource="user", after={"n": -1})
            answer = admin.get(LOG + answer.headers["link"].partition(">")[0][1:])
            found += [each["after"]["n"] for each in answer.body["logs"]]
        kept = [n for n in found if n >= 0]
        assert kept == (expected if sort == "timestamp" else expected[::-1])


def test_a_cursor_of_another_list_is_refused(admin: Client) -> None:
    for _ in range(3):
        enter()
    cursor = admin.get(f"{LOG}?limit=1").headers["link"].partition("cursor=")[2].partition(">")[0]
    assert admin.get(f"{LOG}?limit=1&cursor={cursor}").status == 200
    for other in (f"{LOG}?action=role&cursor={cursor}", f"{LOG}?sort=created_at&cursor={cursor}", f"{ACCESS}?cursor=x"):
        answer = admin.get(other)
        assert (answer.status, answer.error["code"]) == (400, "invalid_cursor")


def test_a_page_of_the_whole_log_costs_the_same_however_deep(admin: Client) -> None:
    filled()
    listed(admin)
    costs = []
    for offset in (0, 30):
        with recorded() as calls:
            assert len(listed(admin, limit=5, offset=offset)["logs"]) == 5
        costs.append(sorted(calls.names))
    assert costs[0] == costs[1]
    assert listed(admin, offset=1_000_000)["logs"] == []


@pytest.mark.parametrize("query", ["", "&action=role", "&sort=created_at"])
def test_a_page_that_an_answer_cannot_carry_ends_early(
    admin: Client, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(paging, "MAX_PAGE_BYTES", 100_000)
    for number in range(9):
        enter("role.update", before={"a": '"' * (LONGEST // 3)}, after={"n": number})
    found, path = list[int](), f"?limit=9{query}"
    while path:
        answer = admin.get(LOG + path)
        assert len(json.dumps(answer.raw.decode(), ensure_ascii=False).encode()) < 100_000
        found += [each["after"]["n"] for each in answer.body["logs"]]
        path = answer.headers.get("link", "").partition(">")[0][1:]
    assert found == list(range(9))[:: 1 if "sort" in query else -1]


def test_the_clock_takes_entries_in(admin: Client) -> None:
    enter()
    sequence(schedule_event())
    assert store.query(Entry).items == []
    assert listed(admin)["total"] == 1


def test_what_an_administrator_does_is_seen_at_once(admin: Client) -> None:
    made = admin.post("/api/rbac/roles", {"name": "support", "description": "", "permissions": ["SNS_READ"]})
    assert made.status == 201
    (found,) = listed(admin, ACCESS, action="role.create")["logs"]
    assert (found["user_id"], found["resource_id"]) == (account_of(admin).id, made.body["role_id"])
