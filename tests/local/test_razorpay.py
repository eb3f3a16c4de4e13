"""The laptop's Razorpay: what it remembers, the webhooks it sends, and what can be made to go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.environment import Endpoints, State, variables
from infra.local.razorpay import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, Faults, Razorpay, signed
from infra.local.standins import addresses, secrets_for, standing_in
from tests.layers.http_servers import Site, serving

ORDER = {"amount": 50000, "currency": "INR", "receipt": "r1", "notes": {"application": "1"}}


@pytest.fixture
def site() -> Iterator[Site]:
    """Where webhooks go."""
    with serving(Site()) as site:
        yield site


@pytest.fixture
def razorpay(tmp_path: Path, site: Site) -> Iterator[Razorpay]:
    server = Razorpay(tmp_path / "razorpay.jsonl", site.url("/webhook"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(razorpay: Razorpay) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=razorpay.url, auth=(KEY_ID, KEY_SECRET), trust_env=False, timeout=60) as client:
        yield client


def make(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = client.post("/v1/orders", json={**ORDER, **changes})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["description"]


def test_it_listens_on_this_machine_alone(razorpay: Razorpay) -> None:
    assert razorpay.server_address[0] == "127.0.0.1"


def test_an_order_is_made_found_and_paid(client: httpx.Client, site: Site) -> None:
    order = make(client)
    assert {name: order[name] for name in ("entity", "amount", "amount_paid", "amount_due", "status", "receipt")} == {
        "entity": "order", "amount": 50000, "amount_paid": 0, "amount_due": 50000, "status": "created", "receipt": "r1",
    }  # fmt: skip
    make(client, receipt="r2")
    found = client.get("/v1/orders", params={"receipt": "r1"}).json()
    assert found == {"entity": "collection", "count": 1, "items": [order]}

    checkout = client.post(f"/_pay/{order['id']}").json()
    payment = client.get(f"/v1/payments/{checkout['razorpay_payment_id']}").json()
    assert (payment["status"], payment["order_id"], payment["amount"]) == ("captured", order["id"], 50000)
    assert client.get(f"/v1/orders/{order['id']}/payments").json()["items"] == [payment]
    assert client.get(f"/v1/orders/{order['id']}").json()["status"] == "paid"
    message = f"{order['id']}|{payment['id']}".encode()
    assert checkout["razorpay_signature"] == signed(message, KEY_SECRET)
    assert refusal(client.post(f"/_pay/{order['id']}"))[:2] == (400, "BAD_REQUEST_ERROR")


def test_a_payment_sends_signed_webhooks_each_with_its_id(client: httpx.Client, site: Site) -> None:
    client.post(f"/_pay/{make(client)['id']}")
    bodies = [json.loads(seen["body"]) for seen in site.seen]
    assert [body["event"] for body in bodies] == ["payment.captured", "order.paid"]
    assert [list(body["payload"]) for body in bodies] == [["payment"], ["payment", "order"]]
    assert bodies[1]["payload"]["order"]["entity"]["status"] == "paid"
    for seen in site.seen:
        assert seen["path"] == "/webhook"
        assert seen["headers"]["x-razorpay-signature"] == signed(seen["body"], WEBHOOK_SECRET)
    assert len({seen["headers"]["x-razorpay-event-id"] for seen in site.seen}) == 2


def test_a_failed_payment_leaves_the_order_to_be_paid(client: httpx.Client, site: Site) -> None:
    order = make(client)
    client.post(f"/_pay/{order['id']}", json={"outcome": "failed"})
    assert json.loads(site.seen[0]["body"])["event"] == "payment.failed"
    tried = client.get(f"/v1/orders/{order['id']}").json()
    assert (tried["status"], tried["attempts"]) == ("attempted", 1)
    assert client.post(f"/_pay/{order['id']}").status_code == 200


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"currency": "INR"}, "The amount field is required."),
        ({**ORDER, "amount": 99}, "Order amount less than minimum amount allowed"),
        ({**ORDER, "amount": "500"}, "The amount must be an integer."),
        ({**ORDER, "amount": True}, "The amount must be an integer."),
        ({**ORDER, "receipt": "x" * 41}, "The receipt may not be greater than 40 characters."),
        ({**ORDER, "colour": "red"}, "colour is/are not required and should not be sent"),
        ([], "The request body is not valid JSON."),
    ],
)
def test_a_bad_order_is_refused_in_razorpays_words(client: httpx.Client, body: Any, description: str) -> None:
    assert refusal(client.post("/v1/orders", json=body)) == (400, "BAD_REQUEST_ERROR", description)


def test_the_keys_are_checked_and_unknown_things_are_unknown(client: httpx.Client) -> None:
    assert refusal(client.get("/v1/orders", auth=(KEY_ID, "wrong"))) == (
        401, "BAD_REQUEST_ERROR", "Authentication failed",
    )  # fmt: skip
    for path in ("/v1/orders/order_x", "/v1/payments/pay_x", f"/v1/payments/{make(client)['id']}"):
        assert refusal(client.get(path)) == (400, "BAD_REQUEST_ERROR", "The id provided does not exist")
    assert client.get("/v1/nothing").status_code == 404
    assert client.get("/_nothing").status_code == 404


def test_it_remembers_over_a_restart(client: httpx.Client, razorpay: Razorpay, tmp_path: Path) -> None:
    order = make(client)
    client.post(f"/_pay/{order['id']}")
    again = Razorpay(tmp_path / "razorpay.jsonl")
    try:
        assert again.book.get("order", order["id"])["status"] == "paid"
        assert len(again.book.all("payment", order_id=order["id"])) == 1
    finally:
        again.server_close()


def test_webhooks_can_be_repeated_reversed_wrongly_signed_and_sent_again(client: httpx.Client, site: Site) -> None:
    def events(**faults: Any) -> list[tuple[str, str]]:
        assert client.put("/_faults", json=faults).status_code == 200
        site.seen.clear()
        client.post(f"/_pay/{make(client)['id']}")
        return [(json.loads(s["body"])["event"], s["headers"].get("x-razorpay-signature", "")) for s in site.seen]

    assert [name for name, _ in events(webhook_repeat=2)] == ["payment.captured"] * 2 + ["order.paid"] * 2
    assert [name for name, _ in events(webhook_order="reverse")] == ["order.paid", "payment.captured"]
    assert [signature for _, signature in events(webhook_signature="missing")] == ["", ""]
    wrong = events(webhook_signature="wrong")
    assert all(
        signature != signed(s["body"], WEBHOOK_SECRET) for (_, signature), s in zip(wrong, site.seen, strict=True)
    )
    assert events(webhook_repeat=0) == []

    client.put("/_faults", json={})
    assert client.post("/_webhooks").json() == {"statuses": [200] * 10}
    assert len(client.get("/_webhooks").json()) == 10


def test_calls_can_fail_as_often_as_wanted(client: httpx.Client, razorpay: Razorpay) -> None:
    razorpay.faults = Faults(requests=1, status=503)
    assert refusal(client.post("/v1/orders", json=ORDER))[:2] == (503, "SERVER_ERROR")
    assert razorpay.book.all("order") == []
    razorpay.faults = Faults(requests=1, lost=True)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/v1/orders", json=ORDER)
    assert len(razorpay.book.all("order")) == 1
    make(client)
    assert client.put("/_faults", json={"colour": 1}).status_code == 400


def test_a_webhook_nobody_takes_is_no_failed_payment(tmp_path: Path) -> None:
    server = Razorpay(tmp_path / "razorpay.jsonl", "http://127.0.0.1:1/")
    try:
        order = server.book.create_order(ORDER)
        assert "razorpay_signature" in server.pay(order["id"])
        assert server.deliver(server.book.all("delivery")) == [0, 0]
    finally:
        server.server_close()


def test_stand_ins_run_for_the_systems_that_are_there(tmp_path: Path) -> None:
    state = State(tmp_path, 8000)
    with standing_in(state, ["another"]) as found:
        assert found == {}
    with standing_in(state, ["another", "stoory"]) as found:
        url = found["stoory"]["QUINTET_RAZORPAY_URL"]
        assert httpx.get(f"{url}/v1/orders", auth=(KEY_ID, KEY_SECRET), trust_env=False).status_code == 200
        assert addresses(found) == [("razorpay", url, "POST /_pay/<order id> pays an order")]
        seen = variables("stoory", Endpoints("http://a", "http://m", found), {})
        assert seen["QUINTET_RAZORPAY_URL"] == url
        assert "QUINTET_RAZORPAY_URL" not in variables("another", Endpoints("http://a", "http://m", found), {})
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_a_systems_secret_holds_the_stand_ins_keys() -> None:
    assert secrets_for("another") == {}
    assert secrets_for("stoory") == {
        "razorpay_key_id": "rzp_test_quintet",
        "razorpay_key_secret": "quintet-local-secret",
        "razorpay_webhook_secret": "quintet-local-webhook",
    }
    assert secrets_for("memory_mirror").keys().isdisjoint(secrets_for("stoory"))
