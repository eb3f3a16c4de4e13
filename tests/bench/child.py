"""Runs one handler in a process of its own, with AWS's answers played from a tape, and says what it cost.

Started as a script with the interpreter of an environment that holds what Lambda has on its path, hence only the
standard library and botocore here. The job is a JSON file (`Job` of `jobs.py`); what was found goes to another.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


class Tape:
    """Answers recorded from a real exchange, played in order: those of a process's first call, then of later ones."""

    def __init__(self, first: list[dict[str, Any]], again: list[dict[str, Any]]) -> None:
        self._answers, self._again = first, again
        self._first = {answer["request"]: answer for answer in first}
        self._next = 0

    def rewind(self) -> None:
        """Be ready for the next call."""
        self._answers, self._next = self._again, 0

    @property
    def over(self) -> bool:
        return self._next == len(self._answers)

    def send(self, request: Any) -> Any:
        """Stands in for `URLLib3Session.send`, by which botocore's clients ask: everything but the network is real."""
        from botocore.awsrequest import AWSResponse

        answer = self._answer(request_name(request.method, request.url, request.headers))
        return AWSResponse(request.url, answer["status"], answer["headers"], Raw(answer["body"].encode()))

    def urlopen(self, method: str, url: str, headers: Any) -> Any:
        """Stands in for `HTTPConnectionPool.urlopen`, by which our wire asks."""
        answer = self._answer(request_name(method, url, headers))
        return Reply(answer["status"], answer["headers"], answer["body"].encode())

    def _answer(self, asked: str) -> dict[str, Any]:
        answer = self._answers[self._next]
        if asked != answer["request"]:
            if self._answers is self._again and asked in self._first:
                return self._first[asked]  # what is remembered for seconds only is asked anew now and then
            raise AssertionError(f"{asked} was asked where {answer['request']} was recorded")
        self._next += 1
        return answer


class Raw:
    """An answer's bytes, as urllib3 would stream them."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._content

    def read(self, *_: Any, **__: Any) -> bytes:
        return self._content


class Reply:
    """An answer as urllib3 has it, of which the wire reads one piece after another."""

    def __init__(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.status, self.headers, self._content = status, headers, content

    def read1(self, *_: Any) -> bytes:
        content, self._content = self._content, b""
        return content

    def release_conn(self) -> None:
        """There is none."""


def request_name(method: str, url: str, headers: Any) -> str:
    """What an AWS request asks for: its target, or method and path where the protocol is REST."""
    target = headers.get("X-Amz-Target")
    if target is None:
        path = url.split("/", 3)[3] if url.count("/") > 2 else ""
        return f"{method} /{path}"
    return target.decode() if isinstance(target, bytes) else str(target)


def main(job_file: str, result_file: str) -> None:
    with open(job_file) as file:  # noqa: PTH123 (pathlib would be part of what is measured)
        job = json.load(file)
    os.environ.update(job["env"])
    sys.path[:0] = job["path"]
    if job["event"] is None:  # the baseline: importing it is all
        __import__(job["module"])
        return
    from botocore.httpsession import URLLib3Session
    from urllib3 import HTTPConnectionPool

    tape = Tape(job["first"], job["again"])
    session: Any = URLLib3Session
    session.send = lambda _session, request: tape.send(request)
    pool: Any = HTTPConnectionPool
    pool.urlopen = lambda _pool, method, url, **sent: tape.urlopen(method, url, sent["headers"])
    module = __import__(job["module"], fromlist=["_"])
    handler = getattr(module, job["attribute"])
    call(handler, job, tape)
    if job["calls"]:
        with open(result_file, "w") as file:  # noqa: PTH123
            json.dump(warm(handler, job, tape), file)


def call(handler: Any, job: dict[str, Any], tape: Tape) -> None:
    answer = handler(job["event"], None)
    if answer["statusCode"] != job["expect"] or not tape.over:
        raise AssertionError(f"{job['module']}.{job['attribute']} answered {answer}")
    tape.rewind()


def warm(handler: Any, job: dict[str, Any], tape: Tape) -> list[float]:
    """CPU milliseconds per call, one figure per batch."""
    event, calls = job["event"], job["calls"]
    for _ in range(calls):
        call(handler, job, tape)
    found = []
    for _ in range(job["batches"]):
        started = time.process_time()
        for _ in range(calls):
            handler(event, None)
            tape.rewind()
        found.append((time.process_time() - started) * 1000 / calls)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
