"""Rate limits: exact under threads, by caller, with headers that say when to come back."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from quintet.api import RateLimit, StandardErrors
from quintet.api.limits import spend
from quintet.errors import ApiError
from quintet.models.time import frozen
from quintet.settings import Settings
from quintet.testing import Answer, Client
from tests.layers.api.noted.service import api
from tests.support.aws import in_threads

pytestmark = pytest.mark.dynamodb


def test_the_headers_count_down_and_the_fourth_waits(table: Settings, token: Callable[..., str]) -> None:
    client = Client(api, token=token("ann"))
    start = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    with frozen(start) as clock:
        clock.advance(seconds=20)
        client = client.as_caller(token("ann"))
        answers = [client.post("/api/v1/limited", {"title": "x"}) for _ in range(4)]
        assert [a.headers["x-ratelimit-remaining"] for a in answers] == ["2", "1", "0", "0"]
        assert answers[0].headers["ratelimit-policy"] == '"std";q=3;w=60'
        last = answers[3]
        assert (last.status, last.body) == (
            429, {"error": {"code": "rate_limited", "message": "Too many requests, please try again later"}},
        )  # fmt: skip
        names = ("retry-after", "x-ratelimit-limit", "x-ratelimit-reset", "ratelimit")
        reset = str(int(start.timestamp()) + 60)
        assert [last.headers[name] for name in names] == ["40", "3", reset, '"std";r=0;t=40']
        assert client.as_caller(token("bob")).post("/api/v1/limited", {"title": "x"}).status == 200
        clock.advance(seconds=40)
        assert client.post("/api/v1/limited", {"title": "x"}).status == 200


def test_no_more_pass_than_the_limit_however_many_come_at_once(table: Settings, token: Callable[..., str]) -> None:
    with frozen():
        client = Client(api, token=token("ann"))
        answers = in_threads(12, lambda _: client.post("/api/v1/limited", {"title": "x"}))
    statuses = [a.status for a in answers if isinstance(a, Answer)]
    assert (statuses.count(200), statuses.count(429)) == (3, 9)


def test_a_limit_may_count_addresses(table: Settings) -> None:
    limit = RateLimit(1, per=10, by="ip")
    with frozen():
        spend(limit, "x", "198.51.100.1", StandardErrors())
        spend(limit, "x", "198.51.100.2", StandardErrors())
        with pytest.raises(ApiError, match="Too many"):
            spend(limit, "x", "198.51.100.1", StandardErrors())
        spend(limit, "y", "198.51.100.1", StandardErrors())


def test_a_limit_counts_an_ipv6_network_as_one_address(table: Settings) -> None:
    limit = RateLimit(1, per=10, by="ip")
    with frozen():
        spend(limit, "x", "2001:db8:1:2::1", StandardErrors())
        with pytest.raises(ApiError, match="Too many"):
            spend(limit, "x", "2001:db8:1:2:9::1", StandardErrors())
        spend(limit, "x", "2001:db8:1:3::1", StandardErrors())
