"""An operation as it was declared: a function, where it answers, and what it may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypedDict, TypeVar

from pydantic import BaseModel

from quintet.api.errors import ErrorType
from quintet.api.face import Capability, Face
from quintet.api.limits import RateLimit
from quintet.api.parts import MULTIPART, URLENCODED

if TYPE_CHECKING:
    from quintet.api.signature import Signature
    from quintet.api.sources import Queue, Stream

P = ParamSpec("P")
R = TypeVar("R")

OCTETS = "application/octet-stream"
READ, WRITE, SECRET, SOCKETS = "table:read", "table:write", "secret", "sockets"

CONNECT, DISCONNECT, DEFAULT = "$connect", "$disconnect", "$default"
"""The routes that a WebSocket API has by itself (API Gateway developer guide, "Working with routes")."""


class Options(TypedDict, total=False):
    """What a decorator may say about its operation beyond method and path."""

    status: int
    """Of a successful reply; 200 when absent."""
    errors: Sequence[ErrorType]
    """Its own documented refusals."""
    needs: Iterable[Capability]
    """Capabilities of its role (`table:read`, `table:write`, `email`, …); what the pipeline uses itself is added."""
    extension: bool
    """Beyond the system's document."""
    only_local: bool
    """Whether it is for trying out alone: a laptop answers it, no stack has it, and wherever else it runs it is 404."""
    idempotent: bool
    """Whether an `Idempotency-Key` is honoured by keeping the answer after the work."""
    etag: bool
    multipart: bool
    """Whether the body may also come as multipart/form-data, the only way to send files."""
    form: bool
    """Whether the body may also come as application/x-www-form-urlencoded."""
    produces: tuple[str, ...]
    """Media types of a `Binary` reply; `application/octet-stream` when absent."""
    json: type[BaseModel]
    """The shape of a `Binary` reply where that is JSON, for the documentation."""
    limit: RateLimit
    schedule: str
    """An EventBridge Scheduler expression that runs it."""
    queue: str | Queue
    """The SQS queue whose messages it takes."""
    stream: Stream
    """The changes of the table that it is told."""
    socket: str
    """The route of the WebSocket API whose messages it takes; `Verbs.socket` sets it."""
    timeout: int
    """Seconds; 29 when absent, as long as an HTTP API waits."""
    memory: int
    """MB; 512 when absent."""
    layers: tuple[str, ...]
    """Layers it wants besides the common one."""
    headers: Mapping[str, str]
    """Response headers of its own, and what each says."""
    error_shape: str
    """A variant of the system's error body that its envelope knows."""
    tags: tuple[str, ...]
    """In the documentation; the first word of its id when absent."""
    example: Mapping[str, Any]
    """A sample body for the documentation."""
    section: str
    """The first word of its id; the domain's name when absent."""
    untiered: bool
    """Whether no tier counts it, such as what monitors ask."""
    rows: str
    """What an envelope that names a page's array calls it, such as `posts`."""


class Declaration(Generic[P, R]):
    """A declared operation: what the pipeline, the documentation and the rendered stack are made from."""

    def __init__(self, face: Face, function: Callable[P, R], method: str | None, path: str, options: Options) -> None:
        self.face, self.function, self.method, self.path = face, function, method, path
        self.__doc__, self.__name__, self.__module__ = function.__doc__, function.__name__, function.__module__
        domain = function.__module__.removeprefix(face.system + ".").partition(".")[0]
        self.id = f"{options.get('section') or domain}.{function.__name__}"
        self.handler = f"{function.__module__}.{function.__name__}"
        self.status = options.get("status", 200)
        self.errors = tuple(options.get("errors", ()))
        self.extension, self.only_local = options.get("extension", False), options.get("only_local", False)
        self.idempotent, self.etag = options.get("idempotent", False), options.get("etag", False)
        self.forms = _forms(options)
        self.produces, self.json = options.get("produces", (OCTETS,)), options.get("json")
        self.limit = options.get("limit")
        self.schedule, self.queue = options.get("schedule"), _queue(options.get("queue"))
        self.stream, self.socket = options.get("stream"), options.get("socket")
        self.timeout, self.memory = options.get("timeout", 29), options.get("memory", 512)
        self.layers = options.get("layers", ())
        self.headers = options.get("headers") or {}
        self.error_shape = options.get("error_shape", "")
        self.tags = options.get("tags") or (self.id.partition(".")[0],)
        self.example = options.get("example") or {}
        self.rows = options.get("rows", "")
        self.tiers = None if options.get("untiered", False) else face.tiers
        self._needs = frozenset(options.get("needs", ()))

    def __repr__(self) -> str:
        where = self.path or self.schedule or self.queue or self.stream or self.socket
        return f"<{self.method or 'event'} {where} {self.id}>"

    @cached_property
    def signature(self) -> Signature:
        """Where each argument comes from; read at the first use, since importing a handler only defines.

        Raises `TypeError` for a declaration that cannot be kept.
        """
        from quintet.api.signature import Signature

        found = Signature(self.function, self.path, self.forms)
        if self.idempotent or found.once is not None:
            self._refuse_keys(found)
        return found

    def _refuse_keys(self, found: Signature) -> None:
        if found.caller is None or found.caller.optional:
            raise TypeError(f"{self.id}: an Idempotency-Key is a caller's own, and here anybody may be without a name")
        if found.result.paged or found.result.binary:
            raise TypeError(f"{self.id}: a page or a file is nothing to keep for an Idempotency-Key")

    @property
    def caller(self) -> Any:
        """The caller type, None for a public operation."""
        found = self.signature.caller
        return found.type if found else None

    @property
    def keyed(self) -> bool:
        """Whether an `Idempotency-Key` has a meaning here."""
        return self.idempotent or self.signature.once is not None

    @property
    def revalidates(self) -> bool:
        """Whether `If-None-Match` is answered with 304."""
        return self.etag and self.method == "GET"

    @property
    def reads_headers(self) -> frozenset[str]:
        """Names of the request headers that have a meaning here, in lower case."""
        from quintet.api import headers

        return headers.read_by(self)

    @property
    def answers_headers(self) -> frozenset[str]:
        """Names of the response headers that an answer may carry, in lower case."""
        from quintet.api import headers

        return headers.answered_by(self)

    @property
    def needs(self) -> frozenset[Capability]:
        """What the function's role must allow: what was declared and what the pipeline itself uses."""
        found = set(self._needs)
        if self.caller is not None:
            if self.socket in (None, CONNECT):  # later messages run as the caller that $connect has verified
                found.add(SECRET)
            if self.caller.reads_table:
                found.add(READ)
        if self.signature.result.paged:
            found |= {SECRET, READ}
        if self.keyed or self.limit or (self.method and self.tiers):
            found.add(WRITE)
        if self.socket:
            found |= {WRITE} if self.socket in (CONNECT, DISCONNECT) else {READ, SOCKETS}
        if self.face.around is not None:
            found |= self.face.around.needs
        return frozenset(found)

    @property
    def answers(self) -> bool:
        """Whether a message to its socket is answered: where the function returns something."""
        return self.socket not in (None, CONNECT, DISCONNECT) and self.signature.result.model is not None


def _queue(given: str | Queue | None) -> Queue | None:
    if not isinstance(given, str):
        return given
    from quintet.api.sources import Queue

    return Queue(given)


def _forms(options: Options) -> tuple[str, ...]:
    """Media types of the forms that the body may come as."""
    kinds = ((MULTIPART, options.get("multipart", False)), (URLENCODED, options.get("form", False)))
    return tuple(media for media, taken in kinds if taken)
