"""Razorpay over HTTP: what is asked, what is never asked twice, and what each answer becomes."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from infra.local.razorpay import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, Faults, Razorpay
from quintet.keys.keyring import SystemSecret
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, Throttled, Unavailable
from quintet.settings import use
from stoory.payments import razorpay
from tests.layers.http_servers import Site, serving
from tests.support.aws import SECRET

KEYS = {
    "razorpay_key_id": KEY_ID,
    "razorpay_key_secret": KEY_SECRET,
    "razorpay_webhook_secret": WEBHOOK_SECRET,
}
RECEIPT = "0198c0de-0000-7000-8000-000000000001"
ORDER = {"id": "order_1", "amount": 50000, "currency": "INR", "receipt": RECEIPT, "status": "created", "notes": []}


@pytest.fixture(autouse=True)
def _secret() -> Iterator[None]:
    with patch.object(razorpay, "secret", lambda: SystemSecret.parse(json.dumps({**SECRET, **KEYS}))):
        yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Razorpay]:
    """The stand-in."""
    found = Razorpay(tmp_path / "razorpay.jsonl")
    found.start()
    with use({"QUINTET_RAZORPAY_URL": found.url}):
        yield found
    found.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    """A server that answers whatever it is told to."""
    with serving(Site()) as site, use({"QUINTET_RAZORPAY_URL": site.url("")}):
        yield site


def answer(site: Site, status: int, body: Any) -> None:
    site.answer(status, body if isinstance(body, bytes) else json.dumps(body).encode())


def test_an_order_is_asked_for_with_the_keys(site: Site) -> None:
    answer(site, 200, ORDER)
    order = razorpay.create_order(50000, RECEIPT, {"application": RECEIPT})
    (asked,) = site.seen
    assert (asked["method"], asked["path"]) == ("POST", "/v1/orders")
    assert (
        b64decode(asked["headers"]["authorization"].removeprefix("Basic ")) == b"rzp_test_quintet:quintet-local-secret"
    )
    assert json.loads(asked["body"]) == {
        "amount": 50000,
        "currency": "INR",
        "receipt": RECEIPT,
        "notes": {"application": RECEIPT},
    }
    assert (order.id, order.amount, order.status, dict(order.notes)) == ("order_1", 50000, "created", {})


def test_an_order_made_can_be_read_paid_and_read_again(server: Razorpay) -> None:
    order = razorpay.create_order(50000, RECEIPT, {"application": "1"})
    assert razorpay.get_order(order.id) == order
    assert dict(order.notes) == {"application": "1"}
    assert razorpay.payments_of(order.id) == []

    server.pay(order.id, captured=False)
    paid = server.pay(order.id)
    captured, failed = razorpay.payments_of(order.id)
    assert (captured.id, captured.order_id, captured.amount, captured.currency, captured.captured) == (
        paid["razorpay_payment_id"], order.id, 50000, "INR", True,
    )  # fmt: skip
    assert (failed.status, failed.captured) == ("failed", False)
    assert razorpay.get_payment(captured.id) == captured
    again = razorpay.get_order(order.id)
    assert again is not None
    assert (again.status, again.amount_paid) == ("paid", 50000)


def test_ensuring_an_order_again_answers_the_same_one(server: Razorpay) -> None:
    first = razorpay.ensure_order(50000, RECEIPT, first=True)
    assert razorpay.ensure_order(50000, RECEIPT) == first
    assert razorpay.ensure_order(60000, RECEIPT).id != first.id
    assert len(server.book.all("order")) == 2


@pytest.mark.parametrize("fault", [Faults(requests=1, lost=True), Faults(requests=1, delay=1.5)])
def test_an_answer_that_got_lost_makes_no_second_order(
    server: Razorpay, fault: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(razorpay, "_SECONDS", 1.0)
    server.faults = fault
    order = razorpay.ensure_order(50000, RECEIPT, first=True)
    assert [kept["id"] for kept in server.book.all("order")] == [order.id]


def test_a_provider_that_stays_away_leaves_it_open_and_the_next_call_resolves_it(server: Razorpay) -> None:
    server.faults = Faults(lost=True)
    with pytest.raises(Unavailable):
        razorpay.ensure_order(50000, RECEIPT, first=True)
    server.faults = Faults()
    order = razorpay.ensure_order(50000, RECEIPT)
    assert [kept["id"] for kept in server.book.all("order")] == [order.id]


def test_a_server_error_is_unresolved_until_it_is_looked_up(server: Razorpay) -> None:
    server.faults = Faults(requests=1, status=500)
    with pytest.raises(razorpay.Unresolved):
        razorpay.create_order(50000, RECEIPT)
    server.faults = Faults(requests=1, status=503)
    with pytest.raises(razorpay.Unresolved):
        razorpay.ensure_order(50000, RECEIPT, first=True)  # looked, and there is none: it was not made
    assert server.book.all("order") == []


def test_of_two_orders_of_a_receipt_the_paid_one_counts_then_the_oldest(site: Site) -> None:
    def listed(*orders: dict[str, Any]) -> None:
        answer(site, 200, {"entity": "collection", "count": len(orders), "items": orders})

    old, young = {**ORDER, "id": "order_a", "created_at": 1}, {**ORDER, "id": "order_b", "created_at": 2}
    listed(young, old, {**ORDER, "id": "order_0", "receipt": "other"}, {**ORDER, "id": "order_9", "amount": 1})
    found = razorpay.find_order(RECEIPT, 50000)
    assert found is not None
    assert found.id == "order_a"
    listed(old, {**young, "status": "paid"})
    found = razorpay.find_order(RECEIPT)
    assert found is not None
    assert found.id == "order_b"
    listed()
    assert razorpay.find_order(RECEIPT) is None
    assert site.seen[0]["path"] == f"/v1/orders?receipt={RECEIPT}&count=100"


def test_an_id_razorpay_does_not_know_is_none(server: Razorpay) -> None:
    assert razorpay.get_order("order_unknown") is None
    assert razorpay.get_payment("pay_unknown") is None
    assert razorpay.payments_of("order_unknown") == []


@pytest.mark.parametrize("id", ["", "../payments", "order_1/payments", "order_1?x=1", "order 1", "ü", "x" * 65])
def test_what_is_no_id_is_not_asked_for(site: Site, id: str) -> None:
    assert razorpay.get_order(id) is None
    assert razorpay.get_payment(id) is None
    assert site.seen == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "BAD_REQUEST_ERROR", Rejected),
        (401, "BAD_REQUEST_ERROR", Unavailable),
        (429, "BAD_REQUEST_ERROR", Throttled),
        (500, "SERVER_ERROR", razorpay.Unresolved),
        (502, "GATEWAY_ERROR", razorpay.Unresolved),
    ],
)
def test_what_razorpay_answers_becomes_a_kind_of_failure(
    site: Site, status: int, code: str, kind: type[ProviderError]
) -> None:
    answer(site, status, {"error": {"code": code, "description": "card 4111111111111111 is no good"}})
    with pytest.raises(kind) as failure:
        razorpay.create_order(50000, RECEIPT)
    assert str(failure.value) == f"payments answered {status} {code}"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"id": "order_1", "amount": "many"}', b"null"])
def test_an_answer_that_is_no_order_leaves_it_open(site: Site, body: bytes) -> None:
    site.answer(200, body)
    with pytest.raises(razorpay.Unresolved):
        razorpay.create_order(50000, RECEIPT)


@pytest.mark.parametrize(
    ("amount", "receipt", "notes"),
    [(99, "r", {}), (100, "", {}), (100, "x" * 41, {}), (100, "r", {str(n): "" for n in range(16)})],
)
def test_what_razorpay_would_refuse_is_not_asked(site: Site, amount: int, receipt: str, notes: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        razorpay.create_order(amount, receipt, notes)
    assert site.seen == []


def test_wrong_keys_are_a_matter_of_configuration(server: Razorpay) -> None:
    wrong = {**SECRET, **KEYS, "razorpay_key_secret": "wrong"}
    with patch.object(razorpay, "secret", lambda: SystemSecret.parse(json.dumps(wrong))), pytest.raises(Unavailable):
        razorpay.get_order("order_1")


def test_a_provider_out_of_reach_made_no_order() -> None:
    with use({"QUINTET_RAZORPAY_URL": "http://127.0.0.1:1"}), pytest.raises(Unavailable) as failure:
        razorpay.create_order(50000, RECEIPT)
    assert not isinstance(failure.value, razorpay.Unresolved)


@pytest.mark.parametrize("absent", list(KEYS))
def test_a_missing_key_is_named(absent: str) -> None:
    kept = SystemSecret.parse(json.dumps({**SECRET, **KEYS, absent: ""}))
    with patch.object(razorpay, "secret", lambda: kept):
        for ask in (razorpay.key_id, lambda: razorpay.create_order(50000, RECEIPT)):
            with pytest.raises(NotConfigured, match=absent):
                ask()


def test_the_public_key_is_for_front_ends() -> None:
    assert razorpay.key_id() == "rzp_test_quintet"
