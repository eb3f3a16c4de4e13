"""What no operation answers: unknown paths and methods, in the system's error shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from quintet.api.errors import ApiError
from quintet.api.reply import answer
from quintet.api.request import Request

if TYPE_CHECKING:
    from quintet.api.app import Api


class Fallback:
    """The handler behind the default route: 404, or 405 with `Allow` when only the method is wrong."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], str]]:
        return [
            (re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(o.path)) + r"/?\Z"), o.method)
            for o in self._api.load()
            if o.method
        ]

    def __call__(self, event: Mapping[str, Any], _context: Any = None) -> dict[str, Any]:
        request = Request(event)
        status, body, headers = self._api.refused(self._refusal(request), request)
        return answer(status, body, {**headers, "X-Request-Id": request.id})

    def too_large(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """413 for a body above what an invocation can carry; the laptop's gateway answers it so."""
        request = Request(event)
        status, body, headers = self._api.refused(self._api.errors.too_large(), request)
        return answer(status, body, {**headers, "X-Request-Id": request.id})

    def _refusal(self, request: Request) -> ApiError:
        allowed = sorted({method for pattern, method in self._routes if pattern.match(request.path)})
        if allowed:
            return self._api.errors.method_not_allowed(headers={"Allow": ", ".join(allowed)})
        return self._api.errors.not_found()
