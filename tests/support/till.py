"""A till for tests: finished applications, Razorpay's stand-in that takes payments for them, and the books."""

from __future__ import annotations

import contextvars
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from infra.local.razorpay import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, Razorpay, signed
from quintet import settings
from quintet.keys import keyring
from quintet.models import new_id, now
from quintet.net import aws
from quintet.testing import Client
from quintet.testing.client import Answer
from stoory.applications.entities import Application
from stoory.applications.states import ApplicationStatus, Phase
from stoory.money.fees import split_fee
from stoory.payments import ledger
from stoory.payments.entities import PaymentOrder
from stoory.payments.wallets import LedgerEntry, Wallet
from stoory.service import store
from tests.support.aws import SECRET
from tests.support.books import statuses
from tests.support.market import BASE, Party, anyone

PAYMENTS = f"{BASE}/payments"
KEYS = {
    "razorpay_key_id": KEY_ID,
    "razorpay_key_secret": KEY_SECRET,
    "razorpay_webhook_secret": WEBHOOK_SECRET,
}


@contextmanager
def till(folder: Path) -> Iterator[Razorpay]:
    """Razorpay's stand-in, with its keys in the secret of the system in force. It sends no webhooks by itself."""
    server = Razorpay(folder / "razorpay.jsonl")
    server.start()
    text = json.dumps({**SECRET, **KEYS})
    aws.client("secretsmanager").put_secret_value(SecretId=settings.settings().secret, SecretString=text)
    keyring.reset()
    try:
        with settings.use({"QUINTET_RAZORPAY_URL": server.url}):
            yield server
    finally:
        server.stop()


def finished(
    brand: Party,
    influencer: Party,
    agreed: int = 123_457,
    status: ApplicationStatus = ApplicationStatus.COMPLETED,
) -> Application:
    """A stored application, agreed at so many paise with a fee of 10 per cent."""
    split, at = split_fee(agreed, Decimal(10)), now()
    return store.create(
        Application(
            id=new_id(),
            campaign_id=new_id(),
            brand_id=brand.id,
            influencer_id=influencer.id,
            status=status,
            phase=Phase.WORK,
            requires_script=False,
            agreed_amount=split.agreed,
            platform_fee_percent=Decimal(10),
            platform_fee_amount=split.fee,
            net_amount=split.net,
            created_at=at,
            updated_at=at,
        )
    )


def order(client: Client, application: Application) -> Answer:
    return client.post(f"{PAYMENTS}/applications/{application.id}")


def ordered(client: Client, application: Application) -> str:
    """The id of the application's order at Razorpay."""
    answer = order(client, application)
    assert answer.status == 201, answer
    return str(answer.body["order"]["id"])


def paid(razorpay: Razorpay, client: Client, application: Application) -> dict[str, str]:
    """What checkout answered for the application's order."""
    return razorpay.pay(ordered(client, application))


def verify(client: Client, application: Application, proof: dict[str, str], **changes: Any) -> Answer:
    return client.post(f"{PAYMENTS}/verify", {**proof, "application_id": application.id, **changes})


def release(client: Client, application: Application) -> Answer:
    return client.post(f"{PAYMENTS}/applications/{application.id}/release")


def events(razorpay: Razorpay) -> list[dict[str, Any]]:
    """Every event so far, oldest first."""
    return razorpay.book.all("delivery")[::-1]


def webhook(event: dict[str, Any], secret: str = WEBHOOK_SECRET, **headers: str) -> Answer:
    """Deliver an event as Razorpay does."""
    body = json.dumps(event["body"], separators=(",", ":")).encode()
    given = {"X-Razorpay-Event-Id": event["id"], "X-Razorpay-Signature": signed(body, secret), **headers}
    return anyone().post(f"{PAYMENTS}/webhook", body, headers={"Content-Type": "application/json", **given})


@contextmanager
def receiving() -> Iterator[str]:
    """The address at which webhooks arrive over HTTP as API Gateway would hand them on."""
    context = contextvars.copy_context()

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = context.run(anyone().post, f"{PAYMENTS}/webhook", body, headers=dict(self.headers))
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.raw)))
            self.end_headers()
            self.wfile.write(answer.raw)

        def log_message(self, *_arguments: Any) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/webhook"
        finally:
            server.shutdown()
            thread.join(5)


def entries(application: Application) -> list[ledger.Entry]:
    """What the books hold of an application."""
    found = store.query(LedgerEntry, application_id=application.id, consistent=True).items
    return [ledger.Entry(one.payment_id, one.status, one.account, one.amount_paise) for one in found]


def check_books(applications: Sequence[Application]) -> None:
    """Every entry has its counterpart, payments and wallets are what the entries say, nobody was paid twice."""
    everything = [entry for application in applications for entry in entries(application)]
    assert sum(entry.amount for entry in everything) == 0
    told = statuses(everything)
    wallets: dict[str, int] = {}
    for application in applications:
        payment = store.get(PaymentOrder, application_id=application.id)
        wallets.setdefault(application.influencer_id, 0)
        if payment is None:
            assert not entries(application)
            continue
        assert told.get(payment.id, "PENDING") == payment.status
        assert payment.platform_fee_paise + payment.net_paise == payment.amount_paise == application.agreed_amount
        if payment.status == "RELEASED":
            wallets[application.influencer_id] += payment.net_paise
    for user_id, balance in wallets.items():
        wallet = store.get(Wallet, user_id=user_id)
        assert (wallet.balance_paise if wallet else 0) == balance
        assert ledger.balance(everything, ledger.wallet(user_id)) == balance
