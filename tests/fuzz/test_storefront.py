"""Generated traffic against the whole shop, judged by its own OpenAPI: no 5xx, no undocumented status or shape.

Requests come as an administrator's, so that they reach the handlers; half of them name things that exist. `make
check` sends a few per operation, `make fuzz` many (QUINTET_FUZZ_EXAMPLES).
"""

import io
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from quintet.auth import tokens
from quintet.testing import Client
from storefront import demo
from storefront.model.accounts import EmailClaim
from storefront.model.orders import Order
from storefront.model.products import Product
from storefront.service import api, store
from tests.support import aws

pytestmark = pytest.mark.fuzz

EXAMPLES = int(os.environ.get("QUINTET_FUZZ_EXAMPLES", "15"))
FAULT = 500


def no_fault(_ctx: Any, response: Any, _case: Any) -> None:
    """An unexpected exception answers 500. A documented 503, such as sign-in without a provider, is no fault."""
    assert response.status_code != FAULT, response.text


CHECKS = [no_fault, status_code_conformance, content_type_conformance, response_schema_conformance]
StartResponse = Callable[[str, list[tuple[str, str]]], object]

client = Client(api)
known: dict[str, list[str]] = {}


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The shop as a WSGI application: what schemathesis talks to."""
    body = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))).getvalue()
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True):
        query.setdefault(name, []).append(value)
    headers = {k[5:].replace("_", "-"): v for k, v in environ.items() if k.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    answer = client.request(environ["REQUEST_METHOD"], path, body, query=query, headers=headers)
    start_response(f"{answer.status} -", list(answer.headers.items()))
    return [answer.raw]


schema = schemathesis.openapi.from_dict(api.openapi())
schema.app = application


@pytest.fixture(scope="module", autouse=True)
def shop() -> Iterator[str]:
    """The shop with its demo data in force, and the administrator's token."""
    with aws.system("storefront"):
        demo.seed()
        claim = store.get(EmailClaim, email="admin@quintet.test")
        assert claim is not None
        token, _ = tokens.issue(claim.user_id, {"email": claim.email}, timedelta(hours=2))
        products = [product.id for product in store.each(Product, "gsi1")]
        known.update(products=products, users=[claim.user_id], roles=["manager"], permissions=["manage_products"])
        yield token


def _existing(path: str, given: str) -> str:
    """For half of the generated ids, one that exists where the path asks for one."""
    choice = zlib.crc32(given.encode("utf-8", "replace"))
    if choice % 2:
        return given
    kind = next((kind for kind in reversed(path.split("/")) if kind in known), None)
    return known[kind][choice % len(known[kind])] if kind else given


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="QUINTET_FUZZ_EXAMPLES" not in os.environ,
)
def test_generated_requests_are_answered_as_documented(case: Any, shop: str) -> None:
    for name, value in list((case.path_parameters or {}).items()):
        case.path_parameters[name] = _existing(case.operation.path, str(value))
    case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {shop}"})


def test_the_traffic_left_the_books_right(shop: str) -> None:
    """After whatever was sent: every total is the number of members listed."""
    for index in ("gsi1", "gsi2"):
        assert store.count(Product, index) == sum(1 for _ in store.each(Product, index))
    assert store.count(Order, "gsi2") == sum(1 for _ in store.each(Order, "gsi2"))
