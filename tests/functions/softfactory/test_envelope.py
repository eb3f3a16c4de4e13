"""How lists are shown: under their name and as `items`, with what was asked."""

from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict

from quintet.api import Api, Reply
from quintet.models import Page
from quintet.store import Entity, Index, Keys
from quintet.testing import Client
from softfactory.lists import ListQuery
from softfactory.service import api as suite_api
from softfactory.service import store
from tests.conftest import Systems

api = Api("softfactory", title="Probe", base="/probe", envelope=suite_api.envelope, errors=suite_api.errors)


class Pin(Entity):
    kind: ClassVar[str] = "pin"
    keys: ClassVar[Keys] = Keys("PIN#{id}", "PIN", gsi1=Index("PINS", "{id}", counted=True))

    id: str


class PinReply(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str


@api.get("/pins", rows="pins", needs={"table:read"})
def pins(query: ListQuery) -> Page[PinReply]:
    """Pins."""
    found = store.page(Pin, "gsi1", query, reverse=not query.descending)
    return found.map(lambda pin: PinReply(id=pin.id))


@api.get("/more", rows="pins", needs={"table:read"})
def more(query: ListQuery) -> Reply[Page[PinReply]]:
    """Pins, and what else there is to say."""
    return Reply(pins.function(query), meta={"colours": ["red"]})


@pytest.fixture
def client(system: Systems) -> Client:
    system("softfactory")
    for number in range(5):
        store.create(Pin(id=f"p{number}"))
    return Client(api)


@pytest.mark.parametrize(
    ("query", "shown", "limit", "offset"),
    [
        ("", ["p4", "p3", "p2", "p1", "p0"], 20, 0),
        ("?limit=2&offset=1", ["p3", "p2"], 2, 1),
        ("?sort=created_at&limit=2", ["p0", "p1"], 2, 0),
        ("?offset=9", [], 20, 9),
        ("?offset=", ["p4", "p3", "p2", "p1", "p0"], 20, 0),
        ("?offset=&cursor=&limit=", ["p4", "p3", "p2", "p1", "p0"], 20, 0),
        ("?offset=7&offset=3.0", ["p1", "p0"], 20, 3),
        ("?offset=%203", ["p1", "p0"], 20, 3),
    ],
)
def test_a_list_says_what_it_holds_twice_and_what_was_asked(
    client: Client, query: str, shown: list[str], limit: int, offset: int
) -> None:
    rows = [{"id": each} for each in shown]
    whole = {"pins": rows, "total": 5, "limit": limit, "offset": offset, "items": rows}
    assert client.get("/probe/pins" + query).body == whole
    assert client.get("/probe/more" + query).body == {**whole, "colours": ["red"]}


def test_the_next_page_begins_where_it_says(client: Client) -> None:
    first = client.get("/probe/pins?limit=2")
    link = first.headers["link"]
    assert link.endswith('; rel="next"')
    second = client.get("/probe/pins" + link[1 : link.index(">")])
    assert second.body["offset"] == 2
    assert second.body["pins"] == second.body["items"] == [{"id": "p2"}, {"id": "p1"}]


def test_a_wrong_parameter_is_named(client: Client) -> None:
    refused = client.get("/probe/pins?limit=0&offset=-1")
    assert refused.status == 422
    assert refused.error["code"] == "validation_error"
    assert {each["field"] for each in refused.error["details"]} == {"limit", "offset"}


def test_the_documentation_names_the_rows() -> None:
    from quintet.api.openapi import document

    found: dict[str, Any] = document(api, list(api.operations), "")
    reply = found["paths"]["/probe/pins"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema = found["components"]["schemas"][reply["$ref"].rpartition("/")[2]] if "$ref" in reply else reply
    assert list(schema["properties"]) == ["pins", "total", "limit", "offset", "items"]
    assert schema["required"] == ["pins", "total", "limit", "offset", "items"]
