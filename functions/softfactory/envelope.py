"""The suite's reply and error shapes: bare objects, lists under the name of what they hold, `{"error": …}`."""

from collections.abc import Mapping
from typing import Any

from quintet.api.envelope import Asked, DataEnvelope, compact
from quintet.models import Page


class NamedEnvelope(DataEnvelope):
    """A success is the bare object. A page is `{"posts": […], "total", "limit", "offset", "items": the same rows}`,
    where the operation says what its rows are called. A refusal is `{"error": {"code", "message", "details"?}}`."""

    def data(self, body: bytes, meta: Mapping[str, Any] | None) -> bytes:
        return body if not meta else body[:-1] + b"," + compact(meta)[1:]

    def page_meta(self, page: Page[Any]) -> dict[str, Any]:
        offset = (page.page - 1) * page.page_size
        return {"total": page.total or 0, "limit": page.page_size, "offset": offset}

    def page_data(self, body: bytes, meta: Mapping[str, Any], asked: Asked, rows: str) -> bytes:
        offset, cursor = (asked.get(name, [""])[-1].strip() for name in ("offset", "cursor"))
        if offset and not cursor:  # a page need not begin at a multiple of its size; it is a number, or was refused
            meta = {**meta, "offset": int(offset.partition(".")[0])}
        named = b'"' + rows.encode() + b'":' + body + b"," if rows else b""
        return b"{" + named + compact(meta)[1:-1] + b',"items":' + body + b"}"

    def data_schema(self, schema: dict[str, Any], *, paged: bool) -> dict[str, Any]:  # noqa: ARG002 (the protocol has it)
        return schema

    def page_schema(self, schema: dict[str, Any], rows: str) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 0}
        named = {rows: schema} if rows else {}
        properties = {**named, "total": number, "limit": number, "offset": number, "items": schema}
        return {"type": "object", "properties": properties, "required": list(properties)}
