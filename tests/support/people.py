"""Codes and tokens as the people they were sent to read them."""

from __future__ import annotations

import re
from typing import Any

from quintet.testing import Client
from quintet.testing.client import Answer
from tests.support.aws import REGION, sent_emails

OTHER_CODE = {str(digit): str((digit + 1) % 10) for digit in range(10)}


def code_sent_to(phone: str) -> str:
    """The newest code that went to a phone by SMS."""
    from moto.sns.models import sns_backends

    texts = [text for number, text in _texts(sns_backends["123456789012"][REGION]) if number == phone]
    assert texts, f"no code was sent to {phone}"
    found = re.search(r"\b\d{6}\b", texts[-1])
    assert found is not None
    return found[0]


def _texts(backend: Any) -> list[tuple[str, str]]:
    return [(message[0], message[1]) for message in backend.sms_messages.values()]


def wrong(code: str) -> str:
    """Another code of the same length."""
    return OTHER_CODE[code[0]] + code[1:]


def token_mailed_to(email: str) -> str:
    """The token in the newest e-mail to an address."""
    texts = [m["body"] for m in sent_emails() if email in str(m["destinations"])]
    assert texts, f"nothing was mailed to {email}"
    found = re.search(r"\n([\w-]{60,})\n", texts[-1])
    assert found is not None, texts[-1]
    return found[1]


def mails_to(email: str) -> int:
    return sum(email in str(m["destinations"]) for m in sent_emails())


def enter(market: Client, phone: str, **user_data: Any) -> Answer:
    """Sign in by phone, from the request for a code on."""
    assert market.post("/api/v1/auth/send-otp", {"phone": phone}).status == 200
    body = {"phone": phone, "token": code_sent_to(phone), **({"userData": user_data} if user_data else {})}
    return market.post("/api/v1/auth/verify-otp", body)
