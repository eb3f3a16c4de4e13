"""Notes: what the tests of the pipeline call."""

from typing import Annotated, ClassVar, cast

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import Header, Once, Path, RateLimit, Reply, Request
from quintet.models import Page, PageQuery, Timestamp
from quintet.models.ids import new_id
from quintet.models.time import now
from quintet.store import Entity, Index, Keys, at_least
from tests.layers.api.noted.service import NOTE_EXISTS, NOTE_NOT_FOUND, TITLE_REQUIRED, Reader, Writer, api, store


class Note(Entity):
    kind: ClassVar[str] = "note"
    keys: ClassVar[Keys] = Keys("NOTE#{title}", "NOTE", gsi1=Index("NOTES", "{id}", counted=True))

    id: str = Field(default_factory=new_id)
    title: str
    text: str = ""
    author: str = ""
    created_at: Timestamp = Field(default_factory=now)


class NewNote(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid")

    title: str = Field(min_length=1, max_length=40)
    text: str = ""
    stars: int = Field(default=0, ge=0, le=5)


class NoteReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    title: str
    text: str
    created_at: Timestamp


def shown(note: Note) -> NoteReply:
    return NoteReply(id=note.id, title=note.title, text=note.text, created_at=note.created_at)


@api.get("/notes/{title}", errors=[NOTE_NOT_FOUND], needs={"table:read"}, etag=True)
def read(title: Annotated[str, Path(TITLE_REQUIRED)]) -> NoteReply:
    """Read one note."""
    return shown(store.require(Note, NOTE_NOT_FOUND, title=title))


@api.get("/notes", needs={"table:read"})
def list_notes(query: PageQuery, caller: Reader) -> Page[NoteReply]:
    """List all notes, newest first."""
    return store.page(Note, "gsi1", query).map(shown)


@api.post("/notes", status=201, errors=[NOTE_EXISTS], needs={"table:write"}, idempotent=True)
def create(body: NewNote, caller: Writer) -> NoteReply:
    """Write a note."""
    note = Note(title=body.title, text=body.text, author=caller.id)
    return shown(store.create(note, NOTE_EXISTS))


class Stock(Entity):
    kind: ClassVar[str] = "stock"
    keys: ClassVar[Keys] = Keys("STOCK", "STOCK")

    left: int


@api.post("/purchases", status=201, errors=[NOTE_NOT_FOUND], needs={"table:write"})
def buy(body: NewNote, caller: Reader, once: Once) -> NoteReply:
    """Buy a note; the answer is kept in the same transaction."""
    note = Note(title=body.title, text=body.text, author=caller.id)
    tx = store.transaction()
    tx.update(Stock.key(), add={"left": -1}, where=[at_least("left", 1)], refused=NOTE_NOT_FOUND)
    tx.create(note, NOTE_EXISTS)
    once.record(tx, shown(note))
    tx.commit()
    return shown(note)


@api.delete("/notes/{title}", status=204, needs={"table:write"})
def remove(title: str, caller: Writer) -> None:
    """Remove a note."""
    found = store.require(Note, NOTE_NOT_FOUND, title=title)
    store.delete(found)


class Echo(BaseModel):
    method: str
    path: str
    ip: str
    number: int
    tags: str | None
    header: str | None
    caller: str | None


@api.get("//echo/{number}", headers={"X-Echo": "Always yes"})
def echo(
    number: int,
    request: Request,
    caller: Reader | None,
    tags: str | None = None,
    custom: Annotated[str | None, Header("X-Custom")] = None,
) -> Reply[Echo]:
    """Say what was understood."""
    data = Echo(
        method=request.method,
        path=request.path,
        ip=request.ip,
        number=number,
        tags=tags,
        header=custom,
        caller=caller.id if caller else None,
    )
    return Reply(data, meta={"all": request.query}, headers={"X-Echo": "yes"})


@api.post("/limited", limit=RateLimit(3, per=60), needs={"table:write"})
def limited(body: NewNote, caller: Reader) -> NewNote:
    """Three a minute."""
    return body


@api.get("/broken")
def broken(how: str) -> NoteReply:
    """Fail in the way that is asked for."""
    if how == "reply":
        return cast("NoteReply", {"id": "no title"})
    password = "hunter2-and-more"
    raise RuntimeError(f"the secret path /etc/noted is missing, password={password}")
