"""API Gateway's management API for tests, in the place of the client that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from quintet.net import aws

ENDPOINT = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod"


class Management:
    """Keeps what was posted. `open` has the connections there are; any other is gone."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.posted: list[tuple[str, str]] = []
        self.closed: list[str] = []
        self.failing: set[str] = set()

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 (AWS's names)
        if ConnectionId in self.failing:
            raise refusal("InternalServerException", 500)
        self._known(ConnectionId)
        self.posted.append((ConnectionId, Data.decode()))

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803
        self._known(ConnectionId)
        self.open.discard(ConnectionId)
        self.closed.append(ConnectionId)

    def _known(self, connection: str) -> None:
        if connection not in self.open:
            raise refusal("GoneException", 410)


def refusal(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Post")  # type: ignore[typeddict-item] # a part of it


@contextmanager
def managed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Management]:
    """The management API in the place of AWS's client of that name."""
    found, plain = Management(), aws.client

    def client(service: str) -> Any:
        return found if service == "apigatewaymanagementapi" else plain(service)

    monkeypatch.setattr(aws, "client", client)
    yield found
