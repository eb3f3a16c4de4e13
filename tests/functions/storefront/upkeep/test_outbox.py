"""Mails that could not be sent at once are sent by the schedule."""

from datetime import timedelta

import pytest

from quintet.models import now
from quintet.models.time import frozen
from quintet.providers.errors import Unavailable
from quintet.testing import LambdaContext
from quintet.testing.events import schedule_event
from storefront.upkeep.outbox_operations import send_due
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import sent_emails
from tests.support.shop import add, order, stocked


def run() -> object:
    return send_due(schedule_event(), LambdaContext())


def test_a_mail_that_failed_is_sent_later_and_once(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer, before = sign_in(), len(sent_emails())
    add(buyer, stocked())
    with monkeypatch.context() as outage:
        outage.setattr("quintet.providers.email.send_email", _down)
        answer = order(buyer)
    assert answer.status == 201
    assert sent_emails()[before:] == []
    assert run() == {"delivered": 0, "failed": 0, "left": 0}
    with frozen(now() + timedelta(minutes=5)):
        assert run() == {"delivered": 1, "failed": 0, "left": 0}
        assert run() == {"delivered": 0, "failed": 0, "left": 0}
    subjects = [mail["subject"] for mail in sent_emails()[before:]]
    assert subjects == [f"We have received your order {answer.data['order_number']}"]


def _down(*_: object) -> str:
    raise Unavailable("e-mail answered 503")


def test_it_runs_every_minute() -> None:
    assert send_due.schedule == "rate(1 minute)"
    assert send_due.method is None
    assert send_due.needs == {"table:write", "email"}
