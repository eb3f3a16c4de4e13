"""Fixtures of messages: mail that is watched, and mail that is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from quintet.net import aws
from tests.support.aws import sent_emails


@contextmanager
def mail_trouble(code: str, status: int, *only: str) -> Iterator[None]:
    """Have SES answer an error to messages for some recipients, or for all when none is named."""

    def answer(request: Any, **_: Any) -> Any:
        to = json.loads(request.body)["Destination"]["ToAddresses"]
        return _answered(status, code) if not only or set(only) & set(to) else None

    with mail_watched(answer):
        yield


@contextmanager
def mail_watched(handler: Callable[..., Any]) -> Iterator[None]:
    """Show `handler` every e-mail on its way to SES; what it answers is SES's answer."""
    events = aws.client("sesv2").meta.events
    events.register_first("before-send.sesv2.SendEmail", handler)
    try:
        yield
    finally:
        events.unregister("before-send.sesv2.SendEmail", handler)


def _answered(status: int, code: str) -> Any:
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders
    from moto.core.botocore_stubber import MockRawResponse

    raw: Any = MockRawResponse(json.dumps({"message": code}))
    headers: Any = HTTPHeaders()
    headers["x-amzn-ErrorType"] = code
    return AWSResponse("https://email.test/", status, headers, raw)


@pytest.fixture
def mailed() -> Callable[[str], list[dict[str, Any]]]:
    """`mailed("a@example.com")` is every e-mail to an address since the test began."""
    before = len(sent_emails())

    def to(address: str) -> list[dict[str, Any]]:
        return [one for one in sent_emails()[before:] if address in one["destinations"]["ToAddresses"]]

    return to
