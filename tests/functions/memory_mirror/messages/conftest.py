"""Fixtures of messages: mail that is watched, and mail that is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

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
    """Show `handler` every e-mail on its way to SES; what it answers is SES's answer, and SES never hears of it.

    A client asks every listener of `before-send`, so the mocked SES is asked through it, not beside it.
    """
    from moto.core.models import botocore_stubber

    plain: Callable[[Any], Any] = botocore_stubber.process_request

    def watched(request: Any) -> Any:
        answer = handler(request) if request.url.endswith("/v2/email/outbound-emails") else None
        return plain(request) if answer is None else answer

    with patch.object(botocore_stubber, "process_request", watched):
        yield


def _answered(status: int, code: str) -> tuple[int, dict[str, str], str]:
    """SES's error in the form that the mock answers in."""
    return status, {"x-amzn-errortype": code}, json.dumps({"message": code})


@pytest.fixture
def mailed() -> Callable[[str], list[dict[str, Any]]]:
    """`mailed("a@example.com")` is every e-mail to an address since the test began."""
    before = len(sent_emails())

    def to(address: str) -> list[dict[str, Any]]:
        return [one for one in sent_emails()[before:] if address in one["destinations"]["ToAddresses"]]

    return to
