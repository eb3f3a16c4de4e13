"""The marketplace's reply and error shapes: flat objects that say `success`."""

import re
from collections.abc import Mapping
from typing import Any

from quintet.api import ApiError
from quintet.api.envelope import Envelope, compact
from quintet.models import Page

_LOCATIONS = {"invalid_query": "query", "invalid_path": "params"}
_SHOUTED = re.compile(r"[A-Z][A-Z_]*\Z")


class FlatEnvelope(Envelope):
    """`{"success": true, …}` and `{"success": false, "message", "errors"?, "code"?, "error"?}`.

    A reply model that has a `success` field of its own decides it. Validation errors are listed as `{msg, param,
    location}`. Operations with `error_shape="code"` say a machine-readable `code`, those with `error_shape="error"`
    an `error` text beside the message.
    """

    def data(self, body: bytes, meta: Mapping[str, Any] | None) -> bytes:  # noqa: ARG002 (the protocol has it)
        if body.startswith(b'{"success":'):
            return body
        return b'{"success":true' + (b"}" if body == b"{}" else b"," + body[1:])

    def page_meta(self, page: Page[Any]) -> dict[str, Any]:
        return pagination(page)

    def error(self, error: ApiError, request_id: str, shape: str = "", /) -> bytes:  # noqa: ARG002 (the protocol has it)
        body: dict[str, Any] = {"success": False, "message": error.message}
        if error.details is not None:
            location = _LOCATIONS.get(error.code, "body")
            body["errors"] = [_problem(detail, location) for detail in error.details]
        if shape == "code":
            body["code"] = error.code if _SHOUTED.match(error.code) else error.code.upper()
        elif shape == "error":
            body["error"] = error.code
        return compact(body)

    def data_schema(self, schema: dict[str, Any], *, paged: bool) -> dict[str, Any]:  # noqa: ARG002 (the protocol has it)
        success = {"type": "object", "properties": {"success": {"type": "boolean"}}, "required": ["success"]}
        return {"allOf": [success, schema]}

    def error_schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        problem = {"type": "object", "properties": {"msg": text, "param": text, "location": text}}
        return {
            "type": "object",
            "properties": {
                "success": {"const": False},
                "message": text,
                "errors": {"type": "array", "items": problem},
                "code": text,
                "error": text,
            },
            "required": ["success", "message"],
        }


def pagination(page: Page[Any]) -> dict[str, Any]:
    """A page's place in its list, as the document spells it."""
    return {"page": page.page, "limit": page.page_size, "total": page.total or 0, "totalPages": page.total_pages}


def _problem(detail: Mapping[str, Any], location: str) -> dict[str, Any]:
    if "field" not in detail:
        return dict(detail)
    return {"msg": detail["message"], "param": detail["field"], "location": location}
