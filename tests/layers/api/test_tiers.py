"""Tiers: two windows at once, exact under threads, one write a request, changed while running."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from quintet.api import StandardErrors, tiers
from quintet.api.tiers import ADJUSTED_FOR, Allowance, Tier, adjust, allowance, spend_tier
from quintet.errors import ApiError
from quintet.models.time import FrozenClock, epoch, frozen
from quintet.settings import Settings
from quintet.store import Store
from quintet.testing import Client
from tests.layers.api.tiered import calls
from tests.support.aws import in_threads
from tests.support.calls import recorded

pytestmark = pytest.mark.dynamodb

Token = Callable[..., str]
STANDARD = Tier("standard", per_minute=3, per_hour=5)
ERRORS = StandardErrors()
TEN = datetime(2026, 3, 1, 10, 0, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(table: Settings) -> Iterator[FrozenClock]:
    with frozen(TEN) as clock:
        yield clock


def refused(tier: Tier, who: str) -> dict[str, str]:
    with pytest.raises(ApiError) as failure:
        spend_tier(tier, who, ERRORS)
    assert failure.value.status == 429
    return dict(failure.value.headers)


def test_the_window_with_least_left_is_told_and_both_hold(clock: FrozenClock) -> None:
    first = spend_tier(STANDARD, "ann", ERRORS)
    assert first == {
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "2",
        "X-RateLimit-Reset": str(epoch() + 40),
        "RateLimit-Policy": '"minute";q=3;w=60, "hour";q=5;w=3600',
        "RateLimit": '"minute";r=2;t=40',
    }
    spend_tier(STANDARD, "ann", ERRORS)
    spend_tier(STANDARD, "ann", ERRORS)
    told = refused(STANDARD, "ann")
    assert (told["Retry-After"], told["X-RateLimit-Limit"], told["X-RateLimit-Remaining"]) == ("40", "3", "0")
    clock.advance(seconds=40)
    assert spend_tier(STANDARD, "ann", ERRORS)["RateLimit"] == '"hour";r=1;t=3540'
    assert spend_tier(STANDARD, "ann", ERRORS)["RateLimit"] == '"hour";r=0;t=3540'
    told = refused(STANDARD, "ann")
    assert (told["Retry-After"], told["X-RateLimit-Limit"], told["X-RateLimit-Reset"]) == (
        "3540",
        "5",
        str(epoch() + 3540),
    )
    clock.advance(minutes=1)
    assert refused(STANDARD, "ann")["Retry-After"] == "3480"
    clock.advance(minutes=58)
    assert spend_tier(STANDARD, "ann", ERRORS)["RateLimit"] == '"minute";r=2;t=60'


def test_a_refused_request_counts_in_neither_window(clock: FrozenClock) -> None:
    for _ in range(3):
        spend_tier(STANDARD, "ann", ERRORS)
    for _ in range(10):
        refused(STANDARD, "ann")
    clock.advance(minutes=1)
    assert spend_tier(STANDARD, "ann", ERRORS)["RateLimit"] == '"hour";r=1;t=3520'


@pytest.mark.parametrize("tier", [Tier("standard", 20, 1000), Tier("standard", 1000, 20)], ids=["minute", "hour"])
def test_of_fifty_at_once_exactly_as_many_pass_as_are_allowed(tier: Tier) -> None:
    answers = in_threads(50, lambda _: spend_tier(tier, "ann", ERRORS))
    passed = [answer for answer in answers if isinstance(answer, dict)]
    assert len(passed) == 20
    assert sum(isinstance(answer, ApiError) and answer.status == 429 for answer in answers) == 30
    assert sorted(int(answer["X-RateLimit-Remaining"]) for answer in passed) == list(range(20))


def test_callers_do_not_count_for_each_other_and_addresses_count_by_network() -> None:
    one = Tier("standard", 1, 10)
    spend_tier(one, "ann", ERRORS)
    spend_tier(one, "bob", ERRORS)
    refused(one, "ann")
    spend_tier(one, "2001:db8:1:2::1", ERRORS)
    refused(one, "2001:db8:1:2:ffff::9")
    spend_tier(one, "2001:db8:1:3::1", ERRORS)


def test_a_request_costs_one_write_and_an_exempt_one_nothing() -> None:
    spend_tier(STANDARD, "ann", ERRORS)
    with recorded() as calls:
        spend_tier(STANDARD, "ann", ERRORS)
        spend_tier(STANDARD, "ann", ERRORS)
        refused(STANDARD, "ann")
        assert calls.names == ["UpdateItem"] * 3
        assert spend_tier(None, "root", ERRORS) == {}
    assert calls.names == ["UpdateItem"] * 3


def test_one_who_moves_to_another_tier_keeps_what_was_used() -> None:
    for _ in range(3):
        spend_tier(STANDARD, "ann", ERRORS)
    assert spend_tier(Tier("premium", 10, 20), "ann", ERRORS)["X-RateLimit-Remaining"] == "6"


def test_changed_limits_hold_after_half_a_minute_and_others_stay(clock: FrozenClock) -> None:
    premium = Tier("premium", 300, 10_000)
    adjust({"standard": Allowance(per_minute=7, per_hour=9)})
    assert allowance(STANDARD) == Allowance(per_minute=7, per_hour=9)
    assert allowance(premium) == Allowance(per_minute=300, per_hour=10_000)
    with recorded() as calls:
        for _ in range(5):
            allowance(STANDARD)
    assert calls.names == [], "what was read is remembered"
    adjust({"premium": Allowance(per_minute=1, per_hour=1)})
    assert allowance(premium).per_minute == 1, "at once where they were changed"
    assert allowance(STANDARD).per_minute == 7


def test_another_copy_of_the_function_learns_of_a_change_in_time(clock: FrozenClock) -> None:
    assert allowance(STANDARD).per_minute == 3
    changed = {"tiers": {"standard": {"per_minute": 8, "per_hour": 8}}}
    Store().update(tiers.Adjusted, tiers.Adjusted.key(), put=changed)  # as another process would
    assert allowance(STANDARD).per_minute == 3
    clock.advance(seconds=ADJUSTED_FOR)
    assert allowance(STANDARD).per_minute == 8


def test_every_operation_counts_into_the_callers_tier_and_every_answer_tells_of_it(token: Token) -> None:
    client = Client(calls.api, token=token("ann"))
    told = [client.post("/said", {"text": "a"}), client.post("/said", {}), client.post("/said", {"text": "b"})]
    assert [answer.status for answer in told] == [200, 400, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in told] == ["1", "0", "0"]
    assert told[2].headers["retry-after"] == "40"
    assert client.as_caller(token("bob")).post("/said", {"text": "a"}).status == 200


def test_an_anonymous_caller_counts_by_address() -> None:
    client = Client(calls.api)
    assert [client.get("/open").status for _ in range(3)] == [200, 200, 429]
    assert client.get("/open", ip="198.51.100.7").status == 200


def test_whom_nobody_knows_counts_by_address_whatever_is_sent(token: Token) -> None:
    client = Client(calls.api)
    ended = client.as_caller(token("ann", ended="yes"))
    answers = [client.post("/said", {}), ended.post("/said", {}), client.as_caller("no.good.token").post("/said", {})]
    assert [answer.status for answer in answers] == [401, 401, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].headers["retry-after"] == "40"
    assert "www-authenticate" in answers[1].headers
    assert client.get("/open").status == 429, "as one with what it may do"
    assert client.as_caller(token("ann")).post("/said", {"text": "a"}).status == 200, "her own count is as it was"


def test_who_may_not_counts_as_who_it_is_with_one_write(token: Token) -> None:
    ann = Client(calls.api, token=token("ann"))
    with recorded() as sent:
        answers = [ann.get("/locked") for _ in range(3)]
    assert [answer.status for answer in answers] == [403, 403, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert sent.names.count("UpdateItem") == len(sent.names) - sent.names.count("GetItem") == 3
    assert ann.post("/said", {"text": "a"}).status == 429
    assert Client(calls.api, token=token("bob")).get("/locked").status == 403, "no address is used up"
    root = Client(calls.api, token=token("root", role="admin")).get("/locked")
    assert (root.status, "x-ratelimit-limit" in root.headers) == (403, False)


def test_who_is_exempt_costs_no_write_and_hears_no_limits(token: Token) -> None:
    client = Client(calls.api, token=token("root", role="admin"))
    with recorded() as sent:
        answers = [client.post("/said", {"text": "a"}) for _ in range(5)]
    assert {answer.status for answer in answers} == {200}
    assert not [name for answer in answers for name in answer.headers if "ratelimit" in name]
    assert sent.names == []


def test_the_documentation_and_the_role_know_of_the_limit() -> None:
    for operation in (calls.look, calls.say):
        assert "table:write" in operation.needs
    assert "429" in calls.api.openapi()["paths"]["/open"]["get"]["responses"]


def test_what_no_tier_counts_is_answered_for_ever_and_writes_nothing() -> None:
    client = Client(calls.api)
    with recorded() as made:
        answers = [client.get("/up") for _ in range(5)]
    assert {answer.status for answer in answers} == {200}
    assert all("x-ratelimit-limit" not in answer.headers for answer in answers)
    assert made.names == []
    responses = calls.api.openapi()["paths"]["/up"]["get"]["responses"]
    assert "429" not in responses
    assert "X-RateLimit-Limit" not in responses["200"]["headers"]
