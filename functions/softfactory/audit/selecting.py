"""Which entries are asked for, and which lists hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from softfactory.audit import lists
from softfactory.audit.entities import EVERYBODY, KnownKind
from softfactory.audit.facts import Kind
from softfactory.audit.pending import Waiting
from softfactory.audit.reading import key_of
from softfactory.service import store


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for. `action` may be the family of one, what stands before its dot; `access` leaves those
    that are about access alone; the range of time ends before `until`."""

    resource: str | None = None
    action: str | None = None
    user_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    access: bool = False
    concerning: bool = False
    """Of a user, also what others did to them or in their name."""

    @property
    def scope(self) -> str:
        """The name of the list, to which its cursors belong."""
        parts = (self.resource, self.action, self.user_id, self.since, self.until, self.access, self.concerning)
        return "audit|" + "|".join(map(str, parts))

    def takes(self, waiting: Waiting) -> bool:
        """Whether an entry that is not in the log yet is asked for."""
        return (
            self._takes(waiting.kind)
            and (self.user_id is None or waiting.concerns(self.user_id, others=self.concerning))
            and (self.since is None or waiting.at >= self.since)
            and (self.until is None or waiting.at < self.until)
        )

    def names(self) -> list[str] | None:
        """The lists whose members in the log these are, whatever their time; None for the whole log."""
        if self.user_id is not None:
            key_id = key_of(self.user_id)
            return [] if key_id is None else self._names_of_user(key_id)
        asked = (self.resource is not None, self.action is not None, self.access)
        if asked == (False, False, False):
            return None
        if asked == (False, False, True):
            return [lists.ACCESS]
        if asked == (True, False, False):
            return [lists.of_resource(str(self.resource))]
        if asked == (False, True, False) and self._family is not None:
            return [lists.of_family(self._family)]
        there = _kinds(EVERYBODY)
        return _covering([kind for kind in there if self._takes(kind)], there)

    def _names_of_user(self, key_id: str) -> list[str]:
        if self.resource is not None or self.action is not None:
            return [lists.by_user_of_kind(key_id, kind) for kind in _kinds(key_id) if self._takes(kind)]
        if self.access:
            return [lists.by_user_on_access(key_id)]
        return [lists.by_user(key_id), *([lists.about_user(key_id)] if self.concerning else [])]

    @property
    def _family(self) -> str | None:
        """The family that is asked for; None for one action, or any."""
        name = (self.action or ".x").removesuffix(".")
        return None if "." in name else name

    def _takes(self, kind: Kind) -> bool:
        return (
            self.resource in (None, kind.resource)
            and (self.action in (None, kind.action) or self._family == kind.family)
            and (kind.access or not self.access)
        )


def _kinds(whose: str) -> list[Kind]:
    """The kinds of entries that there are: some dozens, of one user some."""
    found = store.query(KnownKind, whose=whose, consistent=True).items
    return [Kind(kind.action, kind.resource, kind.access) for kind in found]


def _covering(wanted: Sequence[Kind], there: Sequence[Kind]) -> list[str]:
    """The lists of some of the kinds that there are: one where these are a whole family, or all of a resource."""
    if wanted:
        family, resource = wanted[0].family, wanted[0].resource
        if wanted == [kind for kind in there if kind.family == family]:
            return [lists.of_family(family)]
        if wanted == [kind for kind in there if kind.resource == resource]:
            return [lists.of_resource(resource)]
    return [lists.of_kind(kind) for kind in wanted]
