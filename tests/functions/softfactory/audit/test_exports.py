"""Exports of the audit log: complete, provable, in parts, and the same after an erasure."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.verify_audit import Report, grew, includes, verify
from quintet.models import now
from quintet.models.time import frozen
from quintet.testing import Client
from softfactory.audit import exports
from softfactory.audit.erasure import erase_subject
from softfactory.audit.proofs import Proofs
from softfactory.audit.reading import entries_of, last_export, leaves_at
from softfactory.audit.sealing import ANONYMOUS_LIFE
from softfactory.audit.sequencer import drain
from softfactory.service import store
from softfactory.trail.log import LONGEST
from tests.functions.softfactory.audit.support import ADA, ADDRESS, BOB, EVE, enter, leave
from tests.functions.softfactory.conftest import account_of
from tests.support.aws import in_threads

LOG, ACCESS = "/api/admin/audit-logs", "/api/rbac/audit"


def exported(client: Client, **query: Any) -> Any:
    answer = client.get(f"{LOG}/export?{urlencode(query)}")
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "application/json"
    return answer.body


def assert_sound(*parts: Any, previous: Any = None, **options: bool) -> Report:
    report = verify(parts, previous, **options)
    assert report.faults == []
    return report


def fill(count: int, action: str = "role.create") -> None:
    for number in range(count):
        values: dict[str, Any] = {
            "resource": action.partition(".")[0],
            "resource_id": str(number),
            "after": {"n": number},
        }
        enter(action, by=(ADA, BOB)[number % 2], **values)


def test_an_export_holds_the_whole_log_with_its_proofs(admin: Client) -> None:
    fill(18)
    enter("auth.login", by=None, resource="user", after={"email": "eve@example.com"})
    found = exported(admin)
    assert found.keys() == {"tree", "logs", "consistency", "total", "pending", "next_cursor"}
    assert (found["tree"]["size"], found["total"], found["next_cursor"]) == (19, 19, None)
    assert [each["leaf_index"] for each in found["logs"]] == list(range(18, -1, -1))
    report = assert_sound(found)
    assert (report.entries, report.erased) == (19, 0)
    shown = admin.get(f"{LOG}/{found['logs'][0]['id']}").body
    proof = {name: found["logs"][0][name] for name in ("leaf_index", "leaf", "salts", "inclusion_proof")}
    assert found["logs"][0] == {**shown, **proof}
    assert json.loads(b64decode(proof["leaf"])).keys() == {
        "id", "timestamp", "action", "resource", "request_id", "user", "client", "subject",
    }  # fmt: skip


def test_an_empty_log_can_be_exported(admin: Client) -> None:
    found = exported(admin)
    assert (found["tree"]["size"], found["logs"], found["consistency"]) == (0, [], [])
    assert_sound(found)


def test_an_export_is_an_entry_of_the_log_itself(admin: Client) -> None:
    fill(2)
    exported(admin, user_id=ADA, resource_type="role", date_from="2020-01-01")
    found = exported(admin)["logs"][0]
    assert (found["action"], found["resource"], found["user_id"]) == ("audit.export", "audit_log", account_of(admin).id)
    assert found["after"] == {
        "format": "json", "entries": 1, "tree_size": 2,
        "filters": {"user_id": ADA, "resource_type": "role", "date_from": "2020-01-01T00:00:00Z"},
    }  # fmt: skip
    admin.post(f"{ACCESS}/export", {"format": "csv"})
    (shown,) = admin.get(f"{ACCESS}?action=audit.export").body["logs"]
    assert (shown["resource"], shown["after"]["format"]) == ("access_log", "csv")


def test_an_export_proves_that_the_log_grew_from_those_before(admin: Client) -> None:
    fill(3)
    first = exported(admin)
    fill(5)
    admin.get(f"{LOG}/export?format=csv")
    second = exported(admin)
    fill(30)
    third = exported(admin)
    assert [(each["first_size"], each["second_size"]) for each in third["consistency"]] == [(10, 41), (9, 41), (3, 41)]
    for older in (first, second):
        assert_sound(third, previous=older)
    assert_sound(second, previous=first)


def test_growth_from_an_export_of_long_ago_is_proven_when_asked_for(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "GROWTHS", 1)
    fill(3)
    first = exported(admin)
    exported(admin), exported(admin)
    assert verify([exported(admin)], first).faults
    assert_sound(exported(admin, first_size=3), previous=first)
    answer = admin.get(f"{LOG}/export?first_size=10000")
    assert (answer.status, [each["field"] for each in answer.error["details"]]) == (422, ["first_size"])


def test_the_parts_of_an_export_are_of_one_tree(admin: Client) -> None:
    fill(25)
    parts = [exported(admin, limit=10)]
    while parts[-1]["next_cursor"]:
        fill(1)
        parts.append(exported(admin, limit=10, cursor=parts[-1]["next_cursor"]))
    assert [len(part["logs"]) for part in parts] == [10, 10, 5]
    assert {part["tree"]["size"] for part in parts} == {25}
    assert {part["total"] for part in parts} == {25}
    assert_sound(*parts)
    assert_sound(parts[1], partial=True)


def test_a_filtered_export_goes_on_by_its_cursor(admin: Client) -> None:
    fill(9)
    fill(5, "limits.change")
    asked = {"action": "role", "user_id": ADA, "limit": 2}
    parts = [exported(admin, **asked)]
    while parts[-1]["next_cursor"]:
        parts.append(exported(admin, **asked, cursor=parts[-1]["next_cursor"]))
    assert [each["after"]["n"] for part in parts for each in part["logs"]] == [8, 6, 4, 2, 0]
    assert {part["total"] for part in parts} == {5}
    assert_sound(*parts, filtered=True)
    assert verify(parts).faults
    assert_sound(parts[0], filtered=True, partial=True)


def test_a_part_is_never_larger_than_an_answer(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_BYTES", 60_000)
    for number in range(12):
        enter("role.update", before={"a": '"' * (LONGEST // 3)}, after={"n": number})
    parts = [exported(admin)]
    while parts[-1]["next_cursor"]:
        parts.append(exported(admin, cursor=parts[-1]["next_cursor"]))
    assert len(parts) > 1
    for part in parts:
        sent = json.dumps(json.dumps(part, ensure_ascii=False), ensure_ascii=False)
        assert len(sent) < 60_000 + 5_000
    assert_sound(*parts)


@pytest.mark.parametrize(
    ("query", "field"),
    [("format=xml", "format"), ("limit=1001", "limit"), ("first_size=0", "first_size"), ("user_id=x", "user_id")],
)  # fmt: skip
def test_a_bad_parameter_is_named(admin: Client, query: str, field: str) -> None:
    answer = admin.get(f"{LOG}/export?{query}")
    assert (answer.status, [each["field"] for each in answer.error["details"]]) == (422, [field])
    name, _, value = query.partition("=")
    body = {name: int(value) if value.isdigit() else value}
    answer = admin.post(f"{ACCESS}/export", body)
    assert (answer.status, [each["field"] for each in answer.error["details"]]) == (422, [field])


def test_a_cursor_is_good_for_its_own_export_alone(admin: Client) -> None:
    fill(4)
    cursor = exported(admin, limit=2)["next_cursor"]
    assert admin.get(f"{LOG}/export?cursor={cursor}").status == 200
    for other in ("format=csv&", "action=role&"):
        answer = admin.get(f"{LOG}/export?{other}cursor={cursor}")
        assert (answer.status, answer.error["code"]) == (400, "invalid_cursor")
    assert admin.post(f"{ACCESS}/export", {"cursor": cursor}).status == 400


def test_entries_about_access_are_exported_for_themselves(admin: Client) -> None:
    fill(3)
    fill(4, "limits.change")
    answer = admin.post(f"{ACCESS}/export", {"format": "json", "limit": 2})
    assert answer.status == 200
    assert [each["after"]["n"] for each in answer.body["logs"]] == [2, 1]
    assert answer.headers["x-next-cursor"] == answer.body["next_cursor"]
    rest = admin.post(f"{ACCESS}/export", {"format": "json", "limit": 2, "cursor": answer.body["next_cursor"]}).body
    assert [each["after"]["n"] for each in rest["logs"]] == [0]
    assert rest["tree"] == answer.body["tree"]
    assert_sound(answer.body, rest, filtered=True)
    whole = admin.post(f"{ACCESS}/export")
    assert (whole.status, whole.body["total"]) == (200, 5)


def test_the_last_export_is_known(admin: Client) -> None:
    assert last_export() is None
    exported(admin)
    fill(2)
    with frozen(now()) as clock:
        admin.get(f"{LOG}/export?format=csv")
        found = last_export()
        assert found is not None
        assert (found.at, found.format) == (clock.at, "csv")


def test_after_an_erasure_everything_still_verifies(admin: Client) -> None:
    enter("auth.login", by=BOB, resource="user", resource_id=BOB, after={"name": "Bob"}, ip="198.51.100.9")
    enter("user.ban", by=ADA, resource="user", resource_id=BOB, before={"email": "bob@example.com"})
    enter("user.update", by=BOB, on_behalf=ADA, resource="user", resource_id=BOB, after={"bio": "hello"})
    enter("report.decide", by=ADA, resource="report", resource_id="r1", about=BOB, before={"text": "by Bob"})
    enter("role.create", by=ADA, resource_id="r2", after={"name": "support"})
    older = exported(admin)
    tree = older["tree"]

    enter("user.ban", by=BOB, resource="user", resource_id=ADA)  # on the trail when the erasure comes
    assert erase_subject(BOB)
    assert not erase_subject(BOB)

    found = exported(admin)
    assert verify([found], older).faults == []
    assert [each["leaf"] for each in found["logs"][-5:]] == [each["leaf"] for each in older["logs"]]
    assert older["tree"] == tree
    late, _, role, report, update, ban, login = found["logs"]
    erased = {"before": None, "after": None, "resource_id": None}
    assert login.items() >= {**erased, "user_id": None, "ip_address": None, "erased": True}.items()
    assert ban.items() >= {**erased, "user_id": ADA, "ip_address": ADDRESS, "erased": True}.items()
    assert update.items() >= {**erased, "user_id": None, "impersonator_id": ADA, "ip_address": ADDRESS}.items()
    assert report.items() >= {**erased, "user_id": ADA, "erased": True}.items()
    assert role.items() >= {"after": {"name": "support"}, "user_id": ADA, "erased": False}.items()
    assert late.items() >= {"user_id": None, "ip_address": None, "resource_id": ADA, "erased": True}.items()
    assert login["salts"] == {"user": None, "client": None, "subject": None}
    assert verify([found]).erased == 5

    shown = admin.get(f"{LOG}/{login['id']}").body
    assert (shown["user_id"], shown["erased"]) == (None, True)
    assert admin.get(f"{LOG}?user_id={BOB}").body["total"] == 0
    assert entries_of(BOB) == ([], None)


def test_after_an_erasure_nothing_in_the_table_tells_of_the_person(admin: Client) -> None:
    enter("auth.login", by=BOB, resource="user", resource_id=BOB, after={"name": "Bobby Tables"}, ip="198.51.100.9")
    enter("user.ban", by=ADA, resource="user", resource_id=BOB, before={"email": "bob@example.com"})
    drain()
    leave(BOB)
    erase_subject(BOB)
    kept = json.dumps(everything())
    assert not any(each in kept for each in (BOB, "Bobby", "198.51.100.9", "bob@example.com"))
    assert ADA in kept


def test_an_erasure_may_meet_writers_and_sequencers(admin: Client) -> None:
    def work(number: int) -> None:
        if number == 0:
            erase_subject(BOB)
        for each in range(3):
            enter("user.update", by=BOB, resource="user", resource_id=BOB, after={"email": f"bob{each}@example.com"})
            drain()

    enter("user.update", by=BOB, resource="user", resource_id=BOB, after={"email": "bob@example.com"})
    answers = in_threads(6, work)
    assert [each for each in answers if each is not None] == []
    leave(BOB)
    erase_subject(BOB)
    found = exported(admin)
    assert_sound(found)
    assert verify([found]).erased == found["tree"]["size"] == 19
    kept = json.dumps(everything())
    assert not any(each in kept for each in (BOB, "bob"))


def test_every_tree_is_proven_to_have_grown_from_every_one_before(suite: Client) -> None:
    fill(37)
    drain()
    roots = {size: b64decode(Proofs(size, []).root()) for size in range(1, 38)}
    for second in range(1, 38, 4):
        proofs = Proofs(second, range(second), range(1, second + 1))
        for first in range(1, second + 1):
            growth = [b64decode(each) for each in proofs.growth(first)]
            assert grew((first, roots[first]), (second, roots[second]), growth)
        for leaf in leaves_at(range(second)):
            proof = [b64decode(each) for each in proofs.inclusion(leaf.index)]
            assert includes(leaf.leaf.encode(), leaf.index, second, proof, roots[second])


def everything() -> list[Any]:
    """The whole table, as no operation may read it."""
    from quintet.store.calls import table_call

    found: list[Any] = table_call("Scan")["Items"]
    return found


def test_a_person_gets_their_own_entries_and_nothing_of_others(admin: Client) -> None:
    enter("auth.login", by=BOB, resource="user", resource_id=BOB, ip="198.51.100.9")
    enter("user.ban", by=ADA, resource="user", resource_id=BOB, after={"status": "banned"})
    enter("user.ban", by=ADA, resource="user", resource_id=EVE)
    enter("user.update", by=EVE, on_behalf=BOB, resource="user", resource_id=EVE, after={"bio": "of Eve"})
    enter("role.create", by=BOB, after={"name": "support"})
    drain()
    found, follow = entries_of(BOB, limit=3)
    rest, end = entries_of(BOB, after=follow or 0, limit=3)
    assert end is None
    shown = [
        (each.action, each.user_id, each.ip_address, each.impersonator_id, each.resource_id, each.after)
        for each in (*found, *rest)
    ]
    assert shown == [
        ("auth.login", BOB, "198.51.100.9", None, BOB, None),
        ("user.ban", None, None, None, BOB, {"status": "banned"}),
        ("user.update", None, ADDRESS, BOB, None, None),
        ("role.create", BOB, ADDRESS, None, None, {"name": "support"}),
    ]


def test_what_is_about_people_without_an_account_erases_itself(admin: Client) -> None:
    with frozen(now()) as clock:
        enter("auth.login_refused", by=None, resource="user", after={"email": "eve@example.com"})
        found = exported(admin)["logs"][0]
        assert (found["after"], found["ip_address"]) == ({"email": "eve@example.com"}, ADDRESS)
        clock.advance(seconds=ANONYMOUS_LIFE.total_seconds() + 40 * 86_400)
    with frozen(clock.at):
        from softfactory.audit.reading import entries

        (later,) = entries([0])
    assert (later.after, later.ip_address, later.erased) == (None, None, True)


def test_pymerkle_agrees_with_an_export(admin: Client) -> None:
    pymerkle: Any = pytest.importorskip("pymerkle")
    fill(21)
    found = exported(admin)
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    tree.append_entries([b64decode(each["leaf"]) for each in found["logs"][::-1]])
    assert tree.get_root() == b64decode(found["tree"]["root_hash"])
    for each in found["logs"]:
        theirs = tree.prove_inclusion(each["leaf_index"] + 1)
        assert theirs.path[1:] == [b64decode(one) for one in each["inclusion_proof"]]


def test_the_table_holds_a_key_for_each_person_alone(admin: Client) -> None:
    from softfactory.audit.entities import Subject

    fill(6)
    drain()
    keys = [store.get(Subject, user_id=user) for user in (ADA, BOB)]
    assert None not in keys
    assert len({key.key_id for key in keys if key}) == 2
