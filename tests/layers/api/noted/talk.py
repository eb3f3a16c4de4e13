"""Talk about notes over a WebSocket."""

from pydantic import BaseModel

from quintet.api import ErrorType, Reply
from quintet.messaging import connections, sockets
from quintet.messaging.connections import Connection
from tests.layers.api.noted.service import Reader, Writer, api, store

SILENCED = ErrorType(403, "silenced", "You are silenced")

heard: list[str] = []


class Saying(BaseModel):
    topic: str
    text: str


class Said(BaseModel):
    delivered: int


@api.socket("$connect")
def connect(caller: Reader, connection: Connection) -> Reply[None]:
    """Open a connection."""
    if caller.id == "loud":
        raise SILENCED()
    if caller.id == "eager":
        sockets.post(store, connection.id, "too early")
    connections.subscribe(store, connection, "everything")
    heard.append(f"{caller.id} came")
    return Reply(None, headers={"Sec-WebSocket-Protocol": "notes"})


@api.socket("$disconnect")
def disconnect(caller: Reader, connection: Connection) -> None:
    """End a connection."""
    if caller.id == "clumsy":
        raise RuntimeError("cannot say goodbye")
    heard.append(f"{caller.id} went")


@api.socket("say", needs={"table:write"})
def say(body: Saying, caller: Writer, connection: Connection) -> Said:
    """Tell everybody who listens."""
    if body.text == "impossible":
        raise RuntimeError("cannot be said")
    return Said(delivered=sockets.publish(store, body.topic, body.text, but=connection.id).delivered)


@api.socket("$default")
def murmur(body: str, caller: Reader) -> None:
    """Hear whatever is said."""
    heard.append(f"{caller.id}: {body}")
