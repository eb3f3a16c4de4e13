"""The sequencer: takes entries from the trail into the log, oldest first, and lets the tree grow by them.

It runs by the clock, before exports and erasures, anywhere and several times at once; who only reads the log does not
need it (see `pending`). Every step replaces the tree's head under the condition that it is the one that was read, in
the transaction that writes leaves, lists and tiles: an entry is taken in once, indexes have no gap, and who loses a
race reads again. What a step took in stands on the trail until the next one, and the head names it: at no moment is an
entry in neither of the two, whatever a reader sees first.

An entry that was committed late, after a later one was taken in, gets the timestamp of that one: it lies between the
request and its commit, and the log is in the order of its timestamps, which ranges of time rely upon.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Final

from quintet.net import patience
from quintet.store import ConditionFailed, Transaction, until_settled
from softfactory.audit import facts, lists, pending, tiles
from softfactory.audit.entities import EVERYBODY, Day, Head, KnownKind, Leaf, Located, Tile
from softfactory.audit.leaves import PARTS, commitment, leaf_of, new_salt
from softfactory.audit.lists import Ends
from softfactory.audit.merkle import leaf_hash
from softfactory.audit.pending import head
from softfactory.audit.sealing import Keyring, kept
from softfactory.service import store
from softfactory.trail.log import Entry

AT_ONCE: Final = 12
"""Entries that one transaction takes in at most."""
ROOM: Final = 76
"""Actions of a transaction for entries, lists and keys; the rest are for the head, the tiles and the trail."""
ON_DEMAND: Final = 240
"""Entries that one call of `drain` takes in, at most: about a second's work."""
EXPORTING: Final = 3.0
"""Seconds that an export gives to what stands on the trail."""
_WATCHING: Final = patience.Cause(cost=0, first=0.2, longest=0.4)
"""Somebody else is at work on the trail."""
_turn: Final = Lock()
"""Held by the one of this process's threads that is: they would only race each other."""


def drain(most: int = ON_DEMAND) -> int:
    """Take entries in until the trail is empty, or about `most` of them are; answers how many."""
    ends, done = _Known(), 0
    while done < most:
        taken = until_settled(partial(_step, ends))
        if not taken:
            break
        done += taken
    return done


def catch_up(seconds: float = EXPORTING) -> int:
    """Take in what stands on the trail now, as far as `seconds` allow; answers how many entries wait then, 0 for none.

    Who loses a race lets the winner go on, and steps in where nothing moves any more: that others are at work, too, is
    no reason to refuse. Of entries that come meanwhile it neither takes care nor tells.
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
    if _oldest(last) is None:
        return 0
    found = pending.read()
    return found.size - found.head.size


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
    found = pending.next_after(head(), 1)
    return found[0].id if found and found[0].id <= last else None


@dataclass(slots=True)
class _Known:
    """How some lists end in the tree of a size."""

    size: int = 0
    ends: Ends = field(default_factory=Ends)


def _step(known: _Known, last: str | None = None) -> int:
    """Take in the next entries, unless they are behind `last`; what is `known` from steps before is not read again.

    Where there are none, what the step before took in leaves the trail.
    """
    old = head()
    waiting = pending.next_after(old, AT_ONCE)
    # Where somebody else let the tree grow meanwhile, what was known of its lists is not so any more.
    step = _Step(old, Ends(dict(known.ends.last)) if known.size == old.size else Ends())
    if waiting and (last is None or waiting[0].id <= last):
        step.take(waiting)
    elif old.leaving:
        step.tidy()
    else:
        return 0
    step.tx.commit()
    known.size, known.ends = old.size + step.taken, step.ends
    return step.taken


@dataclass(slots=True)
class _Step:
    """One transaction of the sequencer."""

    old: Head
    ends: Ends
    tx: Transaction = field(default_factory=store.transaction)
    taken: int = 0

    def tidy(self) -> None:
        """Take nothing in: what is in the log leaves the trail."""
        self._replace(self.old.grown(self.old.size, self.old.root, self.old.at, ()))

    def take(self, waiting: list[Entry]) -> None:
        """Take in as many entries as there is room for, from the first on."""
        owned = [list(dict.fromkeys(filter(None, facts.owners(entry).values()))) for entry in waiting]
        keys = Keyring.of((each for found in owned for each in found), waiting[0].created_at)
        stands = [dict(_stands_in(entry, keys)) for entry in waiting]
        self.ends.learn(name for found in stands for name in found)
        leaves, at, room, known = list[Leaf](), self.old.at, ROOM, set(keys.held)
        for entry, people, names in zip(waiting, owned, stands, strict=True):
            before, at = at, facts.moment(entry, at)
            begins = before is None or at.date() > before.date()
            room -= 2 + begins + self._cost(names) + 2 * len(set(people) - known)
            if room < 0:
                break
            leaf = _leaf(entry, self.old.size + len(leaves), at, keys)
            keys.keep(self.tx, (each for each in people if each not in known))
            known |= set(people)
            self._add(entry, leaf, names)
            if begins:
                self.tx.create(Day(day=at.date().isoformat(), first=leaf.index))
            leaves.append(leaf)
        for chunk in self.ends.written():
            self.tx.put(chunk)
        self._grow(leaves, [entry.id for entry in waiting[: len(leaves)]])
        self.taken = len(leaves)

    def _cost(self, names: dict[str, KnownKind | None]) -> int:
        """Actions that it takes to add an entry to some lists, and to say of which kinds these are the first."""
        return self.ends.cost(names) + sum(
            kind is not None and self.ends.last[name] is None for name, kind in names.items()
        )

    def _add(self, entry: Entry, leaf: Leaf, names: dict[str, KnownKind | None]) -> None:
        self.tx.create(leaf)
        self.tx.create(Located(id=entry.id, index=leaf.index, access=facts.kind_of(entry).access))
        for name, kind in names.items():
            if self.ends.add(name, leaf.index) and kind is not None:
                self.tx.create(kind)

    def _grow(self, leaves: list[Leaf], ids: list[str]) -> None:
        places = tiles.edge(self.old.size)
        stored = store.get_all([Tile.ref(height=height, number=number) for height, number in places])
        read = {place: tile.hashes for place, tile in zip(places, stored, strict=True)}
        edge = tiles.at_size(self.old.size, read)  # a race that is being lost is found out by the head's condition
        hashes = [leaf_hash(leaf.leaf.encode()) for leaf in leaves]
        size, changed = tiles.grown(self.old.size, edge, hashes)
        for place, tile in changed.items():
            self.tx.put(Tile.of(place, tile))
        root = b64encode(tiles.root(size, {**edge, **changed})).decode()
        self._replace(self.old.grown(size, root, leaves[-1].at, ids))

    def _replace(self, new: Head) -> None:
        for each in self.old.leaving:
            self.tx.remove(Entry.key(id=each))
        if self.old.size:
            self.tx.replace(self.old, new, refused=None)
        else:
            self.tx.create(new)


def _stands_in(entry: Entry, keys: Keyring) -> Iterator[tuple[str, KnownKind | None]]:
    """The lists that an entry stands in, each with the kind that its first member is the first of."""
    kind = facts.kind_of(entry)
    yield lists.of_kind(kind), KnownKind.of(EVERYBODY, kind)
    yield lists.of_family(kind.family), None
    yield lists.of_resource(kind.resource), None
    if kind.access:
        yield lists.ACCESS, None
    if entry.user_id is not None:
        whose = keys[entry.user_id].key_id
        yield lists.by_user(whose), None
        yield lists.by_user_of_kind(whose, kind), KnownKind.of(whose, kind)
        if kind.access:
            yield lists.by_user_on_access(whose), None
    for other in facts.concerned(entry):
        yield lists.about_user(keys[other].key_id), None


def _leaf(entry: Entry, index: int, at: datetime, keys: Keyring) -> Leaf:
    values = {
        "user_id": entry.user_id, "ip_address": entry.ip_address, "impersonator_id": entry.on_behalf,
        "resource_id": entry.resource_id, "before": entry.before, "after": entry.after,
    }  # fmt: skip
    parts, commitments, owners = {}, {}, facts.owners(entry)
    for part, names in PARTS.items():
        salt, said = new_salt(), {name: values[name] for name in names}
        owner = owners[part]
        parts[str(part)] = kept(keys[owner] if owner else None, index, part, salt, said)
        commitments[part] = commitment(salt, said)
    leaf = leaf_of(
        id=entry.id, at=at, action=entry.action, resource=entry.resource, request_id=entry.request_id,
        commitments=commitments,
    )  # fmt: skip
    return Leaf(index=index, leaf=leaf, parts=parts)
