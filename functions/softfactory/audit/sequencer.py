"""The sequencer: takes entries from the trail into the log, oldest first, and lets the tree grow by them.

It may run anywhere and several times at once. Every step replaces the tree's head under the condition that it is the
one that was read, in the transaction that writes leaves, lists and tiles and takes the entries off the trail: an entry
is taken in once, indexes have no gap, and who loses a race reads again. It runs by the clock, and before the log is
read, so that what was done is seen at once: of many readers one does the work, the others watch it being done.

An entry that was committed late, after a later one was taken in, gets the timestamp of that one: it lies between the
request and its commit, and the log is in the order of its timestamps, which ranges of time rely upon.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Final

from quintet.models.time import as_utc
from quintet.net import patience
from quintet.store import ConditionFailed, Transaction, until_settled
from softfactory.audit import lists, tiles
from softfactory.audit.entities import Day, Head, Kind, Leaf, Row, Tile
from softfactory.audit.leaves import PARTS, PartName, commitment, id_of, leaf_of, new_salt
from softfactory.audit.merkle import leaf_hash
from softfactory.audit.sealing import ANONYMOUS, Keyring, anonymous, kept
from softfactory.service import store
from softfactory.trail.log import Entry

AT_ONCE: Final = 12
"""Entries that one transaction takes in at most."""
ROOM: Final = 82
"""Actions of a transaction for entries and keys; the rest are for the head, the day and the tiles."""
ON_DEMAND: Final = 240
"""Entries that one call of `drain` takes in, at most: about a second's work."""
READING: Final = 3.0
"""Seconds that a reader gives to what stands on the trail."""
_WATCHING: Final = patience.Cause(cost=0, first=0.2, longest=0.4)
"""Somebody else is at work on the trail."""
_turn: Final = Lock()
"""Held by the one of this process's threads that is: they would only race each other."""

_PEOPLE: Final = "user"
"""The resource whose rows are people."""


def head() -> Head:
    """The tree as it stands."""
    return store.get(Head) or Head()


def drain(most: int = ON_DEMAND) -> int:
    """Take entries in until the trail is empty, or about `most` of them are; answers how many."""
    known, done = _Known(), 0
    while done < most:
        taken = until_settled(partial(_step, known))
        if not taken:
            break
        done += taken
    return done


def catch_up(seconds: float = READING) -> int:
    """Take in what stands on the trail now, as far as `seconds` allow; answers how many entries wait then, 0 for none.

    Who loses a race lets the winner go on, and steps in where nothing moves any more: that others read, too, is no
    reason to refuse. Of entries that come meanwhile it neither takes care nor tells.
    """
    newest = store.query(Entry, limit=1, reverse=True, consistent=True).items
    if not newest:
        return 0
    last, waiting = newest[0].id, patience.start(seconds=seconds)
    if _turn.acquire(timeout=waiting.left()):
        try:
            _reach(last, waiting)
        finally:
            _turn.release()
    return store.count_beyond(Entry, "main", "0") if _oldest(last) else 0


def _reach(last: str, waiting: patience.Patience) -> None:
    """Take entries in, or watch others do so, until `last` is in or time has run out."""
    known, goes_on = _Known(), True
    while goes_on and waiting.left() > 0:
        try:
            goes_on = _step(known, last) > 0
        except ConditionFailed:
            goes_on = _watched(waiting, last)


def _watched(waiting: patience.Patience, last: str) -> bool:
    """Wait while others take entries in; False when time ran out before they stopped, or were through with `last`."""
    seen = _oldest(last)
    while waiting.again(_WATCHING):
        found = _oldest(last)
        if found in (None, seen):
            return True
        seen = found
    return False


def _oldest(last: str) -> str | None:
    """The entry that is the next to be taken in; None where that is behind `last`, or there is none."""
    found = store.query(Entry, limit=1, consistent=True).items
    return found[0].id if found and found[0].id <= last else None


@dataclass(slots=True)
class _Known:
    """How long some lists are in the tree of a size."""

    size: int = 0
    lengths: dict[str, int] = field(default_factory=dict)


def _step(known: _Known, last: str | None = None) -> int:
    """Take in the next entries, unless they are behind `last`; what is `known` from steps before is not read again."""
    old = head()
    waiting = store.query(Entry, limit=AT_ONCE, consistent=True).items
    if not waiting or (last is not None and waiting[0].id > last):
        return 0
    # Where somebody else let the tree grow meanwhile, what was known of its lists is not so any more.
    step = _Step(old, dict(known.lengths) if known.size == old.size else {})
    step.take(waiting)
    step.tx.commit()
    known.size, known.lengths = old.size + step.taken, step.lengths
    return step.taken


@dataclass(slots=True)
class _Step:
    """One transaction of the sequencer."""

    old: Head
    lengths: dict[str, int]
    tx: Transaction = field(default_factory=store.transaction)
    taken: int = 0

    def take(self, waiting: list[Entry]) -> None:
        owners = {entry.id: _owners(entry) for entry in waiting}
        keys = Keyring.of((each for found in owners.values() for each in found.values() if each), waiting[0].created_at)
        entries = list(_fitting(waiting, owners, keys))
        stands = {entry.id: list(_stands_in(entry, owners[entry.id], keys)) for entry in entries}
        self._learn(name for found in stands.values() for name in found)
        at, leaves = self.old.at, list[Leaf]()
        for entry in entries:
            index = self.old.size + len(leaves)
            at = max(filter(None, (at, as_utc(entry.created_at).replace(microsecond=0))))
            leaf = _leaf(entry, index, at, owners[entry.id], keys)
            self.tx.delete(entry, refused=None)
            self.tx.create(leaf)
            self._list(entry, index, stands[entry.id])
            self._begin_day(leaf, leaves[-1].at if leaves else self.old.at)
            leaves.append(leaf)
        keys.keep(self.tx, (each for entry in entries for each in owners[entry.id].values() if each))
        self._grow(leaves)
        self.taken = len(leaves)

    def _learn(self, names: Iterable[str]) -> None:
        missing = [name for name in dict.fromkeys(names) if name not in self.lengths]
        self.lengths.update(zip(missing, lists.lengths(missing), strict=True))

    def _list(self, entry: Entry, index: int, names: Iterable[str]) -> None:
        for name in names:
            self.tx.create(Row.of(name, index, self.lengths[name]))
            if not self.lengths[name] and name == lists.of_kind(entry.action, entry.resource):
                self.tx.create(Kind(action=entry.action, resource=entry.resource))
            self.lengths[name] += 1

    def _begin_day(self, leaf: Leaf, before: datetime | None) -> None:
        if before is None or leaf.at.date() > before.date():
            self.tx.create(Day(day=leaf.at.date().isoformat(), first=leaf.index))

    def _grow(self, leaves: list[Leaf]) -> None:
        places = tiles.edge(self.old.size)
        stored = store.get_all([Tile.ref(height=height, number=number) for height, number in places])
        read = {place: tile.hashes for place, tile in zip(places, stored, strict=True)}
        edge = tiles.at_size(self.old.size, read)  # a race that is being lost is found out by the head's condition
        hashes = [leaf_hash(leaf.leaf.encode()) for leaf in leaves]
        size, changed = tiles.grown(self.old.size, edge, hashes)
        for place, tile in changed.items():
            self.tx.put(Tile.of(place, tile))
        root = tiles.root(size, {**edge, **changed})
        new = Head(size=size, root=b64encode(root).decode(), at=leaves[-1].at)
        if self.old.size:
            self.tx.replace(self.old, new, refused=None)
        else:
            self.tx.create(new)


def _owners(entry: Entry) -> dict[PartName, str | None]:
    """Whose each part of an entry is; None for a part that is about nobody."""
    nobody = anonymous(entry.created_at) if entry.user_id is None and entry.ip_address is not None else None
    row = entry.about or (entry.resource_id if entry.resource == _PEOPLE else None)
    at_keyboard = entry.on_behalf or entry.user_id
    return {"user": entry.user_id, "client": at_keyboard or nobody, "subject": row or nobody}


def _stands_in(entry: Entry, owners: dict[PartName, str | None], keys: Keyring) -> Iterator[str]:
    """The lists that an entry stands in."""
    yield lists.of_kind(entry.action, entry.resource)
    if entry.user_id is not None:
        yield lists.by_user(keys[entry.user_id].key_id)
        yield lists.by_user_of_kind(keys[entry.user_id].key_id, entry.action, entry.resource)
    for other in dict.fromkeys((entry.on_behalf, owners["subject"])):
        if other is not None and other != entry.user_id and not other.startswith(ANONYMOUS):
            yield lists.about_user(keys[other].key_id)


def _fitting(waiting: list[Entry], owners: dict[str, dict[PartName, str | None]], keys: Keyring) -> Iterator[Entry]:
    """As many entries as one transaction has room for: each its removal, its leaf, its rows, and a new kind."""
    room, counted = ROOM, set[str]()
    for entry in waiting:
        found = owners[entry.id]
        new = {each for each in found.values() if each in keys.new} - counted
        room -= 3 + len(list(_stands_in(entry, found, keys))) + 2 * len(new)
        if room < 0:
            return
        counted |= new
        yield entry


def _leaf(entry: Entry, index: int, at: datetime, owners: dict[PartName, str | None], keys: Keyring) -> Leaf:
    values = {
        "user_id": entry.user_id, "ip_address": entry.ip_address, "impersonator_id": entry.on_behalf,
        "resource_id": entry.resource_id, "before": entry.before, "after": entry.after,
    }  # fmt: skip
    parts, commitments = {}, {}
    for part, names in PARTS.items():
        salt, said = new_salt(), {name: values[name] for name in names}
        owner = owners[part]
        parts[str(part)] = kept(keys[owner] if owner else None, index, part, salt, said)
        commitments[part] = commitment(salt, said)
    leaf = leaf_of(
        id=id_of(index, at), at=at, action=entry.action, resource=entry.resource, request_id=entry.request_id,
        commitments=commitments,
    )  # fmt: skip
    return Leaf(index=index, leaf=leaf, parts=parts)
