"""Operations whose models share names, and the kinds of bodies and replies that a document must tell of."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from quintet.api import Api, Binary, Upload
from quintet.api.openapi import document
from quintet.models import Page, PageQuery

api = Api("twins", title="Twins")


class Amount(BaseModel):
    """A name that is alone."""

    value: int


CatalogPrice = create_model("Price", __module__="twins.catalog.entities", amount=(Amount, ...))
OrdersPrice = create_model("Price", __module__="twins.orders.entities", total=(int, ...))
CatalogItem = create_model("Item", __module__="twins.catalog.operations", price=(CatalogPrice, ...))
OrdersItem = create_model("Item", __module__="twins.orders.operations", price=(OrdersPrice, ...))


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Filled(BaseModel):
    name: str
    picture: Upload | None = None


@api.get("/item")
def item() -> CatalogItem:
    """One item."""
    raise AssertionError("only described")


@api.get("/other")
def other() -> CatalogItem:
    """Another item."""
    raise AssertionError("only described")


@api.get("/prices")
def prices(query: PageQuery) -> Page[OrdersItem]:
    """Items of orders."""
    return Page([])


@api.get("/offers")
def price_offers() -> list[CatalogPrice]:
    """A list that is no page."""
    return []


@api.post("/pets", status=204, example={"kind": "cat", "toys": [{"name": "ball"}]})
def adopt(body: Annotated[Cat | Dog, Field(discriminator="kind")]) -> None:
    """Take one of two kinds."""


@api.post("/form", status=204, multipart=True, form=True)
def fill(body: Filled) -> None:
    """Take a form of either kind."""


@api.get("/file", produces=("application/pdf",), headers={"X-Pages": "How many pages it has"})
def file() -> Binary:
    """A document."""
    return Binary(b"%PDF", "application/pdf")


class Archive(BaseModel):
    """What an archive says in JSON."""

    rows: list[str]


@api.get("/archive", produces=("application/json", "text/csv"), json=Archive)
def archive() -> Binary:
    """A file of either kind."""
    return Binary(b'{"rows":[]}', "application/json", "archive.json")


def told() -> dict[str, Any]:
    """The document of all of them."""
    return document(api, api.operations, "")
