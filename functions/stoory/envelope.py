"""The shapes that all requests and replies share: flat objects that say `success`, ids, pages and their links."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from quintet.api import ApiError, Request, next_link
from quintet.api.envelope import Envelope, compact
from quintet.models import Page, PageQuery, is_id

T = TypeVar("T")

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
        return Pagination.of(page).model_dump()

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


def canonical_id(value: str) -> str:
    """A UUID in lower case; raises ValueError for anything else."""
    text = value.strip().lower()
    if not is_id(text):
        raise ValueError("must be a UUID")
    return text


Id = Annotated[str, AfterValidator(canonical_id), WithJsonSchema({"type": "string", "format": "uuid"})]
"""The id of anything, in a path, a query or a body."""


class Done(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str


class ListQuery(BaseModel):
    """Paging as the document spells it: `page` from 1, `limit` 1 to 100; or a cursor from the `Link` header."""

    model_config = ConfigDict(defer_build=True)

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    cursor: Annotated[str, Field(min_length=1, max_length=2048)] | None = None

    @property
    def wanted(self) -> PageQuery:
        return PageQuery(page=self.page, page_size=self.limit, cursor=self.cursor)


class Pagination(BaseModel):
    """Where a page stands in its list."""

    model_config = ConfigDict(defer_build=True)

    page: int
    limit: int
    total: int
    totalPages: int  # noqa: N815 (the document's spelling)

    @classmethod
    def of(cls, page: Page[Any]) -> Self:
        return cls(page=page.page, limit=page.page_size, total=page.total or 0, totalPages=page.total_pages)


def link(request: Request, page: Page[T]) -> dict[str, str]:
    """The `Link` header to the next page (RFC 8288), relative to the list's own address; nothing on the last page."""
    if page.next_cursor is None:
        return {}
    return {"Link": next_link(request.asked, page.next_cursor)}


def _problem(detail: Mapping[str, Any], location: str) -> dict[str, Any]:
    if "field" not in detail:
        return dict(detail)
    return {"msg": detail["message"], "param": detail["field"], "location": location}
