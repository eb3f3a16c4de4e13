"""What the gateway finds no route for: forwarded where only the spelling differs, else refused in the system's shape.

API Gateway routes by exact method and path. A HEAD request (RFC 9110, section 9.3.2), a path with a closing slash and
one with letters percent-encoded that need not be (RFC 3986, section 6.2.2.2) come here, and go on to the function of
the operation that they mean. So these spellings cost no routes, and the fallback needs no code of the operations.

An HTTP API hands the path over decoded, as `path` and as `rawPath` alike, so nothing is decoded here: what still reads
as an encoded character is one that was encoded twice. A slash that was encoded is one that parts segments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from quintet import log
from quintet.api.errors import ApiError
from quintet.api.face import Face
from quintet.api.reply import answer
from quintet.api.request import Request

ROUTES = "routes.json"
"""Beside a system's service: its routes as rendered, `[["GET", "/api/v1/cart", "cart-get"], …]`."""

Route = tuple[str, str, str]
"""Method, path, and what `Forward` calls the operation's function."""
Forward = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class Fallback:
    """The handler behind the default route: forwards, or answers 404, or 405 with `Allow` for a wrong method.

    In AWS it knows the rendered routes, and Lambda runs the operations' functions.
    """

    def __init__(self, face: Face) -> None:
        self._face = face
        self._read: Callable[[], Iterable[Route]] = self._rendered
        self._forward: Forward = _invoke

    def over(self, routes: Iterable[Route], forward: Forward) -> Fallback:
        """The same for a process that holds the operations itself: their routes, and what runs one with an event."""
        found = Fallback(self._face)
        found._read, found._forward = lambda: routes, forward
        return found

    def __call__(self, event: Mapping[str, Any], _context: Any = None) -> dict[str, Any]:
        request = Request(event)
        path = _without_closing_slash(request.path)
        found = [(route, match) for pattern, route in self._routes if (match := pattern.match(path))]
        wanted = "GET" if request.method == "HEAD" else request.method
        for (method, template, target), match in found:
            if method == wanted:
                return self._forwarded(request, target, _readdressed(event, method, path, template, match))
        return self._refusal(request, sorted({route[0] for route, _ in found}))

    def too_large(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """413 for a body above what an invocation can carry; the laptop's gateway answers it so."""
        return self._answer(self._face.errors.too_large(), Request(event))

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], Route]]:
        """A literal segment wins over a parameter, as in API Gateway."""
        ordered = sorted(self._read(), key=lambda route: [part.startswith("{") for part in route[1].split("/")])
        return [(_pattern(route[1]), route) for route in ordered]

    def _rendered(self) -> Iterable[Route]:
        from importlib.resources import files  # some 10 ms, which no operation should pay

        found: list[Route] = json.loads((files(self._face.system) / ROUTES).read_bytes())
        return found

    def _forwarded(self, request: Request, target: str, event: Mapping[str, Any]) -> dict[str, Any]:
        with log.context(request_id=request.id, operation=target):
            try:
                found = self._forward(target, event)
            except Exception:
                log.logger().exception("forwarding failed")
                return self._answer(self._face.errors.internal(), request)
        return {**found, "body": "", "isBase64Encoded": False} if request.method == "HEAD" else found

    def _refusal(self, request: Request, methods: list[str]) -> dict[str, Any]:
        if not methods:
            return self._answer(self._face.errors.not_found(), request)
        allowed = sorted({*methods, *(("HEAD",) if "GET" in methods else ())})
        return self._answer(self._face.errors.method_not_allowed(headers={"Allow": ", ".join(allowed)}), request)

    def _answer(self, error: ApiError, request: Request) -> dict[str, Any]:
        status, body, headers = self._face.refused(error, request)
        return answer(status, None if request.method == "HEAD" else body, {**headers, "X-Request-Id": request.id})


def _without_closing_slash(path: str) -> str:
    """A path without a closing slash."""
    return path.removesuffix("/") or "/"


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", _without_closing_slash(path))
    return re.compile("".join(f"(?P<{p}>[^/]+)" if i % 2 else re.escape(p) for i, p in enumerate(parts)) + r"\Z")


def _readdressed(
    event: Mapping[str, Any], method: str, path: str, template: str, match: re.Match[str]
) -> dict[str, Any]:
    """The event that the gateway would have sent for the plain spelling, in either payload format."""
    params = match.groupdict()
    context = dict(event.get("requestContext") or {})
    if Request(event).head:
        context["head"] = True
    if event.get("version") == "2.0":
        context["http"] = {**context.get("http", {}), "method": method, "path": path}
        named = {"rawPath": path, "routeKey": f"{method} {template}"}
    else:
        named = {"path": path, "httpMethod": method, "resource": template}
    return {**event, **named, "requestContext": context, "pathParameters": params or None}


def _invoke(target: str, event: Mapping[str, Any]) -> dict[str, Any]:
    from quintet.net.functions import invoke

    return invoke(target, event)
