"""How many calls were answered and how many bytes, from the metrics that every operation writes anyway.

They are counted by CloudWatch from the log, at no cost to a request, and seen there some two minutes later.
"""

from dataclasses import dataclass

from quintet.api import ErrorType
from quintet.models import now
from quintet.providers.errors import ProviderError
from quintet.providers.metrics import daily_sums

UNREADABLE = ErrorType(502, "metrics_unreadable", "The usage metrics cannot be read at the moment")


@dataclass(frozen=True, slots=True)
class Served:
    """Calls of this UTC day and bytes of replies of this UTC month, until now."""

    calls_today: int
    bytes_this_month: int


def read() -> Served:
    """What was served. Raises 502 when CloudWatch does not answer."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        sums = daily_sums(["Requests", "BytesOut"], today.replace(day=1), now())
    except ProviderError as error:
        raise UNREADABLE(f"{UNREADABLE.message}: {error}") from None
    return Served(round(sums["Requests"].get(today, 0)), round(sum(sums["BytesOut"].values())))
