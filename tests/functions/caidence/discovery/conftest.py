"""Fixtures of creator discovery: the service's stand-in over HTTP, and callers with credits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from caidence.discovery import upstream
from caidence.discovery.accounts import CreditAccount, Transaction
from caidence.service import store
from infra.local.influencers_club import API_KEY, InfluencersClub
from quintet.keys import keyring
from quintet.net import aws, patience
from quintet.settings import settings, use
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import BASE, SignIn, account_of
from tests.support.aws import SECRET, in_threads

DISCOVERY = f"{BASE}/discovery"
Rich = Callable[..., Client]


def configure(**values: str) -> None:
    """Put values into the system's secret beside its keys."""
    text = json.dumps({**SECRET, **values})
    aws.client("secretsmanager").put_secret_value(SecretId=settings().secret, SecretString=text)
    keyring.reset()


@pytest.fixture
def club(platform: Client) -> Iterator[InfluencersClub]:
    """The stand-in, in force with its key."""
    server = InfluencersClub()
    server.start()
    configure(influencers_club_api_key=API_KEY)
    upstream.breaker.reset()
    patience.reset()
    with use({"QUINTET_INFLUENCERS_CLUB_URL": server.url}):
        yield server
    server.stop()
    upstream.breaker.reset()


@pytest.fixture
def rich(club: InfluencersClub, sign_in: SignIn) -> Rich:
    """`rich(2.5)` is an agency member with an account of so many credits."""

    def enter(credits: float = 10.0, role: str = "agency_member", **fields: Any) -> Client:
        client = sign_in(role, **fields)
        opened = client.post(f"{DISCOVERY}/credits/initialize?initial_balance={credits}")
        assert opened.status == 200, opened.body
        return client

    return enter


def check_books(client: Client) -> CreditAccount:
    """The account of a client, once every entry of its ledger adds up: in its order, to the balance, never below 0."""
    user_id = account_of(client).id
    account = store.get(CreditAccount, user_id=user_id)
    assert account is not None
    entries = list(store.each(Transaction, user_id=user_id))[::-1]
    assert [int(one.number) for one in entries] == list(range(1, account.transactions + 1))
    balance = 0
    for one in entries:
        balance += one.amount
        assert one.balance_after == balance >= 0
    assert balance == account.balance
    open_holds = -sum(one.amount for one in entries if one.type in ("hold", "release"))
    assert account.held == open_holds >= 0
    return account


def at_once(number: int, call: Callable[[int], Answer]) -> list[Answer]:
    """The answers to so many requests at one moment."""
    found = in_threads(number, call)
    answers = [one for one in found if isinstance(one, Answer)]
    assert len(answers) == number, found
    return answers
