"""What fuzzing any system needs: the system as a WSGI application, what replies must keep to, and ids that exist."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from quintet.api import Api
from quintet.auth import tokens
from quintet.models import new_id
from quintet.testing import Client
from quintet.testing.client import Answer

FAULT = 500
MANY = "QUINTET_FUZZ_EXAMPLES"
StartResponse = Callable[[str, list[tuple[str, str]]], object]

few: Final = settings(
    max_examples=int(os.environ.get(MANY, "15")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=MANY not in os.environ,
)
"""`make check` sends a few requests per operation, always the same; `make fuzz` many."""


def no_fault(_ctx: Any, response: Any, _case: Any) -> None:
    """An unexpected exception answers 500. A documented 503, such as sign-in without a provider, is no fault."""
    assert response.status_code != FAULT, response.text


CHECKS = [no_fault, status_code_conformance, content_type_conformance, response_schema_conformance]


def schema_of(api: Api, *, walked: bool = True) -> OpenApiSchema:
    """A system's own OpenAPI with the system behind it: what schemathesis generates from and talks to.

    Besides requests by chance it walks over each border of each field. Without `walked` that is left to `make fuzz`: a
    system with many operations takes minutes for it.
    """
    phases = {"coverage": {"enabled": walked or MANY in os.environ}}
    config = SchemathesisConfig.from_dict({"phases": phases})
    schema = schemathesis.openapi.from_dict(api.openapi(), config=config)
    schema.app = _application(Client(api))
    return schema


def _application(client: Client) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True):
            query.setdefault(name, []).append(value)
        headers = {k[5:].replace("_", "-"): v for k, v in environ.items() if k.startswith("HTTP_")}
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        # Encoded again: a question mark within a path's value begins no query.
        path = quote(environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"))
        answer = client.request(environ["REQUEST_METHOD"], path, body, query=query, headers=headers)
        start_response(f"{answer.status} -", list(answer.headers.items()))
        return [answer.raw]

    return application


def headers_of(case: Any, user_id: str, epoch: int) -> dict[str, str]:
    """What a case is sent with, as this caller: a token of now, for some operations end all sessions."""
    token, _ = tokens.issue(user_id, {"epoch": epoch}, timedelta(hours=2))
    headers = {"Authorization": f"Bearer {token}"}
    if "Idempotency-Key" in (case.headers or {}):
        headers["Idempotency-Key"] = new_id()
    return headers


def body_of(answer: Answer) -> Any:
    """The body of a request that succeeded."""
    assert answer.status in (200, 201), answer
    return answer.body


def number_of(generated: object) -> int:
    """A number that the same generated value always gets, spread evenly: chance that can be replayed."""
    return zlib.crc32(repr(generated).encode("utf-8", "replace"))


def existing(ids: Sequence[str], given: str) -> str:
    """For half of the generated ids, one of those that exist."""
    chance = number_of(given)
    return given if chance % 2 or not ids else ids[chance // 2 % len(ids)]


def aim_path(case: Any, known: Mapping[str, Sequence[str]]) -> None:
    """Have half of a case's path parameters name something known under the path's last segment that is a kind."""
    kind = next((kind for kind in reversed(case.operation.path.split("/")) if kind in known), None)
    for name, value in list((case.path_parameters or {}).items()):
        case.path_parameters[name] = existing(known[kind] if kind else (), str(value))


def aim_fields(value: Any, known: Mapping[str, Sequence[str]]) -> None:
    """Have half of the fields with a known name, at any depth of a body or query, name something that exists."""
    if isinstance(value, dict):
        for name, field in list(value.items()):
            if name in known and isinstance(field, str):
                value[name] = existing(known[name], field)
            else:
                aim_fields(field, known)
    elif isinstance(value, list):
        for one in value:
            aim_fields(one, known)
