"""Memory Mirror's shapes: replies are the bare object, errors exactly `{"error": "…"}`."""

from collections.abc import Mapping
from typing import Any

from quintet.api import ApiError
from quintet.api.envelope import Envelope, compact
from quintet.models import Page


class BareEnvelope(Envelope):
    """No envelope around data. An error's text names the field it is about; a 500 says `details`, never a stack."""

    def data(self, body: bytes, meta: Mapping[str, Any] | None) -> bytes:  # noqa: ARG002 (the protocol has it)
        return body

    def page_meta(self, page: Page[Any]) -> dict[str, Any]:  # noqa: ARG002 (the protocol has it)
        return {}

    def error(self, error: ApiError, request_id: str, _shape: str = "", /) -> bytes:
        body = {"error": _text(error)}
        if error.status == 500:
            body["details"] = f"The request failed; its id is {request_id}"
        return compact(body)

    def data_schema(self, schema: dict[str, Any], *, paged: bool) -> dict[str, Any]:  # noqa: ARG002 (the protocol has it)
        return schema

    def error_schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        details = {**text, "description": "With 500 alone"}
        return {"type": "object", "properties": {"error": text, "details": details}, "required": ["error"]}


def _text(error: ApiError) -> str:
    """The error in one line: `voice_name: Field required`; further fields after semicolons."""
    if not error.details:
        return error.message
    told = [f"{detail['field']}: {detail['message']}" for detail in error.details if "field" in detail]
    return "; ".join(told) or error.message
