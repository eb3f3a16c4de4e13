"""The audit log read by many at once, and after more was done than one reader takes in."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.store import ConditionFailed
from quintet.testing import Client
from softfactory.audit import pending, sequencer
from softfactory.service import store
from softfactory.trail.log import Act, record
from tests.functions.softfactory.audit.support import ADA, enter
from tests.support.aws import in_threads

LOG = "/api/admin/audit-logs"


def burst(count: int) -> None:
    for _ in range(count // 50):
        tx = store.transaction()
        for _ in range(50):
            record(tx, Act(ADA, "req-1"), "role.create", resource="role")
        tx.commit()


def test_many_exports_are_answered_while_one_takes_the_trail_in(admin: Client) -> None:
    burst(200)
    answers = in_threads(8, lambda _: admin.get(f"{LOG}/export?limit=1").body["pending"])
    assert answers == [0] * 8
    assert admin.get(LOG).body["total"] == 208


def test_who_loses_every_race_exports_the_log_as_it_is(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any) -> int:
        raise ConditionFailed()

    enter()
    sequencer.drain()
    burst(50)
    monkeypatch.setattr(sequencer, "_step", lost)
    monkeypatch.setattr(sequencer, "_watched", lambda *_: False)
    export = admin.get(f"{LOG}/export")
    table = admin.get(f"{LOG}/export?format=csv")
    assert (export.body["total"], export.body["pending"], export.headers["x-pending-count"]) == (1, 50, "50")
    assert (table.headers["x-total-count"], table.headers["x-pending-count"]) == ("1", "51")
    assert admin.get(LOG).body["total"] == 53


def test_of_a_trail_that_is_longer_than_a_reader_reads_the_rest_is_counted(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "MOST", 20)
    burst(50)
    found = admin.get(LOG).body
    assert (found["total"], found["pending"]) == (20, 30)
    assert admin.get("/api/admin/compliance/report").body["audit_log"]["entries"] == 50


def test_an_exports_own_entry_tells_the_range_as_it_was_asked_for(admin: Client) -> None:
    answer = admin.get(f"{LOG}/export?date_to=2030-01-31")
    admin.request("HEAD", f"{LOG}/export")  # delivers nothing, and so is no export
    listed = admin.get(LOG)
    assert {answer.headers["cache-control"], listed.headers["cache-control"]} == {"no-store"}
    (entry,) = listed.body["logs"]
    assert entry["after"]["filters"] == {"date_to": "2030-01-31T23:59:59Z"}


def test_who_was_shut_out_is_among_the_entries_about_access(admin: Client) -> None:
    for action in ("user.ban", "user.deactivate", "user.delete", "file.upload"):
        enter(action, resource="user", resource_id=ADA)
    assert admin.get("/api/rbac/audit").body["total"] == 3


def test_an_export_has_all_that_was_done_before_it(admin: Client) -> None:
    burst(300)
    found = admin.get(f"{LOG}/export?limit=2").body
    assert (found["total"], found["pending"]) == (300, 0)
    enter()
    follow = admin.get(f"{LOG}/export?limit=2&cursor={found['next_cursor']}").body
    assert (follow["total"], follow["pending"]) == (300, 0)
