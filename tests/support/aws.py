"""AWS for tests: one moto mock per process, a small table per test, settings that threads see too.

moto's DynamoDB is not thread-safe: it checks a condition and writes in two steps without a lock, and rolls a
refused transaction back by putting a copy of the whole table in place, which undoes what other threads wrote
meanwhile. Requests are therefore handled one at a time, which makes every call atomic, as in DynamoDB. The copies
are confined to the items a transaction touches; moto copies the whole table once per action.
"""

from __future__ import annotations

import base64
import contextvars
import functools
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from quintet import settings
from quintet.keys import keyring
from quintet.net import aws, patience
from quintet.settings import Settings
from tests.support import resources, shortcuts

T = TypeVar("T")

REGION = "us-east-1"
SENDER = "shop@quintet.test"
CHEAP_ARGON2 = "1,8,1"
JWT_KEY = base64.b64encode(b"k" * 32).decode()
SECRET = {"jwt_keys": {"k1": JWT_KEY}, "jwt_current": "k1", "cursor_key": "cursor-key-of-the-tests"}

_request = threading.RLock()
_started = threading.Lock()
_mock: Any = None
_without: list[shortcuts.Replacement] = []


@contextmanager
def aws_backend() -> Iterator[None]:
    """The mocked AWS of this process, started once and kept; blocks may nest and meet in threads."""
    _start()
    yield


def _start() -> None:
    global _mock  # noqa: PLW0603 (one per process)
    with _started:
        if _mock is not None:
            return
        os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_REGION=REGION)
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        from moto import mock_aws
        from moto.core.models import botocore_stubber

        # Read by moto at import and at start; nothing here may reach the network.
        _mock = mock_aws(config={"core": {"reset_boto3_session": False}})
        _mock.start()
        stubber: Any = botocore_stubber
        stubber.process_request = _one_at_a_time(stubber.process_request)
        _without.extend(shortcuts.take())
        # The mock listens to clients made after it.
        aws.reset()


@contextmanager
def as_moto_is() -> Iterator[None]:
    """The mock without its shortcuts for the block."""
    with _request, shortcuts.without(_without):
        yield


def _one_at_a_time(handle: Callable[..., Any]) -> Callable[..., Any]:
    """Handle one request at a time; a transaction that is sent again with its token is answered, not repeated."""
    done: dict[str, Any] = {}

    @functools.wraps(handle)
    def locked(request: Any) -> Any:
        with _request:
            token = _token(request)
            if token in done:
                return done[token]
            answer = handle(request)
            if token and answer and answer[0] == 200:
                done[token] = answer
            return answer

    return locked


def _token(request: Any) -> str:
    """The ClientRequestToken of a TransactWriteItems, which moto does not heed; else ''."""
    if "://127.0.0.1" in request.url:
        return ""  # on its way to an endpoint of this machine, past the mock
    target = request.headers.get("X-Amz-Target", "")
    name = target.decode() if isinstance(target, bytes) else target
    return json.loads(request.body).get("ClientRequestToken", "") if name.endswith("TransactWriteItems") else ""


@contextmanager
def system(name: str, extra: Mapping[str, str] | None = None) -> Iterator[Settings]:
    """One system with its own small table, secret, sender and bucket; its settings are in force inside."""
    _start()
    unique = f"{name}-{uuid.uuid4().hex[:12]}"
    values = {
        "AWS_REGION": REGION,
        "QUINTET_STAGE": "local",
        "QUINTET_SYSTEM": name,
        "QUINTET_TABLE": unique,
        "QUINTET_SECRET": f"{unique}/secret",
        "QUINTET_BUCKET": unique.replace("_", "-"),
        "QUINTET_EMAIL_SENDER": SENDER,
        "QUINTET_ARGON2": CHEAP_ARGON2,
        # `make test-dynamodb` names the real DynamoDB Local; without it moto answers.
        "AWS_ENDPOINT_URL_DYNAMODB": os.environ.get("QUINTET_DYNAMODB_URL", ""),
        **(extra or {}),
    }
    with settings.use(values) as found:
        with _request:
            resources.make(found, json.dumps(SECRET), SENDER)
        try:
            yield found
        finally:
            with _request:
                resources.delete_table(found.table)
            keyring.reset()
            patience.reset()


def in_threads(count: int, work: Callable[[int], T]) -> list[T | Exception]:
    """Run `work(0)` … `work(count - 1)` in threads that start together; answers results and exceptions in order.

    Each thread has a copy of the context, hence the settings of the test that started it. Patience has no end in them
    unless the test has put a clock of its own in force: a race is judged by what it comes to, not by the seconds that
    this machine takes for it.
    """
    barrier = threading.Barrier(count)
    answers: list[T | Exception] = [RuntimeError("did not run")] * count

    def run(number: int) -> None:
        barrier.wait(timeout=30)
        try:
            with patience.timed_by(_unhurried(patience.start().clock)):
                answers[number] = work(number)
        except Exception as error:
            answers[number] = error

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, number), daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a thread did not come back within two minutes"
    return answers


def _unhurried(clock: patience.Clock) -> patience.Clock:
    """The real clock standing still: pauses are made, and deadlines never come. Another one as it is."""
    return replace(clock, now=lambda: 0.0) if clock.now is time.monotonic else clock


def sent_emails() -> list[dict[str, Any]]:
    """Every e-mail the mocked SES took in this process, oldest first."""
    from moto.ses.models import ses_backends

    backend = ses_backends["123456789012"][REGION]
    return [vars(message) for message in backend.sent_messages]
