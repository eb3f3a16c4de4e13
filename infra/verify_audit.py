"""Verifies exports of SoftFactory's audit log offline: `python -m infra.verify_audit export.json`.

A log that took several exports is given part by part: `python -m infra.verify_audit newest.json older.json …`.
`--previous` names an export from before, which the log must have grown from: that shows that nothing was changed or
taken away since. `--partial` allows entries to be missing before the first and after the last one given, and
`--filtered` anywhere, for an export of some entries alone (with `--partial` where not all its parts are given).

It needs nothing but Python's standard library, and nothing of the system that made the export: copy it to where you
trust it. The exit status is 0 when everything holds, 1 when something does not (each fault is a line that says what),
2 when a file cannot be read.

How it is checked. A leaf is the JSON of an entry's fields, sorted and without spaces. What an entry shows of people is
in three parts: `user` (`user_id`), `client` (`ip_address`, `impersonator_id`) and `subject` (`resource_id`, `before`,
`after`). For each the leaf holds a commitment, HMAC-SHA256 under a random salt. Of a part that was erased the entry has
no salt any more and shows null; its leaf is what it always was. That somebody asked for the erasure cannot be seen from
an export: with `--previous`, every entry of which less is shown than before is listed, to be held against what was
asked. Trees and proofs are those of RFC 9162, section 2.1.
"""

import argparse
import hmac
import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

PARTS = {
    "user": ("user_id",),
    "client": ("ip_address", "impersonator_id"),
    "subject": ("resource_id", "before", "after"),
}
PLAIN = ("id", "timestamp", "action", "resource", "request_id")
SHOWN = {*PLAIN, "resource_type", "erased", "leaf_index", "salts", "leaf", "inclusion_proof"}.union(*PARTS.values())


@dataclass(slots=True)
class Report:
    """What a verification found: its faults, and what was seen to hold."""

    faults: list[str] = field(default_factory=list)
    entries: int = 0
    erased: int = 0
    size: int = 0
    newly_erased: list[str] = field(default_factory=list)
    """Entries of which the export from before showed parts that this one does not: an erasure, or something hidden."""


class Malformed(Exception):
    """A file that is no export."""


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 9162, section 2.1.1."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, section 2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof leads from a leaf at `index` to the root of a tree of `size` leaves (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf_hash(leaf)
    for sibling in proof:
        if last == 0:
            return False
        if number % 2 or number == last:
            found = node_hash(sibling, found)
            while not number % 2 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def grew(first: tuple[int, bytes], second: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether a proof leads from one tree (its size and root) to a later one (section 2.1.4.2)."""
    (size, root), (later, later_root) = first, second
    if not 0 < size <= later:
        return False
    if size == later:
        return root == later_root and not proof
    path = list(proof) if size & (size - 1) else [root, *proof]
    if not path:
        return False
    number, last = size - 1, later - 1
    while number % 2:
        number, last = number >> 1, last >> 1
    old = new = path[0]
    for part in path[1:]:
        if last == 0:
            return False
        if number % 2 or number == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while not number % 2 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, part)
        number, last = number >> 1, last >> 1
    return last == 0 and old == root and new == later_root


def verify(
    parts: Sequence[Mapping[str, Any]],
    previous: Mapping[str, Any] | None = None,
    *,
    partial: bool = False,
    filtered: bool = False,
) -> Report:
    """Check the parts of one export, and that the log grew from `previous`. Raises Malformed for what is no export."""
    report = Report()
    try:
        size, root = _tree(parts[0])
        report.size = size
        leaves: dict[int, bytes] = {}
        for part in parts:
            if _tree(part) != (size, root):
                report.faults.append("the parts are of different trees: export them with one another's cursors")
            _order(part["logs"], report)
            for entry in part["logs"]:
                _entry(entry, size, root, leaves, report)
        report.faults += _missing(leaves, size, partial=partial, filtered=filtered)
        report.faults += _miscounted(parts, len(leaves), size, partial=partial)
        proven = _proven(parts, report)
        if previous is not None:
            _growth(proven, previous, leaves, report)
            report.newly_erased = _hidden(parts, previous)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"this is no export of the audit log: {error!r}") from error
    return report


def _tree(export: Mapping[str, Any]) -> tuple[int, bytes]:
    return int(export["tree"]["size"]), _bytes(export["tree"]["root_hash"])


def _order(entries: Sequence[Mapping[str, Any]], report: Report) -> None:
    """An export lists its entries newest first."""
    for newer, older in pairwise(entries):
        if older["leaf_index"] >= newer["leaf_index"]:
            report.faults.append(f"entry {older['leaf_index']} stands after entry {newer['leaf_index']}")


def _entry(entry: Mapping[str, Any], size: int, root: bytes, leaves: dict[int, bytes], report: Report) -> None:
    index, leaf = int(entry["leaf_index"]), _bytes(entry["leaf"])
    where = f"entry {index} ({entry['id']})"
    if leaves.setdefault(index, leaf) != leaf:
        report.faults.append(f"{where}: there are two of this index")
    if not includes(leaf, index, size, [_bytes(one) for one in entry["inclusion_proof"]], root):
        report.faults.append(f"{where}: its leaf is not in the tree at this place")
    report.faults += [f"{where}: {fault}" for fault in _differences(entry, _said(leaf))]
    report.entries += 1
    report.erased += any(entry["salts"][part] is None for part in PARTS)


def _said(leaf: bytes) -> Mapping[str, Any]:
    """What a leaf says; nothing where it is not JSON."""
    try:
        found = json.loads(leaf)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _malformed(entry: Mapping[str, Any]) -> Iterable[str]:
    """Where an entry has what no leaf could hold."""
    if entry.keys() != SHOWN:
        yield f"it has other fields than an entry: {', '.join(sorted(entry.keys() ^ SHOWN))}"
    if entry["salts"].keys() != PARTS.keys():
        yield "it has other salts than an entry"
    if entry["erased"] is not any(entry["salts"][part] is None for part in PARTS):
        yield "`erased` is not what its salts say"


def _differences(entry: Mapping[str, Any], leaf: Mapping[str, Any]) -> Iterable[str]:
    """Where an entry shows something else than its leaf."""
    yield from _malformed(entry)
    if leaf.keys() != {*PLAIN, *PARTS}:
        yield "its leaf has other fields than an entry"
        return
    for name in PLAIN:
        if entry[name] != leaf[name]:
            yield f"`{name}` is not what its leaf says"
    if entry["resource_type"] != entry["resource"]:
        yield "`resource_type` is not what its leaf says"
    for part, names in PARTS.items():
        shown = {name: entry[name] for name in names}
        salt = entry["salts"][part]
        listed = ", ".join(f"`{name}`" for name in names)
        if salt is None:
            if any(value is not None for value in shown.values()):
                yield f"nothing proves its {listed}"
        elif encoded(commitment(_bytes(salt), shown)) != leaf[part]:
            yield f"its leaf commits to other values of {listed}"


def encoded(content: bytes) -> str:
    """Bytes as an export writes them."""
    return b64encode(content).decode()


def commitment(salt: bytes, part: Mapping[str, Any]) -> bytes:
    """What a leaf holds in place of a part."""
    return hmac.digest(salt, canonical(part), "sha256")


def canonical(value: Any) -> bytes:
    """JSON with sorted names and no spaces, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _missing(leaves: Mapping[int, bytes], size: int, *, partial: bool, filtered: bool) -> list[str]:
    """The entries of the tree that are not given, as ranges."""
    if filtered:
        return []
    first, end = (min(leaves, default=0), max(leaves, default=-1) + 1) if partial else (0, size)
    found, at = [], first
    for index in [*sorted(index for index in leaves if index < end), end]:
        if index > at:
            found.append(f"entry {at} is missing" if index == at + 1 else f"entries {at} to {index - 1} are missing")
        at = index + 1
    return found


def _miscounted(parts: Sequence[Mapping[str, Any]], given: int, size: int, *, partial: bool) -> Iterable[str]:
    """Where an export says that it has another number of entries than there are."""
    totals = {int(part["total"]) for part in parts}
    if len(totals) > 1:
        yield "the parts say different totals"
    for total in totals:
        if not partial and total != given:
            yield f"`total` says {total} entries, {given} are given"
        elif not given <= total <= size:
            yield f"`total` says {total} entries, {given} are given of a tree of {size}"


def _hidden(parts: Sequence[Mapping[str, Any]], previous: Mapping[str, Any]) -> list[str]:
    """The entries of which something was shown before that is not now, and what."""
    before = {int(entry["leaf_index"]): entry["salts"] for entry in previous["logs"]}
    found = []
    for entry in (entry for part in parts for entry in part["logs"]):
        index = int(entry["leaf_index"])
        gone = [part for part in PARTS if entry["salts"][part] is None and before.get(index, {}).get(part) is not None]
        if gone:
            names = ", ".join(f"`{name}`" for part in gone for name in PARTS[part])
            found.append(f"entry {index} ({entry['id']}): {names}")
    return found


def _growth(
    proven: set[tuple[int, bytes]], previous: Mapping[str, Any], leaves: Mapping[int, bytes], report: Report
) -> None:
    """That the tree of `previous` is among those that are proven to have grown into this one."""
    size, root = _tree(previous)
    if size > report.size:
        report.faults.append(f"the log had {size} entries before and has {report.size} now")
    elif size and (size, root) not in proven:
        report.faults.append(f"nothing proves that the log grew from the {size} entries that it had before")
    for entry in previous["logs"]:
        index = int(entry["leaf_index"])
        if leaves.get(index, leaf := _bytes(entry["leaf"])) != leaf:
            report.faults.append(f"entry {index} ({entry['id']}) is not what it was before")


def _proven(parts: Sequence[Mapping[str, Any]], report: Report) -> set[tuple[int, bytes]]:
    """The trees that this one is proven to have grown from, itself among them. Faults of proofs are noted."""
    found = {_tree(parts[0])}
    claims = {json.dumps(claim, sort_keys=True): claim for part in parts for claim in part["consistency"]}
    for claim in sorted(claims.values(), key=lambda claim: -int(claim["second_size"])):
        first = int(claim["first_size"]), _bytes(claim["first_root"])
        second = int(claim["second_size"]), _bytes(claim["second_root"])
        if not grew(first, second, [_bytes(one) for one in claim["proof"]]):
            report.faults.append(f"the proof that {first[0]} entries grew to {second[0]} does not hold")
        elif second in found:
            found.add(first)
    return found


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)


def _read(path: str) -> Mapping[str, Any]:
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise Malformed(f"{path} holds no export")
    return found


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    out = out or sys.stdout
    parser = argparse.ArgumentParser(prog="infra.verify_audit", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("exports", nargs="+", help="the JSON export, or its parts, the newest first")
    parser.add_argument("--previous", help="an earlier JSON export that the log must have grown from")
    parser.add_argument("--partial", action="store_true", help="earlier and later entries may be missing")
    parser.add_argument("--filtered", action="store_true", help="any entries may be missing")
    given = parser.parse_args(arguments)
    try:
        previous = _read(given.previous) if given.previous else None
        parts = [_read(path) for path in given.exports]
        report = verify(parts, previous, partial=given.partial, filtered=given.filtered)
    except (OSError, ValueError, Malformed) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    for fault in report.faults:
        print(fault, file=out)
    if report.faults:
        return 1
    for hidden in report.newly_erased:
        print(f"erased since the export before: {hidden}", file=out)
    grown = f", {len(report.newly_erased)} since the one before, from which the log grew" if previous else ""
    print(
        f"{report.entries} of {report.size} entries are as they were written, {report.erased} of them with erased "
        f"parts{grown}.",
        file=out,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
