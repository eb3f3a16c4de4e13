"""Idempotency-Key: the same request twice has one effect and one answer (draft-ietf-httpapi-idempotency-key-header).

Two ways, chosen by the handler's signature. `idempotent=True` on the decorator claims the key before the handler
runs and stores the answer after it. A handler that takes `once: Once` puts the answer's record into its own
transaction: then effect and record commit together, and a lost reply can always be had again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from quintet import log
from quintet.api.errors import StandardErrors
from quintet.api.forms import UploadedFile
from quintet.api.reply import Answer
from quintet.errors import ApiError
from quintet.models.time import epoch
from quintet.store import (
    Condition,
    ConditionFailed,
    Entity,
    Keys,
    Store,
    Transaction,
    absent,
    any_of,
    equals,
    less_than,
    parts,
)
from quintet.store.errors import Old

KEPT = 24 * 3600
"""Seconds an answer can be had again."""
LEASE = 60
"""Seconds after which a claim whose function died may be taken over."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")


class Record(Entity):
    """A key that was used; without `status` it is still in flight."""

    kind: ClassVar[str] = "idempotency"
    keys: ClassVar[Keys] = Keys("IDEMPOTENCY#{scope}", "{token}")

    scope: str
    token: str
    fingerprint: str
    status: int | None = None
    body: str = ""
    parts: str = ""
    """The name of the parts that a body too large for this item is kept in (`store.parts`)."""
    headers: dict[str, str] = Field(default_factory=dict)
    lease: int = 0
    expires_at: int


class _Lost(Exception):
    """The key is held by another request, whose record this is."""

    def __init__(self, old: Old) -> None:
        self.record = Record.model_validate(old) if old else None


class Once:
    """The idempotency key of one request; harmless when the caller sent none."""

    def __init__(self, scope: str, token: str | None, said: Callable[[], Any], errors: StandardErrors) -> None:
        """`token` is the header; `said` answers all that makes a request another one, as it was understood."""
        self._errors, self._store = errors, Store()
        self.used = token is not None
        self._render: Callable[[Any], Answer] | None = None
        if token is None:
            return
        if not _KEY.match(token):
            raise errors.key_invalid()
        self._record = Record(scope=scope, token=token, fingerprint=fingerprint(said()), expires_at=epoch() + KEPT)

    def replay(self) -> Answer | None:
        """The stored answer, None when the key is new. Raises 422 for another request, 409 while in flight."""
        if not self.used:
            return None
        found = self._store.get(Record, scope=self._record.scope, token=self._record.token)
        return self._answer(found) if found and found.expires_at > epoch() else None

    def _answer(self, found: Record) -> Answer:
        if found.fingerprint != self._record.fingerprint:
            raise self._errors.key_reused()
        if found.status is None:
            raise self._errors.key_in_use()
        body = parts.recall(found.parts) if found.parts else found.body.encode()
        return found.status, body, {**found.headers, "Idempotency-Replayed": "true"}

    def rendered_by(self, render: Callable[[Any], Answer]) -> None:
        """How the operation turns its result into an answer; the pipeline says so before the handler runs."""
        self._render = render

    def record(self, tx: Transaction, result: Any) -> None:
        """Add the answer to the handler's transaction; a second request with the key then cannot commit."""
        if not self.used:
            return
        assert self._render is not None
        done = self._record.model_copy(update=self._kept(self._render(result)))
        tx.put(done, [_free()], refused=_Lost)

    def claim(self) -> Answer | None:
        """Take the key before the work; the stored answer when it is done already."""
        if not self.used:
            return None
        tx = self._store.transaction()
        self._record = self._record.model_copy(update={"lease": epoch() + LEASE})
        free = any_of(absent(), less_than("expires_at", epoch()), _abandoned())
        tx.put(self._record, [free], refused=_Lost)
        try:
            tx.commit()
        except _Lost as lost:
            return self._answer(lost.record) if lost.record else None
        return None

    def settle(self, answer: Answer) -> None:
        """Keep the answer of finished work, unless another has taken the key over since.

        The work is done, so its answer stands even when it cannot be kept.
        """
        if not self.used:
            return
        try:
            self._store.update(Record, self._record.own_key(), put=self._kept(answer), where=self._still_ours())
        except ConditionFailed:
            pass
        except ApiError:
            log.logger().exception("answer of an idempotent operation not kept")

    def _kept(self, answer: Answer) -> dict[str, Any]:
        """An answer as the record keeps it, whatever its size."""
        status, body, headers = answer
        if len(body) <= parts.LARGEST and _is_text(body):
            return {"status": status, "body": body.decode(), "headers": headers}
        # Written before the record names them, so that an effect never stands with an answer that cannot be kept.
        name = parts.keep(body, self._record.expires_at)
        return {"status": status, "parts": name, "headers": headers}

    def release(self) -> None:
        """Forget a claim whose work was refused, so that a corrected request may use the key. What was refused is what
        its caller must hear, so a claim that cannot be forgotten stays until its lease is over."""
        if not self.used:
            return
        tx = self._store.transaction()
        tx.remove(self._record.own_key(), where=self._still_ours())
        try:
            tx.commit()
        except ConditionFailed:
            pass
        except ApiError:
            log.logger().exception("claim of a refused request not released")

    def _still_ours(self) -> list[Condition]:
        return [equals("lease", self._record.lease), absent("status")]


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def fingerprint(said: Any) -> str:
    """A digest of a request as it was understood: files by their bytes, names in any order."""
    return hashlib.sha256(json.dumps(_plain(said), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):  # what was not said is another thing than null
        return {name: _plain(getattr(value, name)) for name in sorted(value.model_fields_set)}
    if isinstance(value, UploadedFile):
        return [value.filename, value.content_type, _plain(value.content)]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(json.dumps(_plain(each), sort_keys=True) for each in value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _free() -> Condition:
    return any_of(absent(), less_than("expires_at", epoch()))


def _abandoned() -> Condition:
    return Condition("attribute_not_exists({n0}) AND {n1} < {v0}", ("status", "lease"), (epoch(),))
