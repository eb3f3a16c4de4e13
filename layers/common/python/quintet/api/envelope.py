"""Envelopes: how a system wraps data, pages and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from quintet.errors import ApiError
from quintet.models.pages import Page

Asked = Mapping[str, Sequence[str]]
"""Every value of each name in the query that the operation reads."""


class Envelope(Protocol):
    """The outside of every reply of one system, as bytes and as JSON Schema; subclass it for the defaults."""

    def data(self, body: bytes, meta: Mapping[str, Any] | None) -> bytes: ...
    def page_meta(self, page: Page[Any]) -> dict[str, Any]: ...
    def error(self, error: ApiError, request_id: str, shape: str, /) -> bytes: ...
    def data_schema(self, schema: dict[str, Any], *, paged: bool) -> dict[str, Any]: ...
    def error_schema(self) -> dict[str, Any]: ...

    def page_data(self, body: bytes, meta: Mapping[str, Any], asked: Asked, rows: str) -> bytes:  # noqa: ARG002
        """A page's body, of its rows as JSON and its meta. `asked` is what the query said, `rows` what the operation
        calls them, for envelopes that repeat it; as any other data by default."""
        return self.data(body, meta)

    def page_schema(self, schema: dict[str, Any], rows: str) -> dict[str, Any]:  # noqa: ARG002 (as above)
        """The schema of `page_data`."""
        return self.data_schema(schema, paged=True)

    def page_headers(self, page: Page[Any]) -> dict[str, str]:  # noqa: ARG002 (others need it)
        """What a list says in headers besides its `Link`, such as `X-Total-Count`; nothing by default."""
        return {}

    page_header_names: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The names of these headers and what each says, for the documentation and for browsers."""


_META: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{name: {"type": "integer"} for name in ("page", "page_size", "total_items", "total_pages")},
        **{name: {"type": "boolean"} for name in ("has_next", "has_prev")},
    },
    "required": ["page", "page_size", "total_items", "total_pages", "has_next", "has_prev"],
}


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class DataEnvelope(Envelope):
    """`{"data": …, "meta": …}` and `{"error": {"code", "message", "details"}}`."""

    def data(self, body: bytes, meta: Mapping[str, Any] | None) -> bytes:
        if meta is None:
            return b'{"data":' + body + b"}"
        return b'{"data":' + body + b',"meta":' + compact(meta) + b"}"

    def page_meta(self, page: Page[Any]) -> dict[str, Any]:
        return {
            "page": page.page,
            "page_size": page.page_size,
            "total_items": page.total or 0,
            "total_pages": page.total_pages,
            "has_next": page.has_next,
            "has_prev": page.has_prev,
        }

    def error(self, error: ApiError, request_id: str, _shape: str = "", /) -> bytes:
        body: dict[str, Any] = {"code": error.code, "message": error.message}
        if error.details is not None:
            body["details"] = error.details
        if error.status >= 500:
            body["request_id"] = request_id
        return compact({"error": body})

    def data_schema(self, schema: dict[str, Any], *, paged: bool) -> dict[str, Any]:
        properties = {"data": schema, "meta": _META if paged else {"type": "object"}}
        required = ["data", "meta"] if paged else ["data"]
        return {"type": "object", "properties": properties, "required": required}

    def error_schema(self) -> dict[str, Any]:
        inner = {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {"type": "array", "items": {"type": "object"}},
                "request_id": {"type": "string"},
            },
            "required": ["code", "message"],
        }
        return {"type": "object", "properties": {"error": inner}, "required": ["error"]}
