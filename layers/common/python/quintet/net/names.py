"""Addresses of hosts, looked up within a time of the caller's: the C library's own lookup takes none."""

from __future__ import annotations

import socket
from threading import BoundedSemaphore, Thread

MOST_LOOKUPS = 16
"""Lookups under way in a process. One that is given up goes on until the C library gives up, some 30 s later."""

_under_way = BoundedSemaphore(MOST_LOOKUPS)


def addresses(host: str, port: int, seconds: float) -> list[str]:
    """Every address of a host, each once, in the resolver's order; the odd spellings of addresses are read too.

    Raises TimeoutError when that takes longer than `seconds`, or too many slow lookups are under way already, and
    OSError or UnicodeError when there is no such host.
    """
    if not _under_way.acquire(blocking=False):
        raise TimeoutError("too many names are being looked up")
    found: list[list[str]] = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.append(list(dict.fromkeys(str(answer[4][0]) for answer in answers)))
        except Exception as error:
            failed.append(error)
        finally:
            _under_way.release()

    thread = Thread(target=look_up, name=f"lookup of {host[:40]}", daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError("the name server is slow")
    return found[0]
