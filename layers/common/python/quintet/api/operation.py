"""One operation: a typed function that is its own Lambda handler."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ParamSpec, TypeVar

from quintet import log
from quintet.api.declaration import Declaration
from quintet.api.errors import ApiError
from quintet.api.exchange import Exchange
from quintet.api.reply import Answer, ReplyTooLarge, answer
from quintet.api.request import Request
from quintet.net import patience

P = ParamSpec("P")
R = TypeVar("R")


class Operation(Declaration[P, R]):
    """A declared operation; calling it with (event, context) is the Lambda invocation."""

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> Any:
        if self.method is not None and ("httpMethod" in event or "http" in (event.get("requestContext") or {})):
            with patience.begin(context, most=self.timeout):
                return self._served(Request(event))
        from quintet.api import triggers

        return triggers.run(self, event, context)

    def _served(self, request: Request) -> dict[str, Any]:
        started = time.perf_counter()
        exchange = Exchange(self, request)
        with log.context(request_id=request.id, operation=self.id):
            status, body, headers = self._answered(exchange)
            headers = {**exchange.headers, **headers, "X-Request-Id": request.id}
            try:
                found = answer(status, body or None, headers)
            except ReplyTooLarge as error:
                status, body, headers = self._too_large(request, error)
                found = answer(status, body, {**exchange.headers, **headers, "X-Request-Id": request.id})
            spent = (time.perf_counter() - started) * 1000
            log.metrics(
                self.id,
                {
                    "Requests": 1,
                    "LatencyMs": round(spent, 2),
                    "Errors": int(status >= 500),
                    **({"BytesOut": len(body)} if self.face.metered else {}),
                },
                request_id=request.id,
                status=str(status),
                caller=exchange.who,
            )
        return found

    def _answered(self, exchange: Exchange) -> Answer:
        from quintet.api.stages import through

        try:
            return through(exchange)
        except ApiError as error:
            return self.face.refused(error, exchange.request, self.error_shape)
        except ReplyTooLarge as error:
            return self._too_large(exchange.request, error)
        except Exception:
            log.logger().exception("operation failed")
            return self.face.refused(self.face.errors.internal(), exchange.request, self.error_shape)

    def _too_large(self, request: Request, error: ReplyTooLarge) -> Answer:
        log.logger().error(str(error))
        return self.face.refused(self.face.errors.reply_too_large(), request, self.error_shape)
