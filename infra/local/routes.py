"""What the gateway answers itself: pages, the outbox, stand-ins' URLs, running a schedule now, managing WebSocket
connections. Never deployed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from infra.local import pages
from infra.local.accounts import Account
from infra.local.clock import Clock, UnknownOperation
from infra.local.gateway import Call, Reply, broken
from infra.local.outbox import Outbox
from infra.local.sockets import Sockets
from infra.local.standins import addresses
from infra.local.systems import Systems

OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
SCHEDULES = "/_local/schedules/"
READS = ("GET", "HEAD")


class LocalRoutes:
    """Answers the laptop's own paths; None for what belongs to the systems."""

    def __init__(self, systems: Systems, outbox: Outbox, clock: Clock, sockets: Sockets | None = None) -> None:
        self._systems, self._outbox, self._clock, self._sockets = systems, outbox, clock, sockets
        self.accounts: list[Account] = []

    def __call__(self, call: Call) -> Reply | None:
        if call.path.startswith("/_local/"):
            return self._local(call)
        managed = self._sockets.manage(call) if self._sockets else None
        if managed is not None:
            return managed
        if call.method not in READS:
            return None
        if call.path == "/":
            return pages.index(self._systems.now().systems.values(), self.accounts)
        name, _, rest = call.path.removeprefix("/").partition("/")
        if rest.rstrip("/") not in ("docs", "openapi.json"):
            return None
        system = self._systems.now().systems.get(name)
        if system is None:
            return None
        if system.api is None:
            return broken(system)
        return pages.docs(system) if rest.startswith("docs") else pages.openapi(system, call.header("host"))

    def _local(self, call: Call) -> Reply:
        if not _is_own(call):
            return Reply.json(403, {"message": "Only this machine's own pages and programs are answered here"})
        if call.path == "/_local/outbox" and call.method in READS:
            return self._messages(call)
        if call.path == "/_local/standins" and call.method in READS:
            return Reply.json(200, {name: url for name, url, _ in addresses(self._systems.endpoints.standins)})
        if call.path.startswith(SCHEDULES) and call.method == "POST":
            return self._run(call)
        return pages.asset(call.path) or Reply.json(
            404,
            {
                "message": "There are: GET /_local/outbox?to=&channel=, GET /_local/standins, "
                "POST /_local/schedules/<system>/<operationId>"
            },
        )

    def _messages(self, call: Call) -> Reply:
        query = parse_qs(urlsplit(call.target).query)
        # An unencoded + in a phone number arrives as a space.
        to = query.get("to", [""])[0]
        to = f"+{to[1:]}" if to.startswith(" ") else to
        return Reply.json(200, self._outbox.messages(to.strip(), query.get("channel", [""])[0]))

    def _run(self, call: Call) -> Reply:
        system, _, operation = unquote(call.path.removeprefix(SCHEDULES)).partition("/")
        try:
            detail: Any = json.loads(call.body) if call.body else None
            if detail is not None and not isinstance(detail, dict):
                raise ValueError
        except ValueError:
            return Reply.json(400, {"message": "The body, when there is one, is a JSON object: the event's detail"})
        try:
            return Reply.json(200, self._clock.run(system, operation, detail))
        except UnknownOperation as error:
            return Reply.json(404, {"message": str(error)})
        except Exception as error:
            reply = Reply.json(500, {"message": f"{type(error).__name__}: {error}"})
            reply.note = f"{type(error).__name__}: {error}"
            return reply


def _is_own(call: Call) -> bool:
    """Whether a call names this machine, and no page of another site sent it.

    A site may give its own name this machine's address (DNS rebinding) and then reads what it asks for; and any site
    may post blindly.
    """
    origin = call.header("origin")
    return _host(f"//{call.header('host')}") in OWN_HOSTS and (not origin or _host(origin) in OWN_HOSTS)


def _host(url: str) -> str:
    """The host that a URL names, empty where it names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
