"""Errands: sent to a queue, done from there, told from the stream to everybody who listens."""

from datetime import timedelta
from typing import ClassVar

from pydantic import BaseModel

from parrot.service import Listener, api, store
from quintet.api.sources import Queue, Stream
from quintet.api.streams import Change
from quintet.auth.tokens import issue
from quintet.messaging import connections, queue, sockets
from quintet.messaging.connections import Connection
from quintet.models.ids import new_id
from quintet.store import Entity, Keys


class Errand(BaseModel):
    name: str
    group: str | None = None


class Token(BaseModel):
    token: str


class Done(Entity):
    kind: ClassVar[str] = "done"
    keys: ClassVar[Keys] = Keys("DONE#{id}", "DONE")

    id: str
    name: str


@api.post("/tokens/{name}", needs={"secret"})
def sign_in(name: str) -> Token:
    """Give a token"""
    return Token(token=issue(name, {}, timedelta(minutes=5))[0])


@api.post("/errands", status=202, needs={"queue:errands", "queue:rounds.fifo"})
def send(body: Errand) -> None:
    """Send an errand to its queue"""
    if body.group:
        queue.send("rounds.fifo", queue.Sending(body, group=body.group, once=body.name))
    else:
        queue.send("errands", queue.Sending(body))


@api.event(queue=Queue("errands", receives=2), needs={"table:write"}, timeout=3)
def run(body: Errand) -> None:
    """Do an errand"""
    if body.name == "impossible":
        raise RuntimeError("cannot be done")
    store.create(Done(id=new_id(), name=body.name))


@api.event(queue="rounds.fifo", needs={"table:write"})
def go_round(body: Errand) -> None:
    """Do an errand of a round"""
    store.create(Done(id=new_id(), name=body.name))


@api.event(stream=Stream(Done, events=("INSERT",)), needs={"table:write", "sockets"})
def tell(body: Change[Done]) -> None:
    """Tell everybody what was done"""
    sockets.publish(store, "done", body.entity.name)


@api.socket("$connect")
def connect(caller: Listener, connection: Connection) -> None:
    """Open a connection"""
    connections.subscribe(store, connection, "done")
    connections.subscribe(store, connection, "left")


@api.socket("$disconnect", needs={"sockets"})
def disconnect(caller: Listener, connection: Connection) -> None:
    """End a connection"""
    sockets.publish(store, "left", f"{caller.id} left", but=connection.id)


@api.socket("repeat")
def repeat(body: Errand, caller: Listener) -> Errand:
    """Say it again"""
    return Errand(name=f"{caller.id} said {body.name}")
