"""The headers that an operation reads and answers: what its documentation says and what browsers are allowed (CORS)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quintet.api.declaration import Declaration

MODEL = "model"
"""The capability of operations that ask a language model; their replies say who answered."""
RATE = {
    "X-RateLimit-Limit": "Requests in a window",
    "X-RateLimit-Remaining": "Requests left in this window",
    "X-RateLimit-Reset": "When the next window begins, in seconds since 1970",
    "RateLimit-Policy": "Requests in a window and its seconds (draft-ietf-httpapi-ratelimit-headers)",
    "RateLimit": "Requests left and seconds until the next window (draft-ietf-httpapi-ratelimit-headers)",
}


def read_by(operation: Declaration[..., Any]) -> frozenset[str]:
    """Names of the request headers that the pipeline or the function reads, in lower case."""
    signature = operation.signature
    found = {"X-Request-Id", *(p.marker.name for p in signature.parameters if p.source == "header")}
    if operation.caller is not None:
        found |= {"Authorization", *operation.caller.headers}
    if signature.body is not None:
        found.add("Content-Type")
    if operation.keyed:
        found.add("Idempotency-Key")
    if operation.revalidates:
        found.add("If-None-Match")
    return frozenset(name.lower() for name in found)


def answered_by(operation: Declaration[..., Any]) -> frozenset[str]:
    """Names of the response headers beside the body's own, of whatever status, in lower case."""
    refusing = {"Allow", "Retry-After", "WWW-Authenticate"}
    return frozenset(name.lower() for name in refusing.union(succeeding(operation)))


def succeeding(operation: Declaration[..., Any]) -> dict[str, str]:
    """Response headers of a successful reply, and what each says."""
    result, found = operation.signature.result, {"X-Request-Id": "The request's name in logs"}
    if operation.etag or "if-match" in read_by(operation):
        found["ETag"] = "The version of what is answered"
    if result.paged or _takes_cursor(operation):
        found["Link"] = "The next page (RFC 8288)"
    if result.paged:
        found |= operation.face.envelope.page_header_names
    if result.binary:
        found["Content-Disposition"] = "Whether to show or to save it, and its name (RFC 6266)"
    if operation.keyed:
        found["Idempotency-Replayed"] = "`true` for an answer that was given before"
    if MODEL in operation.needs:
        found["X-Answer-Source"] = "`model` or `fallback`"
    return found | (RATE if operation.limit or operation.tiers else {}) | dict(operation.headers)


def _takes_cursor(operation: Declaration[..., Any]) -> bool:
    """Whether it pages by itself: its query has a place to go on from."""
    models = [p.type for p in operation.signature.parameters if p.source == "query_model"]
    return any("cursor" in model.model_fields for model in models)
