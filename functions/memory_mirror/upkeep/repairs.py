"""Mending what the checks found: each time with the state before it, so that it can be undone.

Access patterns:
    what was mended for a subject, newest first    SUBJECT#<subject>#Fix / <at>#<id>
    what was mended on a day                       GSI1 FIX#<yyyy-mm-dd> / <at>#<id>
    one of them is kept for `KEPT`, then gone by TTL
A mending and its before-image are one transaction, on condition that nobody wrote the item since it was read.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field

from memory_mirror.accounts.access import Access
from memory_mirror.entities.kinds import KINDS
from memory_mirror.records.record import Record, noted
from memory_mirror.service import store
from memory_mirror.times.moments import Moment, iso
from memory_mirror.upkeep.integrity import Finding, Type
from quintet.models import epoch, new_id
from quintet.store import AsJson, ConditionFailed, Entity, Index, Keys, absent, equals

KEPT = timedelta(days=120)
"""How long a before-image is kept."""

_KINDS: Mapping[str, type[Entity]] = {**KINDS, Access.kind: Access}


class Fix(Entity):
    """That an item was changed or removed, and what it was before."""

    kind: ClassVar[str] = "fix"
    keys: ClassVar[Keys] = Keys(
        "SUBJECT#{subject}#Fix", "{made}#{id}", gsi1=Index("FIX#{date}", "{made}#{id}", order="ascending")
    )

    id: str = Field(default_factory=new_id)
    subject: str
    type: Type
    item_kind: str
    item_id: str
    removed: bool
    before: Annotated[dict[str, Any], AsJson()]
    version_after: int
    at: Moment
    date: str = ""
    made: str = ""
    expires_at: int

    def model_post_init(self, _: object, /) -> None:
        self.made = iso(self.at)
        self.date = self.made[:10]


def mend(finding: Finding, at: datetime) -> Fix | None:
    """Mend what was found; None when somebody wrote the item meanwhile, so that it is to be looked at again."""
    item = finding.item
    fix = _fix(finding, at)
    tx = store.transaction()
    if finding.remove:
        tx.delete(item, refused=None)
    else:
        tx.replace(item, item.model_copy(update=_changes(finding, at)), refused=None)
    tx.create(fix)
    try:
        tx.commit()
    except ConditionFailed:
        return None
    if isinstance(item, Record):
        noted("delete" if finding.remove else "write", item)
    return fix


def undo(fix: Fix) -> bool:
    """Put an item back as it was before; False when somebody wrote it since."""
    item = _KINDS[fix.item_kind].model_validate(fix.before)
    item.version = fix.version_after + 1
    tx = store.transaction()
    tx.put(item, [absent()] if fix.removed else [equals("version", fix.version_after)])
    tx.remove(fix.own_key())
    try:
        tx.commit()
    except ConditionFailed:
        return False
    if isinstance(item, Record):
        noted("write", item)
    return True


def fixes_of(date: str) -> list[Fix]:
    """What was mended on a day (UTC, `2026-03-01`), in its order."""
    return list(store.each(Fix, "gsi1", date=date))


def _changes(finding: Finding, at: datetime) -> dict[str, Any]:
    updated = {"updated_date": at} if isinstance(finding.item, Record) else {}
    return {**(finding.changes or {}), **updated}


def _fix(finding: Finding, at: datetime) -> Fix:
    item = finding.item
    return Fix(
        subject=getattr(item, "subject", ""),
        type=finding.type,
        item_kind=item.kind,
        item_id=item.id if isinstance(item, Record) else item.own_key().sk,
        removed=finding.remove,
        before=item.model_dump(mode="json", exclude_none=True),
        version_after=item.version + (0 if finding.remove else 1),
        at=at,
        expires_at=epoch(at + KEPT),
    )
