"""One document's new words on their way into a word index, together with the transaction that writes it.

Up to sixty postings change inside that transaction. More of them are written beforehand as a generation that no
reader accepts, and the transaction merely switches the document's head to it. What loses, or is replaced, is first
doomed, so that no writer can switch to it any more, and then removed. A process may die between any two steps:
readers never notice, and the next change of the document clears up.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from quintet import log
from quintet.models.ids import new_id
from quintet.models.time import epoch
from quintet.store.calls import batch_write, table_call
from quintet.store.codec import encode_item
from quintet.store.entity import Key
from quintet.store.errors import STALE, ConditionFailed, Refusal
from quintet.store.expressions import Condition, absent, any_of, differs, equals, exists
from quintet.store.postings import TRUSTED, Generation, Posting, Ranks, Space, State, listed
from quintet.store.transaction import Transaction

MOST_IN_TRANSACTION = 60
"""Postings that change inside the caller's transaction; with the heads that leaves it 37 of 100 actions."""
WRITER_LIFE = 900
"""Seconds after which the writer of an unfinished generation is dead: the longest a Lambda function runs."""


class Change:
    """A prepared change. `join` it to the transaction, then `finish` it whether or not that committed.

    In a `with` block `finish` happens by itself:

        with index.prepare(product.id, [product.name, product.description]) as change:
            tx.replace(old, product)
            change.join(tx)
            tx.commit()
    """

    def __init__(self, space: Space, document: str, state: State, new: Ranks) -> None:
        self._space, self._document, self._state, self._new = space, document, state, new
        self._target = self._chosen()
        self._begun: Generation | None = None

    def write_ahead(self) -> Self:
        """Write the postings of a new generation, unseen; nothing when the change fits into the transaction."""
        if self._target in (TRUSTED, self._state.generation):
            return self
        self._begun = Generation(self._target, self._new, epoch())
        row = {"words": listed(self._new), "begun_at": self._begun.begun_at}
        key = self._space.generation(self._document, self._target)
        table_call("PutItem", Item=encode_item(_row(key) | row))
        _write("PutRequest", "Item", [self._posting(*pair, self._target) for pair in self._new.items()])
        return self

    def join(self, tx: Transaction, refused: Refusal = STALE) -> Self:
        """Add the change to a transaction: at most 63 actions, `refused` when another change came first."""
        current, target = self._state.generation, self._target
        added, removed = self._difference()
        if target != current:
            added = set(self._new.items()) if target == TRUSTED else set()
            removed = set(self._state.words.items()) if current == TRUSTED else set()
            if target != TRUSTED:
                tx.check(self._space.generation(self._document, target), [_sound()], refused)
            if current != TRUSTED:
                tx.update(self._space.generation(self._document, current), put={"doomed": True})
        elif current != TRUSTED and (added or removed):
            key = self._space.generation(self._document, current)
            tx.update(key, put={"words": listed(self._new)}, where=[_sound()], refused=refused)
        self._join_head(tx, refused, changed=bool(added or removed or target != current))
        for word, rank in sorted(removed):
            tx.remove(self._posting(word, rank, current))
        for word, rank in sorted(added):
            key = self._posting(word, rank, target)
            tx.put_raw({"PK": key.pk, "SK": key.sk})
        return self

    def finish(self) -> None:
        """Remove what no reader accepts any more. Never raises: only space is lost until the next change."""
        try:
            for generation in self._leftovers():
                if self._doomed(generation):
                    self._purge(generation)
        except Exception:
            log.logger().exception("old words not removed", extra={"document": self._document})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()

    def _chosen(self) -> str:
        """The generation to end in: the trusted one when small, the same when little changes, else a new one."""
        added, removed = self._difference()
        fits = len(added) + len(removed) <= MOST_IN_TRANSACTION
        small = len(self._new) <= MOST_IN_TRANSACTION
        if self._state.generation == TRUSTED:
            return TRUSTED if small and fits else new_id()
        if small:
            return TRUSTED
        return self._state.generation if fits else new_id()

    def _difference(self) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
        """Words to add and to remove with their ranks; a word whose rank changes is in both."""
        new, old = set(self._new.items()), set(self._state.words.items())
        return new - old, old - new

    def _join_head(self, tx: Transaction, refused: Refusal, *, changed: bool) -> None:
        key, stamp = self._space.head(self._document), self._state.stamp
        as_read = [absent()] if stamp is None else [equals("stamp", stamp)]
        if not changed:
            tx.check(key, as_read, refused)
        elif not self._new:
            tx.remove(key, as_read, refused)
        else:
            words = listed(self._new) if self._target == TRUSTED else ""
            head = {"generation": self._target, "words": words, "stamp": new_id()}
            tx.put_raw(_row(key) | head, as_read, refused)

    def _leftovers(self) -> list[Generation]:
        """Generations that may have to go: ours, the one before it, doomed ones, and those of dead writers."""
        oldest = epoch() - WRITER_LIFE
        found = [g for g in self._state.others if g.doomed or g.begun_at < oldest]
        if self._begun:
            found.append(self._begun)
        if self._state.generation not in (TRUSTED, self._target):
            found.append(Generation(self._state.generation, self._state.words, 0))
        return found

    def _doomed(self, generation: Generation) -> bool:
        """Doom a generation unless it is the current one (then False); after that nobody can switch to it."""
        if generation.doomed:
            return True
        tx = Transaction()
        other = any_of(absent(), differs("generation", generation.id))
        tx.check(self._space.head(self._document), [other])
        key = self._space.generation(self._document, generation.id)
        tx.update(key, put={"doomed": True}, where=[exists("words")])
        try:
            tx.commit()
        except ConditionFailed:
            return False  # it is in use, or somebody else has removed it already
        return True

    def _purge(self, generation: Generation) -> None:
        keys = [self._posting(*pair, generation.id) for pair in generation.words.items()]
        _write("DeleteRequest", "Key", keys)
        table_call("DeleteItem", Key=self._space.generation(self._document, generation.id).attributes())

    def _posting(self, word: str, rank: int, generation: str) -> Key:
        return self._space.posting(Posting(word, rank, self._document, generation))


def _sound() -> Condition:
    """That a generation exists and is not doomed."""
    return Condition("attribute_exists({n0}) AND attribute_not_exists({n1})", ("words", "doomed"))


def _row(key: Key) -> dict[str, Any]:
    return {"PK": key.pk, "SK": key.sk, "kind": "words"}


def _write(request: str, argument: str, keys: list[Key]) -> None:
    batch_write([{request: {argument: key.attributes()}} for key in keys])
