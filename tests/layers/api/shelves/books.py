"""Operations that honour an Idempotency-Key, and declarations that cannot be kept."""

from typing import Annotated, cast

from pydantic import BaseModel

from quintet.api import Api, Binary, Caller, Header, Once, Upload
from quintet.models import Page
from quintet.store import at_least
from quintet.store.errors import UNCONFIRMED
from tests.layers.api.noted.notes import Stock
from tests.layers.api.noted.service import NOTE_NOT_FOUND, store

api = Api("tests.layers.api.shelves", title="Shelves")
written = 0


class Picture(BaseModel):
    picture: Upload


class Book(BaseModel):
    title: str
    text: str | None = None


class Answered(BaseModel):
    said: str


@api.post("/pictures", multipart=True, idempotent=True)
def add_picture(body: Picture, caller: Caller) -> Answered:
    """Take a file."""
    return Answered(said=f"{body.picture.filename}: {len(body.picture.content)}")


@api.post("/albums/{id}/pictures", idempotent=True)
def describe(
    id: int, body: Book, caller: Caller, size: int, album: Annotated[str | None, Header("X-Album")] = None
) -> Answered:
    """Read everything that a request may say."""
    return Answered(said=f"{id} {body.title} {size} {album}")


@api.post("/books", idempotent=True)
def write(body: Book, caller: Caller) -> Answered:
    """Answer as much as was said."""
    global written  # noqa: PLW0603 (the effect that must stand once)
    written += 1
    return Answered(said=body.title)


@api.post("/broken", idempotent=True)
def broken(body: Book, caller: Caller) -> Answered:
    """Work, and then answer what was not declared."""
    global written  # noqa: PLW0603
    written += 1
    return cast("Answered", {"other": 1})


@api.post("/doubtful", idempotent=True)
def doubtful(body: Book, caller: Caller) -> Answered:
    """Work of which nobody knows whether it was done."""
    global written  # noqa: PLW0603
    written += 1
    raise UNCONFIRMED()


@api.post("/searched", idempotent=True)
def searched(body: Book, caller: Caller, limit: int = 10) -> Answered:
    """Work that a query says more about."""
    return Answered(said=f"{body.title} {limit}")


@api.post("/sales", needs={"table:write"})
def sell(body: Book, caller: Caller, once: Once) -> Answered:
    """Take one from stock, with the answer in the same transaction."""
    tx = store.transaction()
    tx.update(Stock.key(), add={"left": -1}, where=[at_least("left", 1)], refused=NOTE_NOT_FOUND)
    once.record(tx, Answered(said=body.title))
    tx.commit()
    return Answered(said=body.title)


refused = Api("refused", title="Refused")


@refused.post("/anonymous", idempotent=True)
def anonymous(body: Book) -> Answered:
    """Nobody's key."""
    return Answered(said="")


@refused.post("/once")
def anonymous_once(body: Book, once: Once) -> Answered:
    """Nobody's key."""
    return Answered(said="")


@refused.post("/perhaps", idempotent=True)
def perhaps(body: Book, caller: Caller | None) -> Answered:
    """Perhaps nobody's key."""
    return Answered(said="")


@refused.post("/paged", idempotent=True)
def paged(body: Book, caller: Caller) -> Page[Answered]:
    """An answer of any size."""
    return Page([])


@refused.post("/file", idempotent=True)
def file(body: Book, caller: Caller) -> Binary:
    """A file."""
    return Binary(b"")
