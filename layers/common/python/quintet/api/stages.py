"""The stages of a request, in their order: exist → admit → limit → bind → once → run → render.

Each adds what it found to the exchange; the first answer ends it. So an anonymous caller with a bad body learns that it
is anonymous, never which fields there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quintet.api import limits
from quintet.api.callers import Caller
from quintet.api.declaration import Declaration
from quintet.api.errors import ApiError
from quintet.api.exchange import Exchange
from quintet.api.idempotency import Once
from quintet.api.reply import JSON, Answer, Bare, Binary, Reply, matches, next_link, strong_etag
from quintet.api.request import Request
from quintet.api.signature import Result
from quintet.models.pages import Page
from quintet.settings import settings
from quintet.store import cursors
from quintet.store.errors import UNCONFIRMED

Stage = Callable[[Exchange], None]
_NOBODY = 401


def through(exchange: Exchange) -> Answer:
    """Take a request through all stages; answers what it came to. Raises refusals and whatever else went wrong."""
    for stage in (exist, admit, limit, bind, once, run, render):
        stage(exchange)
        if exchange.answer is not None:
            return exchange.answer
    raise AssertionError("the last stage answers")


def exist(exchange: Exchange) -> None:
    """404 for what is only for trying out, where more than that is done."""
    operation = exchange.operation
    if operation.only_local and not settings().for_trying_out:
        raise operation.face.errors.not_found()


def admit(exchange: Exchange) -> None:
    """Authenticate and authorise: 401 or 403 by the type of the caller parameter.

    Whoever is refused counts in a tier, too, or guessing would be free: by the address who proved to be nobody, any
    other as themselves. So 429 comes before the refusal, and the refusal says what is left.
    """
    declared, request = exchange.operation.signature.caller, exchange.request
    if declared is None:
        return
    errors, caller = exchange.operation.face.errors, None
    try:
        if not declared.optional or request.bearer:
            caller = declared.type.identify(request, errors)
            caller.authorise(errors)
    except ApiError as refused:
        _count(exchange, None if refused.status == _NOBODY else caller)
        raise
    exchange.caller = exchange.arguments[declared.name] = caller


def limit(exchange: Exchange) -> None:
    """Count the request against the caller's tier and the operation's own limit, where there are such: 429 beyond."""
    operation = exchange.operation
    _count(exchange, exchange.caller)
    if operation.limit:
        by = exchange.who if operation.limit.by == "caller" and exchange.who else exchange.request.ip
        exchange.headers |= limits.spend(operation.limit, operation.id, by, operation.face.errors)


def _count(exchange: Exchange, caller: Caller | None) -> None:
    """Count the request in the tier of its caller, by the address where that is nobody: 429 beyond."""
    operation, request = exchange.operation, exchange.request
    if operation.tiers is None:
        return
    from quintet.api.tiers import spend_tier

    tier, who = operation.tiers(caller, request), caller.id if caller is not None else request.ip
    exchange.headers |= spend_tier(tier, who, operation.face.errors)


def bind(exchange: Exchange) -> None:
    """Validate the input into the function's arguments."""
    operation = exchange.operation
    exchange.arguments |= operation.signature.bind(exchange.request, operation.face.errors)


def once(exchange: Exchange) -> None:
    """Answer a repeated request as the first was answered; claim the key of a new one."""
    operation = exchange.operation
    if not operation.keyed:
        return
    key = exchange.once = Once(
        f"{operation.id}#{exchange.who}",
        exchange.request.headers.get("idempotency-key"),
        lambda: _said(exchange),
        operation.face.errors,
    )
    parameter = operation.signature.once
    if parameter is None:
        exchange.answer = key.claim()
    else:
        key.rendered_by(lambda result: rendered(operation, result, exchange.request))
        exchange.arguments[parameter.name] = key
        exchange.answer = key.replay()


def run(exchange: Exchange) -> None:
    """Call the function, inside what the system puts around all of its operations."""
    try:
        with cursors.held_by(f"{exchange.operation.id}|{exchange.who}"):
            exchange.result = called(exchange.operation, exchange.arguments, exchange.request)
    except Exception as error:
        exchange.answer = _unless_repeated(exchange, error)


def _unless_repeated(exchange: Exchange, error: Exception) -> Answer:
    """What a twin of this request committed meanwhile is its answer, too, whatever went wrong here."""
    key = exchange.once
    if key is not None and exchange.operation.signature.once is not None:
        stored = key.replay()
        if stored:
            return stored
    elif key is not None and UNCONFIRMED.matches(error):
        # Perhaps it was done, so it must not be done again: whoever repeats is told the same.
        key.settle(exchange.operation.face.refused(UNCONFIRMED(), exchange.request, exchange.operation.error_shape))
    elif key is not None and isinstance(error, ApiError):
        key.release()
    raise error


def render(exchange: Exchange) -> None:
    """The function's result in the system's envelope."""
    operation, request = exchange.operation, exchange.request
    key = exchange.once if operation.signature.once is None else None
    try:
        exchange.answer = rendered(operation, exchange.result, request)
    except Exception:
        if key is not None:  # the work is done, and must not be done again for want of an answer
            key.settle(operation.face.refused(operation.face.errors.internal(), request, operation.error_shape))
        raise
    if key is not None:
        key.settle(exchange.answer)


def _said(exchange: Exchange) -> list[Any]:
    """What the caller asks for, as it was understood: all that makes it another request when it differs."""
    operation, request = exchange.operation, exchange.request
    signature, caller = operation.signature, operation.caller
    read = [p.marker.name for p in signature.parameters if p.source == "header"]
    read += caller.headers if caller is not None else ()
    headers = {name.lower(): request.headers.get(name.lower()) for name in read}
    whole = any(p.source == "request" for p in signature.parameters)
    asked = {p.name: exchange.arguments[p.name] for p in signature.parameters if p.source in ("query", "query_model")}
    body = exchange.arguments[signature.body.name] if signature.body else request.body if whole else None
    return [operation.method, operation.path, request.path_params, request.query if whole else asked, headers, body]


def called(operation: Declaration[..., Any], arguments: dict[str, Any], request: Request | None = None) -> Any:
    """What the function answers, inside the system's `around`."""
    around = operation.face.around
    if around is None:
        return operation.function(**arguments)
    caller = operation.signature.caller
    with around(operation.id, arguments.get(caller.name) if caller else None, request):
        return operation.function(**arguments)


def rendered(operation: Declaration[..., Any], result: Any, request: Request) -> Answer:
    """A result as status, body and headers; one that is not what was declared raises, which is a 500."""
    declared, envelope = operation.signature.result, operation.face.envelope
    status, headers, meta = operation.status, dict[str, str](), None
    if isinstance(result, Reply):
        status, headers, meta = result.status or status, dict(result.headers), result.meta
        result = result.data
    if declared.model is None:
        return status, b"", headers
    if declared.binary:
        return _tagged(operation, status, _bytes(operation, result, headers), headers, request)
    if isinstance(result, Page):
        meta = {**envelope.page_meta(result), **(meta or {})}
        headers = {**envelope.page_headers(result), **headers}
        if result.next_cursor:
            headers["Link"] = next_link(request.asked, result.next_cursor)
        headers.setdefault("Content-Type", JSON)
        body = envelope.page_data(_json(declared, result.items), meta, request.asked, operation.rows)
        return _tagged(operation, status, body, headers, request)
    headers.setdefault("Content-Type", JSON)
    if isinstance(result, Bare):
        return status, _json(declared, result.data), headers
    return _tagged(operation, status, envelope.data(_json(declared, result), meta), headers, request)


def _tagged(
    operation: Declaration[..., Any], status: int, body: bytes, headers: dict[str, str], request: Request
) -> Answer:
    """The answer with its ETag, or 304 for who has it already (RFC 9110, section 13.2)."""
    if operation.etag:
        headers.setdefault("ETag", strong_etag(body))
    tag, wanted = headers.get("ETag"), request.headers.get("if-none-match")
    if tag and wanted and request.method == "GET" and matches(wanted, tag, weak=True):
        described = ("content-type", "content-disposition")
        return 304, b"", {name: value for name, value in headers.items() if name.lower() not in described}
    return status, body, headers


def _bytes(operation: Declaration[..., Any], result: Any, headers: dict[str, str]) -> bytes:
    if isinstance(result, bytes):
        result = Binary(result, operation.produces[0])
    if not isinstance(result, Binary):
        raise TypeError(f"{operation.id} answers bytes, and this was {type(result).__name__}")
    if result.media_type.partition(";")[0].strip() not in operation.produces:
        raise ValueError(f"{operation.id} does not declare to produce {result.media_type}")
    headers.setdefault("Content-Type", result.media_type)
    if result.disposition:
        headers.setdefault("Content-Disposition", result.disposition)
    return result.content


def _json(declared: Result, result: Any) -> bytes:
    if declared.adapter is not None:
        value = declared.adapter.validate_python(result, from_attributes=True)
        return declared.adapter.dump_json(value, by_alias=True)
    if type(result) is not declared.model:
        result = declared.model.model_validate(result, from_attributes=True)
    return bytes(declared.model.__pydantic_serializer__.to_json(result, by_alias=True))
