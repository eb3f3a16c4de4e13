"""Figures as a report words them, what it remarks on, and the scale of its chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.campaigns.figures import Sums
from caidence.crm import chart
from caidence.crm.figures import amount, number, period, platform, rate, remarks
from caidence.crm.relationships import Record, Relationship

AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
ANA = Relationship("1", "o", "ana", "Ana", "instagram", "active", AT, AT)


def record(name: str = "Summer", *, status: Any = "completed", **sums: int) -> Record:
    return Record(name, name, status, None, None, Sums(**sums), AT)


@pytest.mark.parametrize(
    ("minor", "shown"), [(0, "0.00"), (5, "0.05"), (123_456, "1,234.56"), (-5, "-0.05"), (-123_456, "-1,234.56")]
)
def test_an_amount_has_two_digits(minor: int, shown: str) -> None:
    assert amount(minor) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(None, "–"), (0, "0"), (48_200, "48,200"), (999_999, "999,999"), (1_250_000, "1.25M"), (2_000_000_000, "2B")],
)
def test_a_large_count_is_short(count: int | None, shown: str) -> None:
    assert number(count) == shown


def test_a_rate_shows_its_sign_only_where_it_tells_a_gain_or_a_loss() -> None:
    assert [rate(None), rate(3.25), rate(4.0), rate(79.4, signed=True), rate(-100, signed=True)] == [
        "–", "3.2%", "4%", "+79.4%", "-100%",
    ]  # fmt: skip


def test_a_period_tells_what_is_known_of_it() -> None:
    first, last = date(2026, 6, 1), date(2026, 8, 31)
    assert [period(first, last), period(first, first), period(first, None), period(None, last), period(None, None)] == [
        "1 Jun 2026 – 31 Aug 2026", "1 Jun 2026", "from 1 Jun 2026", "until 31 Aug 2026", "no dates",
    ]  # fmt: skip


def test_a_platform_is_written_as_it_writes_itself() -> None:
    assert [platform(name) for name in ("tiktok", "youtube", "instagram", "mastodon")] == [
        "TikTok", "YouTube", "Instagram", "Mastodon",
    ]  # fmt: skip


def test_who_was_in_no_campaign_has_only_that_to_be_said() -> None:
    assert remarks(ANA) == ["@ana has not been in a campaign yet."]


def test_campaigns_without_events_are_called_unmeasured() -> None:
    assert remarks(replace(ANA, campaigns=1, history=(record(status="active"),))) == [
        "@ana has been in 1 campaign, which is active now.",
        "Nothing has been measured in this campaign yet.",
    ]


def test_remarks_tell_the_return_the_best_campaign_and_the_price_of_a_conversion() -> None:
    history = (
        record("Spring", spend=10_000, revenue=8_000, conversions=4, impressions=100),
        record("Summer", status="active", spend=20_000, revenue=40_000, conversions=6, impressions=100),
    )
    assert remarks(replace(ANA, campaigns=73, history=history)) == [
        "@ana has been in 73 campaigns. This report is on the newest of them: 2 campaigns, 1 of which is active now.",
        "These campaigns spent 300.00 and brought conversions worth 480.00: a gain of 60%.",
        "The best return came from “Summer”, with +100%.",
        "A conversion of these campaigns cost 30.00 on average.",
    ]


@pytest.mark.parametrize(
    ("campaigns", "said"),
    [
        (1, "@ana has been in 1 campaign, which was deleted."),
        (2, "@ana has been in 2 campaigns, all of which were deleted."),
    ],
)
def test_who_was_in_campaigns_that_are_gone_has_been_in_some(campaigns: int, said: str) -> None:
    assert remarks(replace(ANA, campaigns=campaigns, spend=5_000)) == [said]


def test_what_is_left_of_campaigns_is_told_apart_from_what_was_deleted() -> None:
    assert remarks(replace(ANA, campaigns=2, history=(record(),)))[0] == (
        "@ana has been in 2 campaigns. This report is on the only one that is left: 1 campaign, which is not active"
        " now."
    )


def test_a_loss_is_called_one_and_what_comes_out_even_is_neither() -> None:
    lost = replace(ANA, history=(record(spend=100, revenue=25),))
    even = replace(ANA, history=(record(spend=100, revenue=100),))
    assert remarks(lost)[1] == "This campaign spent 1.00 and brought conversions worth 0.25: a loss of 75%."
    assert remarks(even)[1] == "This campaign spent 1.00 and brought conversions worth as much."


@given(st.integers(min_value=1, max_value=10**15))
def test_a_scale_is_round_evenly_spaced_and_reaches_the_largest_amount(largest: int) -> None:
    ticks = chart.scale(largest)
    step = ticks[1]
    assert ticks == [step * number for number in range(len(ticks))]
    assert ticks[-2] < largest <= ticks[-1]
    assert len(ticks) <= chart.STEPS + 1
    assert str(step).rstrip("0") in {"1", "2", "25", "5"}


def test_a_scale_of_nothing_still_has_an_end() -> None:
    assert chart.scale(0) == [0, 100]


@pytest.mark.parametrize(
    ("minor", "shown"),
    [(0, "0"), (50, "0.5"), (25_000, "250"), (250_000, "2.5k"), (125_000_000, "1.25M"), (10**11, "1B")],
)
def test_amounts_on_the_scale_are_short(minor: int, shown: str) -> None:
    assert chart.short_amount(minor) == shown
