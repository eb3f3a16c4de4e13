"""Where in the log a moment is: timestamps never go back from one entry to the next."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from softfactory.audit.entities import Day, Head, Leaf
from softfactory.audit.lists import Span
from softfactory.service import store

_PROBES: Final = 15
"""Entries that are read in one batch while looking for one."""


def between(head: Head, since: datetime | None, until: datetime | None) -> Span:
    """The entries from `since` up to `until`, without it: an empty range where the one is not before the other."""
    first = 0 if since is None else first_at(head, since)
    end = head.size if until is None else first_at(head, until)
    return first, max(first, end)


def first_at(head: Head, moment: datetime) -> int:
    """The index of the first entry at or after a moment; the size of the tree where there is none yet.

    A day is one Query, a moment within it a batch of reads for every sixteenth that the day's entries are cut into.
    """
    if head.at is None or moment > head.at:
        return head.size
    day = moment.astimezone(UTC).date()
    found = _days_from(day)
    if not found:
        return head.size
    begins, midnight = found[0], datetime(day.year, day.month, day.day, tzinfo=UTC)
    if begins.day != day.isoformat() or moment == midnight:
        return begins.first
    return _first_within(begins.first, found[1].first if len(found) > 1 else head.size, moment)


def _days_from(day: date) -> list[Day]:
    """The first two days that have entries, not before `day`."""
    eve = (day - timedelta(days=1)).isoformat() if day > date.min else ""
    after = {name: {"S": value} for name, value in (("PK", Day.key(day="").pk), ("SK", eve))} if eve else None
    return store.query(Day, limit=2, after=after, consistent=True).items


def _first_within(first: int, end: int, moment: datetime) -> int:
    """The first of the entries `first` up to `end` that is not before a moment; `end` when all are."""
    while first < end:
        step = -(-(end - first) // (_PROBES + 1))
        probes = range(first + step - 1, end, step)
        leaves: list[Leaf] = store.get_all([Leaf.ref(index=index) for index in probes])
        early = [leaf.index for leaf in leaves if leaf.at < moment]
        late = [leaf.index for leaf in leaves if leaf.at >= moment]
        first = early[-1] + 1 if early else first
        end = late[0] if late else end
    return first
