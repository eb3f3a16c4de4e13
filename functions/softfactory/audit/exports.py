"""Exports: entries with what proves them, as JSON, or for a spreadsheet as CSV; in parts that an answer can carry.

The parts of one export are of one tree, whose size their cursor holds, however much the log grows meanwhile. What a
JSON export says is checked offline by `infra/verify_audit.py`.
"""

import csv
import io
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from quintet.store import cursors
from softfactory.audit.days import between
from softfactory.audit.entities import Checkpoint, Head, Leaf
from softfactory.audit.formats import Format
from softfactory.audit.leaves import PARTS
from softfactory.audit.lists import Selection
from softfactory.audit.proofs import Proofs, checkpoints
from softfactory.audit.reading import EntryReply, leaves_at
from softfactory.audit.sealing import Opened, opened
from softfactory.audit.selecting import Filter
from softfactory.service import api

MOST: Final = 1000
"""Entries of one part."""
MOST_BYTES: Final = 5_000_000
"""Of a part's entries as they are sent: an answer carries 6 MB, with what else it holds."""
GROWTHS: Final = 20
"""Earlier exports from which a JSON export is proven to have grown."""

BOM: Final = "\ufeff"
"""What a CSV file begins with. Without it Excel takes UTF-8 for the code page of its machine and garbles every name
that is not English; RFC 4180 and RFC 7111 neither ask for it nor forbid it, and who reads CSV by program knows it
(Python: `utf-8-sig`). For programs there is JSON."""
COLUMNS: Final = (
    "leaf_index", "id", "timestamp", "user_id", "impersonator_id", "action", "resource", "resource_id", "ip_address",
    "before", "after", "request_id", "erased",
)  # fmt: skip


class Tree(BaseModel):
    """A tree of RFC 9162, its root in base64."""

    model_config = ConfigDict(defer_build=True)

    size: int
    root_hash: str


class Salts(BaseModel):
    """The salts of an entry's parts in base64; null for one that was erased."""

    model_config = ConfigDict(defer_build=True)

    user: str | None
    client: str | None
    subject: str | None


class ProvenEntry(EntryReply):
    """An entry and what proves it: the very bytes that were hashed, and the way from there to the root, in base64."""

    leaf_index: int
    salts: Salts
    leaf: str
    inclusion_proof: list[str]


class Growth(BaseModel):
    """The proof that one tree grew into another, in base64."""

    model_config = ConfigDict(defer_build=True)

    first_size: int
    first_root: str
    second_size: int
    second_root: str
    proof: list[str]


class ExportReply(BaseModel):
    """One part of a JSON export, newest entries first."""

    model_config = ConfigDict(defer_build=True)

    tree: Tree
    logs: list[ProvenEntry]
    consistency: list[Growth]
    total: int = Field(description="The number of entries in all parts")
    pending: int = Field(description="The number of entries that came before the export and are not in its tree yet")
    next_cursor: str | None = Field(description="What `cursor` must say for the next part; null in the last")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is to be exported, and how: the newest entries, or those that follow on a cursor.

    `first_size` is the size of a tree that the caller holds: a JSON export proves the growth from there, too.
    `pending` entries wait to be taken into the tree; a later part says of it what the first did.
    """

    entries: Filter
    format: Format
    limit: int = MOST
    cursor: str | None = None
    first_size: int | None = None
    pending: int = 0

    @property
    def scope(self) -> str:
        return f"export|{self.format}|{self.entries.scope}"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an export, newest entries first. `total` counts the entries of all its parts."""

    content: bytes
    entries: int
    total: int
    pending: int
    tree: Checkpoint
    next_cursor: str | None


def export(head: Head, wanted: Wanted) -> Part:
    """One part of the log as it stands at `head`. Raises 400 `invalid_cursor`, and 422 where `first_size` is larger."""
    size, below, pending = _position(head, wanted)
    if wanted.first_size is not None and wanted.first_size > size:
        message = f"must not be more than the size of this tree, which is {size}"
        raise api.errors.invalid(details=[{"field": "first_size", "message": message}])
    first, end = between(head, wanted.entries.since, wanted.entries.until)
    chosen = Selection(wanted.entries.names(), (first, min(end, size)), wanted.limit + 1)
    newest = chosen.members(newest=True, about=wanted.limit + 1, within=(0, below))
    indexes = list(islice(newest, wanted.limit + 1))
    leaves = leaves_at(indexes[: wanted.limit])
    parts = opened(leaves)
    proven = wanted.format == "json"
    earlier = _earlier(size, wanted.first_size) if proven else []
    proofs = Proofs(size, [leaf.index for leaf in leaves] if proven else [], earlier)
    rows = list(_fitting(_json_rows(leaves, parts, proofs) if proven else _csv_rows(leaves, parts)))
    follow = _cursor(wanted, size, leaves[len(rows) - 1].index, pending) if len(rows) < len(indexes) else None
    content = _json(proofs, rows, earlier, total=chosen.total, pending=pending, follow=follow) if proven else _csv(rows)
    tree = Checkpoint(place=Checkpoint.place_of(size), size=size, root=proofs.root(), format=wanted.format)
    return Part(content, len(rows), chosen.total, pending, tree, follow)


def _position(head: Head, wanted: Wanted) -> tuple[int, int, int]:
    """The size of the tree that the export is of, the index that its entries are below, and how many waited then."""
    if wanted.cursor is None:
        return head.size, head.size, wanted.pending
    _, position = cursors.read(wanted.cursor, wanted.scope)
    return int(position["size"]["S"]), int(position["below"]["S"]), int(position["pending"]["S"])


def _cursor(wanted: Wanted, size: int, below: int, pending: int) -> str:
    position = {"size": size, "below": below, "pending": pending}
    return cursors.write(1, {name: {"S": str(value)} for name, value in position.items()}, wanted.scope)


def _earlier(size: int, first_size: int | None) -> list[int]:
    """The sizes of trees from which the growth is to be proven, the largest first."""
    found = {each.size for each in checkpoints(size, GROWTHS)} | {first_size or 0}
    return sorted((each for each in found if 0 < each < size), reverse=True)


def _fitting(rows: Iterable[str]) -> Iterator[str]:
    """As many rows as an answer can carry, one at least."""
    room = MOST_BYTES
    for number, row in enumerate(rows):
        room -= len(json.dumps(row, ensure_ascii=False).encode())
        if room < 0 and number:
            return
        yield row


def _json_rows(leaves: Sequence[Leaf], parts: Sequence[Opened], proofs: Proofs) -> Iterator[str]:
    for leaf, known in zip(leaves, parts, strict=True):
        shown = ProvenEntry(
            **EntryReply.of(leaf, known).model_dump(), leaf_index=leaf.index,
            salts=Salts(**{part: found[0] if (found := known[part]) else None for part in PARTS}),
            leaf=b64encode(leaf.leaf.encode()).decode(), inclusion_proof=proofs.inclusion(leaf.index),
        )  # fmt: skip
        yield _dumps(shown.model_dump(mode="json"))


def _json(
    proofs: Proofs, rows: Sequence[str], earlier: Sequence[int], *, total: int, pending: int, follow: str | None
) -> bytes:  # fmt: skip
    """A part whose entries are written already."""
    tree = Tree(size=proofs.size, root_hash=proofs.root())
    growths = [
        Growth(
            first_size=first, first_root=proofs.root(first), second_size=tree.size, second_root=tree.root_hash,
            proof=proofs.growth(first),
        )
        for first in earlier
    ]  # fmt: skip
    frame = ExportReply(
        tree=tree, logs=[], consistency=growths, total=total, pending=pending, next_cursor=follow
    )  # fmt: skip
    before, _, after = _dumps(frame.model_dump(mode="json")).partition('"logs":[]')
    return f'{before}"logs":[{",".join(rows)}]{after}'.encode()


def _csv_rows(leaves: Sequence[Leaf], parts: Sequence[Opened]) -> Iterator[str]:
    for leaf, known in zip(leaves, parts, strict=True):
        values = {**EntryReply.of(leaf, known).model_dump(mode="json"), "leaf_index": leaf.index}
        yield _line(_cell(values[name]) for name in COLUMNS)


def _csv(rows: Sequence[str]) -> bytes:
    """A part as a file of its own, in UTF-8 with its mark."""
    return (BOM + _line(COLUMNS) + "".join(rows)).encode()


def _line(cells: Iterable[str]) -> str:
    """A line of CSV as RFC 4180 has it."""
    out = io.StringIO()
    csv.writer(out).writerow(list(cells))
    return out.getvalue()


def _cell(value: Any) -> str:
    """A value as a cell; what a spreadsheet would take for a formula is shown as text."""
    text = "" if value is None else value if isinstance(value, str) else _dumps(value)
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
