"""Entries on their way from the trail into the log: each once, in order, without a gap."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

import pytest

from quintet.models import is_id
from quintet.models.time import frozen
from quintet.store import ConditionFailed, exists
from quintet.testing import Client
from softfactory.audit import lists, merkle, sequencer, tiles
from softfactory.audit.entities import (
    EVERYBODY,
    Chunk,
    Head,
    KnownKind,
    Leaf,
    Located,
    SubjectKey,
    Tile,
    ids_in,
    place_at,
)
from softfactory.audit.facts import Kind
from softfactory.audit.lists import Selection
from softfactory.audit.pending import head
from softfactory.audit.proofs import Proofs
from softfactory.audit.reading import EntryReply, entries, entry
from softfactory.audit.selecting import Filter
from softfactory.audit.sequencer import drain
from softfactory.service import api, store
from softfactory.trail.log import LONGEST, Act, Entry, record
from tests.conftest import NOON
from tests.functions.softfactory.audit.support import ADA, ADDRESS, BOB, EVE, enter, join
from tests.support.aws import in_threads
from tests.support.calls import recorded

pytestmark = pytest.mark.dynamodb


NOT_FOUND = api.errors.not_found


@pytest.fixture(autouse=True)
def table(suite: Client) -> None:
    """Every test has an empty table."""


def whole() -> list[EntryReply]:
    """Every entry of the log, oldest first."""
    return entries(range(head().size))


def assert_sound() -> Head:
    """The tree is that of the leaves, the lists have every leaf at its rank, and nothing is left over."""
    found = head()
    leaves: list[Leaf] = store.get_all([Leaf.ref(index=index) for index in range(found.size)])
    assert None not in leaves
    assert store.get(Leaf, index=found.size) is None
    hashes = [merkle.leaf_hash(leaf.leaf.encode()) for leaf in leaves]
    levels = {0: hashes}
    while len(levels[len(levels) - 1]) > 1:
        below = levels[len(levels) - 1]
        levels[len(levels)] = [merkle.node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)]
    root = merkle.root(found.size, lambda node: levels[node[0]][node[1]])
    assert found.root == Proofs(found.size, []).root() == b64encode(root).decode()
    times = [leaf.at for leaf in leaves]
    assert times == sorted(times)
    kinds = {Kind(kind.action, kind.resource, kind.access) for kind in store.query(KnownKind, whose=EVERYBODY).items}
    assert {(kind.action, kind.resource) for kind in kinds} == {
        (leaf.said["action"], leaf.said["resource"]) for leaf in leaves
    }
    listed = [index for kind in kinds for index in members(lists.of_kind(kind))]
    assert sorted(listed) == list(range(found.size))
    for family in {kind.family for kind in kinds}:
        inside = [leaf.index for leaf in leaves if leaf.said["action"].partition(".")[0] == family]
        assert members(lists.of_family(family)) == inside
    for resource in {kind.resource for kind in kinds}:
        inside = [leaf.index for leaf in leaves if leaf.said["resource"] == resource]
        assert members(lists.of_resource(resource)) == inside
    for leaf in leaves:
        located = store.require(Located, NOT_FOUND, id=leaf.said["id"])
        assert (located.index, leaf.index in members(lists.ACCESS)) == (leaf.index, located.access)
    assert store.query(Entry).items == []
    return found


def members(name: str) -> list[int]:
    """All members of a list; each chunk says truly how many are before it."""
    chunks = store.query(Chunk, name=name).items
    found = [index for chunk in chunks for index in chunk.members]
    assert [chunk.rank for chunk in chunks] == [0, *accumulate(len(chunk.members) for chunk in chunks)][: len(chunks)]
    assert all(chunk.place == place_at(chunk.members[0]) for chunk in chunks)
    assert found == sorted(set(found))
    return found


def test_an_entry_comes_into_the_log_with_its_transaction() -> None:
    with frozen(NOON):
        enter("user.ban", resource="user", resource_id=BOB, before={"status": "active"}, after={"status": "banned"})
        assert drain() == 1
    (found,) = whole()
    assert found.model_dump(mode="json") == {
        "id": found.id, "user_id": ADA, "impersonator_id": None, "action": "user.ban", "resource": "user",
        "resource_type": "user", "resource_id": BOB, "timestamp": "2026-11-30T12:00:00Z", "ip_address": ADDRESS,
        "before": {"status": "active"}, "after": {"status": "banned"}, "request_id": "req-1", "erased": False,
    }  # fmt: skip
    assert is_id(found.id)
    assert entry(found.id) == found
    assert store.query(Entry).items == []
    assert_sound()


def test_what_was_not_done_is_not_entered() -> None:
    tx = store.transaction()
    record(tx, Act.system(), "role.create", resource="role")
    tx.check(Head.key(), [exists()])
    with pytest.raises(ConditionFailed):
        tx.commit()
    assert drain() == 0
    assert head().size == 0


def test_what_a_row_said_is_kept_whatever_it_is() -> None:
    said: dict[str, Any] = {
        "text": 'Ünï "x" 한국어 \u2028',
        "n": 0.1,
        "big": 2**70,
        "none": None,
        "list": [1, {"a": []}],
    }
    enter(before=said, after={"at": datetime(2026, 12, 1, tzinfo=UTC), "bad": float("nan")})
    drain()
    (found,) = whole()
    assert found.before == said
    assert found.after == {"at": "2026-12-01T00:00:00Z", "bad": None}


def test_of_a_state_that_is_too_long_the_short_values_are_kept() -> None:
    fields = {f"field {n:02d}": "世" * (50 + n) for n in range(99)}
    enter(before={"bio": "x" * LONGEST, "name": "Ada"}, after=fields)
    drain()
    (found,) = whole()
    assert found.before == {"name": "Ada", "omitted": ["bio"]}
    assert found.after is not None
    omitted = found.after.pop("omitted")
    kept = list(fields)[: len(found.after)]
    assert found.after == {name: fields[name] for name in kept}
    assert len(kept) > 50
    assert omitted == sorted(fields.keys() - set(kept))[:30]
    assert len(json.dumps(found.after, ensure_ascii=False)) < LONGEST


def test_a_late_entry_gets_the_time_of_the_one_before_it() -> None:
    with frozen(NOON) as clock:
        late = Entry(action="role.delete", resource="role", request_id="late", user_id=ADA)
        clock.advance(seconds=5)
        enter("role.create")
        drain()
        store.create(late)
        clock.advance(seconds=5)
        enter("role.update")
        drain()
    assert [(each.action, each.timestamp.second) for each in whole()] == [
        ("role.create", 5), ("role.delete", 5), ("role.update", 10),
    ]  # fmt: skip
    assert_sound()


@pytest.mark.parametrize("count", [1, 12, 16, 17, 40])
def test_the_tree_is_that_of_all_entries(count: int) -> None:
    for number in range(count):
        enter(("role.create", "user.ban")[number % 2], by=(ADA, BOB, None)[number % 3], resource_id=str(number))
        if number % 5 == 0:
            drain()
    drain()
    assert assert_sound().size == count
    assert [each.resource_id for each in whole()] == [str(number) for number in range(count)]


def test_entries_about_many_people_fit_into_transactions() -> None:
    """Each needs keys of three people, a kind of its own and every list."""
    for number in range(24):
        people = [f"01940000-0000-7000-8000-{number:06d}00000{each}" for each in range(3)]
        join(*people)
        enter(f"user.act{number}", by=people[0], on_behalf=people[1], resource="user", resource_id=people[2])
    assert drain() == 24
    assert assert_sound().size == 24
    assert [each.impersonator_id for each in whole()] == [
        f"01940000-0000-7000-8000-{number:06d}000001" for number in range(24)
    ]


def test_twenty_writers_and_three_sequencers_lose_and_repeat_nothing() -> None:
    def work(number: int) -> int:
        if number < 20:
            for each in range(3):
                enter("role.create", by=(ADA, BOB)[number % 2], resource_id=f"{number}-{each}")
            return 0
        return sum(drain() for _ in range(4))

    results = in_threads(23, work)
    assert [each for each in results if isinstance(each, BaseException)] == []
    drain()
    assert assert_sound().size == 60
    seen = [each.resource_id for each in whole()]
    assert sorted(map(str, seen)) == sorted(f"{number}-{each}" for number in range(20) for each in range(3))
    for number in range(20):  # what one did after the other stands in that order
        own = [each for each in seen if str(each).startswith(f"{number}-")]
        assert own == [f"{number}-{each}" for each in range(3)]
    assert Filter(user_id=ADA).names() is not None
    assert Selection(Filter(user_id=ADA).names(), (0, 60)).total == 30


def test_an_empty_trail_costs_two_reads() -> None:
    enter()
    drain()
    with recorded() as calls:
        assert drain() == 0
    assert calls.names == ["GetItem", "Query"]


def test_a_drain_stops_when_it_did_enough() -> None:
    for _ in range(30):
        enter()
    assert 12 <= drain(most=12) < 30
    drain()
    assert assert_sound().size == 30


def test_what_was_known_of_lists_is_read_anew_when_another_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another sequencer takes a step between two of this one's."""
    for number in range(36):
        enter(resource_id=str(number))
    original, calls = head, list[int]()

    def meddle() -> Head:
        calls.append(len(calls))
        if len(calls) == 2:
            drain(most=12)
        return original()

    monkeypatch.setattr(sequencer, "head", meddle)
    assert sequencer.catch_up() == 0
    assert assert_sound().size == 36


def test_an_id_that_only_looks_like_one_finds_nothing() -> None:
    enter()
    drain()
    (found,) = whole()
    assert entry(found.id[:9] + "0000" + found.id[13:]) is None
    assert entry(EVE) is None


def test_keys_say_nothing_of_whose_they_are() -> None:
    enter("user.ban", resource="user", resource_id=BOB, before={"email": "bob@example.com"})
    drain()
    leaf = store.get(Leaf, index=0)
    assert leaf is not None
    text = leaf.model_dump_json()
    assert not any(each in text for each in (ADA, BOB, ADDRESS, "bob@example.com"))
    assert {part.key_id is None for part in leaf.parts.values()} == {False}
    keys = [store.get(SubjectKey, key_id=str(part.key_id)) for part in leaf.parts.values()]
    assert all(key is not None and ADA not in key.model_dump_json() for key in keys)


def test_an_ordinary_entry_is_one_write_unit() -> None:
    """A sign-in with ids as they really are: its leaf stays below the kilobyte that a unit of writing takes."""
    tx = store.transaction()
    told = {"method": "password", "two_factor": False}
    record(
        tx, Act(ADA, "HQ9lG1A2RkCDhZM=", "203.0.113.199"), "auth.login", resource="user", resource_id=ADA, after=told
    )
    tx.commit()
    drain()
    leaf = store.get(Leaf, index=0)
    assert leaf is not None
    assert weight({"M": leaf.item()}) < 1024


def weight(value: dict[str, Any]) -> int:
    """Bytes of an attribute value (Amazon DynamoDB developer guide, "Item sizes and formats")."""
    ((kind, content),) = value.items()
    if kind == "M":
        return 3 + sum(len(name) + weight(each) + 1 for name, each in content.items())
    return len(content) if kind == "S" else 2 + len(content) // 2


def test_the_head_is_one_write_unit_however_much_it_remembers() -> None:
    for _ in range(48):
        enter()
    drain()
    for _ in range(36):
        enter()
    drain(most=36)
    assert [len(ids_in(packed)) for packed in head().taken] == [12, 12, 12]
    assert weight({"M": head().item()}) < 1024


def test_tiles_are_small() -> None:
    for _ in range(20):
        enter()
    drain()
    tile = store.get(Tile, height=0, number=0)
    assert tile is not None
    assert len(tile.hashes) == 16
    assert len(str(tile.item())) < 1000


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("place", ["before the lists are read", "before the tiles are read"])
def test_who_loses_a_race_begins_again(place: str, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another sequencer takes the same entries in while one is at work on them, in its first step or a later one."""
    for number in range(45):
        enter(resource_id=str(number))
        if number == 4:
            drain()
    module, name = (lists, "ends") if place.endswith("lists are read") else (tiles, "edge")
    original, calls, other = getattr(module, name), list[Any](), list[int]()

    def meddle(given: Any) -> Any:
        calls.append(given)
        if len(calls) == step:
            other.append(drain(most=12))
        return original(given)

    monkeypatch.setattr(module, name, meddle)
    assert drain() + sum(other) == 40
    assert assert_sound().size == 45
    assert [each.resource_id for each in whole()] == [str(number) for number in range(45)]
