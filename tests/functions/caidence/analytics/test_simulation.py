"""Simulated estimates: the same for the same question, bounded, and free of contradictions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from caidence.analytics import simulation
from caidence.analytics.evidence import Evidence, judged, usual_rate
from caidence.campaigns.dimensions import canonical

NAMES = st.text(min_size=1, max_size=12)
REACHES = st.dictionaries(NAMES, st.integers(1, 10**10), min_size=1, max_size=10)


@given(REACHES)
def test_unique_reach_is_at_least_the_largest_channel_and_at_most_all_together(reaches: dict[str, int]) -> None:
    found = simulation.overlap(reaches)
    assert found.total == sum(reaches.values())
    assert max(reaches.values()) <= found.unique <= found.total
    assert sum(found.added.values()) == found.unique
    assert all(0 <= added <= reaches[name] for name, added in found.added.items())
    assert 0 <= found.percentage < 100
    assert found == simulation.overlap(dict(reversed(reaches.items())))


@given(REACHES, NAMES, st.integers(1, 10**10))
def test_another_channel_lowers_neither_reach(reaches: dict[str, int], name: str, reach: int) -> None:
    more = simulation.overlap({**reaches, name: reach})
    fewer = {each: n for each, n in reaches.items() if each != name}
    if fewer:
        less = simulation.overlap(fewer)
        assert more.total >= less.total
        assert more.unique >= less.unique


@given(st.lists(NAMES, min_size=2, max_size=5, unique=True), st.dictionaries(NAMES, st.integers(1, 10**9), max_size=5))
def test_an_estimate_is_on_the_scale_of_what_is_measured(channels: list[str], measured: dict[str, int]) -> None:
    found = simulation.reaches(channels, measured)
    assert all(found[name] == measured[name] for name in channels if name in measured)
    assert all(simulation.reaches([name], measured)[name] == reach > 0 for name, reach in found.items())
    largest = max([40 * reach + 1 for reach in measured.values()] or [simulation.MOST_REACH])
    assert max(found.values()) <= largest, "no channel is more than the ratio of the bounds above the largest"


FOLLOWERS, RATES = st.integers(1, 10**10), st.floats(0, 10_000)


@given(FOLLOWERS, RATES, st.booleans(), st.integers(0, 5))
def test_evidence_makes_a_bounded_score(followers: int, rate: float, active: bool, conversions: int) -> None:
    found = judged(Evidence(followers, rate, active, conversions))
    assert 0 <= found.score <= judged(Evidence(followers, rate, True, 5)).score <= 100
    assert judged(Evidence(followers, usual_rate(followers))).score >= judged(Evidence(followers, rate)).score


@given(NAMES, NAMES)
def test_credibility_is_bounded_and_speaks_with_one_voice(handle: str, platform: str) -> None:
    found = simulation.credibility(handle, platform)
    assert found == simulation.credibility(handle, platform)
    assert 0 <= found.score <= 100
    assert 0 <= found.fake_followers <= 100
    assert found.risk == ("low" if found.score >= 70 else "medium" if found.score >= 40 else "high")
    assert not (found.verified and found.risk != "low")


@given(st.lists(st.tuples(NAMES, NAMES), min_size=2, max_size=10))
def test_a_higher_score_means_fewer_fake_followers(people: list[tuple[str, str]]) -> None:
    ranked = sorted((simulation.credibility(*who) for who in people), key=lambda found: found.score)
    fakes = [found.fake_followers for found in ranked]
    assert fakes == sorted(fakes, reverse=True)


def test_all_three_risks_occur() -> None:
    found = [simulation.credibility(f"somebody{n}", "instagram") for n in range(200)]
    assert {each.risk for each in found} == {"low", "medium", "high"}
    assert {each.verified for each in found} == {True, False}


@given(st.lists(NAMES, min_size=2, max_size=10, unique=True))
def test_shares_of_voice_sum_to_a_hundred_in_any_order(competitors: list[str]) -> None:
    voices = simulation.share_of_voice(competitors)
    assert voices == simulation.share_of_voice(competitors[::-1])
    assert voices.keys() == set(competitors)
    assert sum(voices.values()) == 100
    assert min(voices.values()) >= 1


@given(NAMES)
def test_sentiment_sums_to_a_hundred(competitor: str) -> None:
    found = simulation.sentiment(competitor)
    assert found == simulation.sentiment(competitor)
    assert list(found) == ["positive", "neutral", "negative"]
    assert sum(found.values()) == 100
    assert min(found.values()) >= 0


@given(NAMES)
def test_a_channels_reach_is_bounded_and_does_not_depend_on_case(name: str) -> None:
    assert simulation.LEAST_REACH <= simulation.reach_of(canonical(name)) <= simulation.MOST_REACH
    assert canonical(canonical(name)) == canonical(name)
    assert canonical(f" {name.upper()} ") == canonical(name.upper())
