"""One operation: a typed function that is its own Lambda handler.

The pipeline is the same for every operation of every system: request id → authenticate → authorise → rate limit →
validate → idempotency → the function → validate the reply → the system's envelope. So an anonymous caller with a
bad body learns that it is anonymous, never which fields there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar
from urllib.parse import urlencode

from quintet import log
from quintet.api import limits
from quintet.api.errors import ApiError, ErrorType
from quintet.api.idempotency import Answer, Once
from quintet.api.reply import JSON, Bare, Reply, answer, matches, strong_etag
from quintet.api.request import Request
from quintet.models.pages import Page
from quintet.store import cursors

if TYPE_CHECKING:
    from quintet.api.app import Api
    from quintet.api.signature import Result, Signature

P = ParamSpec("P")
R = TypeVar("R")
Capability = str

READ, WRITE, SECRET = "table:read", "table:write", "secret"


@dataclass(frozen=True, slots=True)
class Options:
    """What a decorator says about its operation beyond method and path."""

    status: int = 200
    errors: Sequence[ErrorType] = ()
    needs: frozenset[Capability] = frozenset()
    extension: bool = False
    idempotent: bool = False
    etag: bool = False
    multipart: bool = False
    limit: limits.RateLimit | None = None
    schedule: str | None = None
    queue: str | None = None
    timeout: int = 29
    memory: int = 512
    layers: tuple[str, ...] = ()
    error_shape: str = ""
    tags: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)


class Operation(Generic[P, R]):
    """A declared operation; calling it with (event, context) is the Lambda invocation."""

    def __init__(
        self, api: Api, function: Callable[P, R], method: str | None, path: str, options: Options, section: str = ""
    ) -> None:
        self.api, self.function, self.method, self.path, self.options = api, function, method, path, options
        domain = function.__module__.removeprefix(api.system + ".").partition(".")[0]
        self.id = f"{section or domain}.{function.__name__}"
        self.handler = f"{function.__module__}.{function.__name__}"
        self.__doc__, self.__name__, self.__module__ = (
            function.__doc__,
            function.__name__,
            function.__module__,
        )
        self.extension, self.status = options.extension, options.status
        self.schedule, self.queue = options.schedule, options.queue
        self.timeout, self.memory, self.layers = options.timeout, options.memory, options.layers

    def __repr__(self) -> str:
        return f"<{self.method or 'event'} {self.path or self.schedule or self.queue} {self.id}>"

    @cached_property
    def signature(self) -> Signature:
        from quintet.api.signature import Signature

        return Signature(self.function, self.path, form=self.options.multipart)

    @property
    def caller(self) -> Any:
        """The caller type, None for a public operation."""
        found = self.signature.caller
        return found.type if found else None

    @property
    def needs(self) -> frozenset[Capability]:
        """What the function's role must allow: what was declared and what the pipeline itself uses."""
        found = set(self.options.needs)
        if self.caller is not None:
            found.add(SECRET)
            if self.caller.reads_table:
                found.add(READ)
        if self.signature.result.paged:
            found |= {SECRET, READ}
        if self.options.idempotent or self.signature.once or self.options.limit:
            found.add(WRITE)
        if self.api.around is not None:
            found |= self.api.around.needs
        return frozenset(found)

    def run(self, arguments: dict[str, Any], request: Request | None = None) -> Any:
        """Call the function, inside what the system puts around all of its operations."""
        if self.api.around is None:
            return self.function(**arguments)  # type: ignore[call-arg]
        caller = self.signature.caller
        with self.api.around(self.id, arguments.get(caller.name) if caller else None, request):
            return self.function(**arguments)  # type: ignore[call-arg]

    def __call__(self, event: Mapping[str, Any], _context: Any = None) -> Any:
        if "httpMethod" in event or "http" in (event.get("requestContext") or {}):
            return self._served(Request(event))
        from quintet.api import triggers

        return triggers.run(self, event)

    def _served(self, request: Request) -> dict[str, Any]:
        started = time.perf_counter()
        with log.context(request_id=request.id, operation=self.id):
            holder: list[str] = []
            try:
                status, body, headers = self._answered(request, holder)
            except ApiError as error:
                status, body, headers = self.api.refused(error, request, self.options.error_shape)
            except Exception:
                log.logger().exception("operation failed")
                status, body, headers = self.api.refused(self.api.errors.internal(), request, self.options.error_shape)
            headers["X-Request-Id"] = request.id
            spent = (time.perf_counter() - started) * 1000
            log.metrics(
                self.id,
                {"Requests": 1, "LatencyMs": round(spent, 2), "Errors": int(status >= 500)},
                request_id=request.id,
                status=str(status),
                caller=holder[0] if holder else "",
            )
        return answer(status, body or None, headers)

    def _answered(self, request: Request, holder: list[str]) -> Answer:
        errors, signature = self.api.errors, self.signature
        arguments: dict[str, Any] = {}
        who = ""
        if signature.caller is not None:
            caller = None
            if not signature.caller.optional or request.bearer:
                caller = signature.caller.type.admit(request, errors)
                who = caller.id
                holder.append(who)
            arguments[signature.caller.name] = caller
        extra: dict[str, str] = {}
        if self.options.limit:
            by = who if self.options.limit.by == "caller" and who else request.ip
            extra = limits.spend(self.options.limit, self.id, by, errors)
        arguments |= signature.bind(request, errors)
        with cursors.held_by(f"{self.id}|{who}"):
            status, body, headers = self._once(request, arguments, who)
        return status, body, {**extra, **headers}

    def _once(self, request: Request, arguments: dict[str, Any], who: str) -> Answer:
        if not (self.options.idempotent or self.signature.once):
            return self._rendered(self.run(arguments, request), request)
        once = Once(f"{self.id}#{who}", request, self.api.errors)
        if self.signature.once:
            return self._committed(once, request, arguments)
        stored = once.claim()
        if stored:
            return stored
        try:
            done = self._rendered(self.run(arguments, request), request)
        except ApiError:
            once.release()
            raise
        once.settle(done)
        return done

    def _committed(self, once: Once, request: Request, arguments: dict[str, Any]) -> Answer:
        stored = once.replay()
        if stored:
            return stored
        once.rendered_by(lambda result: self._rendered(result, request))
        name = next(p.name for p in self.signature.parameters if p.source == "once")
        try:
            result = self.run({**arguments, name: once}, request)
        except Exception:
            # Whatever went wrong, a twin of this request may have committed meanwhile: then its answer is ours.
            stored = once.replay()
            if stored:
                return stored
            raise
        return self._rendered(result, request)

    def _rendered(self, result: Any, request: Request) -> Answer:
        """The function's result as status, body and headers; a result that is not what was declared is a 500."""
        declared, envelope = self.signature.result, self.api.envelope
        status, headers, meta = self.options.status, {}, None
        if isinstance(result, Reply):
            status, headers, meta = result.status or status, dict(result.headers), result.meta
            result = result.data
        if declared.model is None:
            return status, b"", headers
        if isinstance(result, Page):
            meta = {**envelope.page_meta(result), **(meta or {})}
            if result.next_cursor:
                headers["Link"] = _next_link(request, result)
            result = result.items
        if isinstance(result, Bare):
            return status, _json(declared, result.data), headers
        body = envelope.data(_json(declared, result), meta)
        if self.options.etag:
            headers.setdefault("ETag", strong_etag(body))
        tag, wanted = headers.get("ETag"), request.headers.get("if-none-match")
        if tag and wanted and request.method == "GET" and matches(wanted, tag, weak=True):
            return 304, b"", headers
        headers.setdefault("Content-Type", JSON)
        return status, body, headers


def _json(declared: Result, result: Any) -> bytes:
    if declared.adapter is not None:
        value = declared.adapter.validate_python(result, from_attributes=True)
        return declared.adapter.dump_json(value, by_alias=True)
    if type(result) is not declared.model:
        result = declared.model.model_validate(result, from_attributes=True)
    return bytes(declared.model.__pydantic_serializer__.to_json(result, by_alias=True))


def _next_link(request: Request, page: Page[Any]) -> str:
    """RFC 8288: the next page, relative to the list's own address."""
    kept = [(k, v) for k, vs in request.query.items() if k not in ("page", "cursor") for v in vs]
    return f'<?{urlencode([*kept, ("cursor", page.next_cursor)])}>; rel="next"'
