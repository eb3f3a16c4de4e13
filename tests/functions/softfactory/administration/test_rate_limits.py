"""The limits of the tiers, as administrators change them."""

from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.service import api
from tests.conftest import Systems
from tests.functions.softfactory.conftest import as_account, make_user
from tests.support.aws import in_threads
from tests.support.calls import recorded

LIMITS = "/api/admin/rate-limits"
AS_SHIPPED = {"standard": {"per_minute": 60, "per_hour": 1000}, "premium": {"per_minute": 300, "per_hour": 10000}}


@pytest.fixture
def limited(noon: FrozenClock, system: Systems) -> Client:
    """An anonymous client of a suite that limits its callers; no minute ends meanwhile."""
    system("softfactory", QUINTET_STAGE="local")
    return Client(api)


def test_limits_are_shown_and_changed(limited: Client) -> None:
    admin, user = as_account(limited, make_user("admin")), as_account(limited, make_user("user"))
    assert admin.get(LIMITS).body == AS_SHIPPED
    assert user.get("/api/auth/user").headers["x-ratelimit-limit"] == "60"
    changed = {"standard": {"per_minute": 7, "per_hour": 70}}
    assert admin.put(LIMITS, changed).body == {**AS_SHIPPED, **changed}
    assert admin.put(LIMITS, {"standard": None}).body == {**AS_SHIPPED, **changed}
    assert admin.get(LIMITS).body == {**AS_SHIPPED, **changed}
    assert user.get("/api/auth/user").headers["x-ratelimit-limit"] == "7"
    (told,) = admin.get("/api/admin/audit-logs?action=rate_limits.update").body["logs"]
    assert (told["before"], told["after"]) == (AS_SHIPPED, changed)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"standard": {"per_minute": 0, "per_hour": 1}}, "standard.per_minute"),
        ({"standard": {"per_minute": 5, "per_hour": 4}}, "standard"),
        ({"premium": {"per_minute": 5}}, "premium.per_hour"),
        ({"premium": {"per_minute": "5", "per_hour": 6}}, "premium.per_minute"),
    ],
)
def test_a_wrong_limit_is_named(limited: Client, body: dict[str, Any], field: str) -> None:
    admin = as_account(limited, make_user("admin"))
    refused = admin.put(LIMITS, body)
    assert refused.status == 422
    assert [each["field"] for each in refused.error["details"]] == [field]
    assert admin.get(LIMITS).body == AS_SHIPPED


def test_of_fifty_callers_at_once_never_more_than_the_limit_are_heard(limited: Client) -> None:
    admin, user = as_account(limited, make_user("admin")), as_account(limited, make_user("user"))
    admin.put(LIMITS, {"standard": {"per_minute": 20, "per_hour": 20}})
    answers = [each for each in in_threads(50, lambda _: user.get("/api/auth/user")) if not isinstance(each, Exception)]
    heard = [each for each in answers if each.status == 200]
    refused = [each for each in answers if each.status == 429]
    assert len(heard) == 20
    assert len(refused) == 30
    assert sorted(int(each.headers["x-ratelimit-remaining"]) for each in heard) == list(range(20))
    assert all(int(each.headers["retry-after"]) > 0 for each in refused)
    assert {each.error["code"] for each in refused} == {"rate_limited"}


def test_a_call_costs_one_write_and_an_administrators_none(limited: Client) -> None:
    admin, user = as_account(limited, make_user("admin")), as_account(limited, make_user("user"))
    admin.get(LIMITS), user.get("/api/auth/user")  # whatever is read once
    for client, writes in ((user, ["UpdateItem"]), (admin, [])):
        with recorded() as made:
            assert client.get("/api/auth/user").status == 200
        assert [name for name in made.names if name not in ("GetItem", "BatchGetItem")] == writes


def test_who_may(limited: Client) -> None:
    clients = [limited, *(as_account(limited, make_user(role)) for role in ("user", "moderator"))]
    assert [c.get(LIMITS).status for c in clients] == [401, 403, 200]
    assert [c.put(LIMITS, {}).status for c in clients] == [401, 403, 403]
