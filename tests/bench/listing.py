"""What page 1 of a list costs when the list is short and when it is long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from quintet.testing.context import LambdaContext
from quintet.testing.events import http_event
from tests.bench import catalogue
from tests.bench.meter import Usage, metered
from tests.support import aws

PAGES = ("page=1&page_size=20", "page=1&page_size=100")


@dataclass(frozen=True)
class Listed:
    """One page asked of a list of `length` items."""

    length: int
    query: str
    usage: Usage
    milliseconds: float
    body: int


def measure(lengths: tuple[int, ...] = (100, 10_000)) -> list[Listed]:
    """Page 1 of the products at each length, with its requests, units, bytes and CPU beyond AWS's."""
    found = []
    for length in lengths:
        with shop_of(length):
            found += [_listed(length, query) for query in PAGES]
    return found


@contextmanager
def shop_of(length: int) -> Iterator[None]:
    """A shop with so many public products.

    The rows and the counters are written in batches, as transactions would leave them: a mocked transaction copies
    the table, which ten thousand of them would take hours for.
    """
    from storefront.catalog.products import Product
    from storefront.service import store

    with aws.system("storefront"):
        rows = [Product.model_validate(catalogue.product(number)).item() for number in range(length)]
        from quintet.store.codec import decode_item

        store.write_batch([decode_item(row) for row in rows])
        _count(Product.model_validate(catalogue.product(0)), length)
        yield


def _count(example: object, length: int) -> None:
    """The counter rows of every counted listing `example` is in."""
    from quintet.store.counters import COUNTER, shard_place
    from quintet.store.entity import Entity
    from storefront.service import store

    assert isinstance(example, Entity)
    rows = []
    for name, index in example.keys.indexes.items():
        place = example.placement(name)
        if index.counted and place:
            key, attributes = shard_place(name, index, place[0], 0)
            rows.append({"PK": key.pk, "SK": key.sk, "kind": COUNTER, "n": length, "version": 1, **attributes})
    store.write_batch(rows)


def _listed(length: int, query: str) -> Listed:
    from storefront.catalog.operations import list_products

    pairs = dict(pair.split("=") for pair in query.split("&"))
    event = http_event("GET", "/api/v1/catalog/products", query=pairs)
    with metered() as usage:
        answer = list_products(event, LambdaContext())
    assert answer["statusCode"] == 200, answer
    assert f'"total_items":{length}' in answer["body"], answer["body"][-300:]
    return Listed(length, query, usage, _fastest(event), len(answer["body"]))


def _fastest(event: dict[str, Any]) -> float:
    """Milliseconds of the handler alone; what the mocked table spends on its own search is not counted."""
    from moto.core.models import botocore_stubber

    from storefront.catalog.operations import list_products

    stubber: Any = botocore_stubber
    plain = stubber.process_request
    away = [0.0]

    def timed(request: Any) -> Any:
        started = time.process_time()
        try:
            return plain(request)
        finally:
            away[0] += time.process_time() - started

    stubber.process_request = timed
    try:
        spent = []
        for _ in range(5):
            away[0], started = 0.0, time.process_time()
            list_products(event, LambdaContext())
            spent.append(time.process_time() - started - away[0])
    finally:
        stubber.process_request = plain
    return min(spent) * 1000
