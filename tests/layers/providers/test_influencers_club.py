"""Influencers Club over HTTP: what is asked, what each answer becomes, and what an uncertain answer leaves open."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.faulty import Faults
from infra.local.influencers_club import API_KEY, InfluencersClub, creators
from quintet.keys.keyring import SystemSecret
from quintet.providers import influencers_club
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, Unavailable
from quintet.providers.influencers_club import Limited, Uncertain
from quintet.settings import use
from tests.layers.http_servers import Site, serving
from tests.support.aws import SECRET


def holding(key: str) -> Any:
    text = json.dumps({**SECRET, "influencers_club_api_key": key})
    return patch.object(influencers_club, "secret", lambda: SystemSecret.parse(text))


@pytest.fixture(autouse=True)
def _secret() -> Iterator[None]:
    with holding(API_KEY):
        yield


@pytest.fixture
def club() -> Iterator[InfluencersClub]:
    """The stand-in."""
    found = InfluencersClub()
    found.start()
    with use({"QUINTET_INFLUENCERS_CLUB_URL": found.url}):
        yield found
    found.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    """A server that answers whatever it is told to."""
    with serving(Site()) as site, use({"QUINTET_INFLUENCERS_CLUB_URL": site.url("")}):
        yield site


def search() -> influencers_club.Found:
    return influencers_club.search("instagram", {}, 1, 2)


@pytest.mark.parametrize("key", ["", "  ", "Bearer "])
def test_without_a_key_nothing_is_asked(club: InfluencersClub, key: str) -> None:
    with holding(key):
        for call in (influencers_club.require_configured, search, influencers_club.account):
            with pytest.raises(NotConfigured, match="influencers_club_api_key"):
                call()
    assert club.asked == []


def test_a_key_may_be_pasted_with_its_scheme(club: InfluencersClub) -> None:
    with holding(f"Bearer {API_KEY} "):
        influencers_club.account()
    assert club.asked[0].headers["authorization"] == f"Bearer {API_KEY}"


def test_a_page_counts_from_one_here_and_from_zero_there(club: InfluencersClub) -> None:
    found = influencers_club.search("tiktok", {"is_verified": True}, 3, 7)
    assert club.asked[0].json["paging"] == {"limit": 7, "page": 2}
    assert len(found.creators) == 7
    assert found.cost is None, "searches say what is left, not what they cost"


def test_an_answer_cut_anywhere_is_uncertain(club: InfluencersClub) -> None:
    whole = 0
    for cut in range(2000):
        club.faults = Faults(cut=cut)
        try:
            found = search()
        except Uncertain:
            continue
        whole = cut
        assert [one.handle for one in found.creators] == [
            one["username"] for one in creators("instagram", '[null, ""]')[:2]
        ]
        break
    assert whole > 300, "only the whole answer is one"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (401, Rejected), (402, Rejected), (404, Rejected), (429, Limited), (500, Unavailable)],
)
def test_each_status_becomes_what_a_caller_can_act_on(
    club: InfluencersClub, status: int, kind: type[ProviderError]
) -> None:
    club.faults = Faults(status=status, code="Because")
    with pytest.raises(ProviderError) as caught:
        search()
    assert type(caught.value) is kind
    assert str(caught.value) == f"Influencers Club answered {status}: Because"


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", 0.0), ("", 0.0)])
def test_how_long_to_wait_is_passed_on(site: Site, header: str, seconds: float) -> None:
    site.answer(429, b"{}", retry_after=header)
    with pytest.raises(Limited) as caught:
        search()
    assert caught.value.retry_after == seconds


def test_nobody_there_is_unavailable_and_surely_nothing_was_done() -> None:
    with use({"QUINTET_INFLUENCERS_CLUB_URL": "http://127.0.0.1:9"}), pytest.raises(Unavailable) as caught:
        search()
    assert not isinstance(caught.value, Uncertain)


def test_an_answer_that_is_too_large_is_refused(site: Site) -> None:
    site.answer(200, b'{"accounts": []}' + b" " * influencers_club.LARGEST)
    with pytest.raises(Rejected, match="more than can be taken"):
        search()


@pytest.mark.parametrize(
    ("cost", "hundredths"),
    [(0.8, 80), (1, 100), ("0.03", 3), (0.005, 1), (None, None), (True, None), ("much", None), (-1, None),
     ("NaN", None), (1e300, None), ([], None)],
)  # fmt: skip
def test_what_it_cost_is_read_as_hundredths(site: Site, cost: Any, hundredths: int | None) -> None:
    site.answer(200, json.dumps({"result": {}, "credits_cost": cost}).encode())
    assert influencers_club.enrich("instagram", "a", "raw").cost == hundredths


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ([{"a": 1}, "b", 3, None], [{"a": 1}, "b"]),
        ({"results": ["a"]}, ["a"]),
        ({"count": 1, "data": ["a"]}, ["a"]),
        ([], []),
    ],
)
def test_options_are_found_where_they_lie(site: Site, body: Any, options: list[Any]) -> None:
    site.answer(200, json.dumps(body).encode())
    assert influencers_club.classifier("games") == options


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=12,
)
shaped = st.fixed_dictionaries(
    {"accounts": st.lists(st.fixed_dictionaries({"profile": st.dictionaries(
        st.sampled_from(["username", "full_name", "followers", "engagement_percent", "picture"]), json_values)}))},
    optional={"total": json_values, "credits_cost": json_values},
)  # fmt: skip


@given(json_values | shaped)
def test_any_json_is_creators_or_uncertain(answer: Any) -> None:
    try:
        found = influencers_club._found("instagram", 10, answer)
    except Uncertain:
        return
    for one in found.creators:
        assert one.handle.strip()
        assert one.followers is None or one.followers >= 0
    assert found.total >= 0
    assert found.cost is None or found.cost >= 0


def test_the_key_shows_in_no_log(club: InfluencersClub, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        search()
    assert API_KEY not in caplog.text
