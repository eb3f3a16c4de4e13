"""The platform's reply and error shapes: bare bodies, `{"detail": …}` for refusals, totals in `X-Total-Count`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema

from quintet.api import ApiError
from quintet.api.envelope import Envelope, compact
from quintet.api.errors import Problem
from quintet.models import Page


def _canonical(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise ValueError("must be a UUID") from None


Id = Annotated[str, AfterValidator(_canonical), WithJsonSchema({"type": "string", "format": "uuid"})]
"""The id of anything, in a path, a query or a body."""


SOURCE: Final = "X-Data-Source"
"""The header that says where an answer's figures come from: `stored`, `simulated` or `demo`."""


class Deleted(BaseModel):
    """What a delete answers."""

    model_config = ConfigDict(defer_build=True)

    message: str
    id: str


class DetailEnvelope(Envelope):
    """A success is the bare object or array. A refusal is `{"detail": "…"}`, and for a failed validation
    `{"detail": [{"loc", "msg", "type"}]}`, `loc` beginning with where the value stood: `body`, `query` or `path`."""

    page_header_names: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"X-Total-Count": "The exact number of rows in the whole list"}
    )

    def data(self, body: bytes, meta: Mapping[str, Any] | None) -> bytes:  # noqa: ARG002 (the protocol has it)
        return body

    def page_meta(self, page: Page[Any]) -> dict[str, Any]:  # noqa: ARG002 (the protocol has it)
        return {}

    def page_headers(self, page: Page[Any]) -> dict[str, str]:
        """Headers of a page: the exact number of rows in the whole list."""
        return {} if page.total is None else {"X-Total-Count": str(page.total)}

    def error(self, error: ApiError, request_id: str, _shape: str = "", /) -> bytes:  # noqa: ARG002 (the protocol has it)
        if error.details is None:
            return compact({"detail": error.message})
        return compact({"detail": [_problem(detail) for detail in error.details]})

    def data_schema(self, schema: dict[str, Any], *, paged: bool) -> dict[str, Any]:  # noqa: ARG002 (the protocol has it)
        return schema

    def error_schema(self) -> dict[str, Any]:
        part = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
        problem = {
            "type": "object",
            "properties": {
                "loc": {"type": "array", "items": part},
                "msg": {"type": "string"},
                "type": {"type": "string"},
            },
            "required": ["loc", "msg", "type"],
        }
        detail = {"anyOf": [{"type": "string"}, {"type": "array", "items": problem}]}
        return {"type": "object", "properties": {"detail": detail}, "required": ["detail"]}


def _problem(detail: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(detail, Problem):
        return {"loc": list(detail.location), "msg": detail["message"], "type": detail.type}
    if "field" not in detail:
        return dict(detail)
    return {
        "loc": ["body", *detail["field"].split(".")],
        "msg": detail["message"],
        "type": detail.get("type", "value_error"),
    }
