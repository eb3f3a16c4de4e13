"""Relationships shown while the platform is empty, so that a front end has something to show; always marked as demo."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Final

from caidence.campaigns.figures import Sums
from caidence.crm.relationships import Record, Relationship

ORGANIZATION: Final = "Demo agency"
_CREATED: Final = datetime(2026, 5, 4, 9, tzinfo=UTC)
_CHANGED: Final = datetime(2026, 9, 30, 12, tzinfo=UTC)


def _id(number: int) -> str:
    return f"01930000-0000-7000-8000-00000000c{number:03}"


@cache
def relationships() -> tuple[Relationship, ...]:
    """Three of them, newest first."""
    summer = Record(
        _id(11), "Summer Citrus", "completed", date(2026, 6, 1), date(2026, 8, 31),
        Sums(412_000, 15_650, 820, 31_200, 640_000, 1_148_000), _CHANGED,
    )  # fmt: skip
    morning = Record(
        _id(12), "Slow Mornings", "active", date(2026, 9, 1), None,
        Sums(158_400, 4_910, 214, 12_700, 185_000, 299_600), _CHANGED,
    )  # fmt: skip
    return (
        Relationship(
            _id(3), _id(0), "lena.bakes", "Lena Bakes", "instagram", "active", _CREATED, _CHANGED,
            campaigns=2, spend=505_000, followers=184_000, engagement_rate=4.6, category="food", tier="macro",
            history=(morning, summer),
        ),
        Relationship(
            _id(2), _id(0), "marcotrails", "Marco Ruiz", "youtube", "past", _CREATED, _CHANGED,
            campaigns=1, spend=320_000, followers=96_500, engagement_rate=3.1, category="outdoor", tier="mid",
            history=(summer,),
        ),
        Relationship(
            _id(1), _id(0), "aiko.writes", "Aiko 愛子", "tiktok", "prospect", _CREATED, _CHANGED,
            followers=41_200, engagement_rate=7.9, category="books", tier="micro",
        ),
    )  # fmt: skip
