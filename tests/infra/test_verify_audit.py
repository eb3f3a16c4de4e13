"""The offline verifier of audit exports: it accepts what is sound and names what is not."""

from __future__ import annotations

import copy
import io
import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.verify_audit import Malformed, main, verify
from softfactory.audit import merkle, tiles
from softfactory.audit.leaves import PARTS, commitment, leaf_of, new_salt

Export = dict[str, Any]
AT = datetime(2026, 12, 1, 9, tzinfo=UTC)


def written(index: int) -> dict[str, Any]:
    """An entry as an export shows it, but for its proof."""
    shown: dict[str, Any] = {
        "id": f"id-{index}", "timestamp": "2026-12-01T09:00:00Z", "action": "user.update", "resource": "user",
        "resource_type": "user", "request_id": f"request-{index}", "user_id": "ada", "ip_address": "203.0.113.7",
        "impersonator_id": None, "resource_id": "bob", "before": {"name": "Bøb", "n": index}, "after": {"x": 0.1},
        "erased": False,
    }  # fmt: skip
    salts = {part: new_salt() for part in PARTS}
    commitments = {
        part: commitment(salts[part], {name: shown[name] for name in names}) for part, names in PARTS.items()
    }
    leaf = leaf_of(
        id=shown["id"], at=AT, action="user.update", resource="user", request_id=shown["request_id"],
        commitments=commitments,
    )  # fmt: skip
    return {**shown, "leaf_index": index, "salts": salts, "leaf": b64encode(leaf.encode()).decode()}


def export(entries: list[dict[str, Any]], size: int, earlier: tuple[int, ...] = ()) -> Export:
    """A sound export of the first `size` entries."""
    _, found = tiles.grown(0, {}, [merkle.leaf_hash(b64decode(each["leaf"])) for each in entries[:size]])
    hashes = tiles.Forest(found).hash

    def proof(spans: list[merkle.Span]) -> list[str]:
        return [b64encode(each).decode() for each in merkle.proof(spans, hashes)]

    def root(of: int) -> str:
        return b64encode(merkle.root(of, hashes)).decode()

    shown = [{**copy.deepcopy(each), "inclusion_proof": proof(merkle.inclusion(each["leaf_index"], size))}
             for each in entries[:size][::-1]]  # fmt: skip
    growths = [
        {"first_size": first, "first_root": root(first), "second_size": size, "second_root": root(size),
         "proof": proof(merkle.consistency(first, size))}
        for first in earlier
    ]  # fmt: skip
    return {"tree": {"size": size, "root_hash": root(size)}, "logs": shown, "consistency": growths, "total": len(shown)}


LOG = [written(index) for index in range(60)]


def erased(entry: dict[str, Any], *parts: str) -> None:
    """What an erasure leaves of an entry."""
    for part, names in PARTS.items():
        if part in parts:
            entry["salts"][part] = None
            entry.update(dict.fromkeys(names), erased=True)


def test_a_whole_log_is_sound() -> None:
    report = verify([export(LOG, 60)])
    assert (report.faults, report.entries, report.erased, report.size) == ([], 60, 0, 60)
    assert verify([export([], 0)]).faults == []


@settings(max_examples=25)
@given(st.integers(1, 60), st.data())
def test_a_log_is_sound_beside_any_older_one(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size), "first")
    assert verify([export(LOG, size, (first,) if first < size else ())], export(LOG, first)).faults == []


def mutated(name: str, value: Any) -> Callable[[Export], None]:
    def change(found: Export) -> None:
        found["logs"][4][name] = value

    return change


def bytes_changed(found: Export) -> None:
    leaf = json.loads(b64decode(found["logs"][4]["leaf"]))
    leaf["action"] = found["logs"][4]["action"] = "user.read"
    found["logs"][4]["leaf"] = b64encode(json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()).decode()


def swapped(found: Export) -> None:
    logs = found["logs"]
    logs[3], logs[4] = logs[4], logs[3]


def renumbered(found: Export) -> None:
    """Two entries change places, each with the index and the proof of its new one."""
    one, other = found["logs"][3], found["logs"][4]
    for name in ("leaf_index", "inclusion_proof"):
        one[name], other[name] = other[name], one[name]
    found["logs"][3], found["logs"][4] = other, one


def unproven(found: Export) -> None:
    """A part whose salt is taken away, as if it had been erased, goes on being shown."""
    found["logs"][4]["salts"]["subject"] = None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (mutated("action", "user.read"), "entry 15 (id-15): `action` is not what its leaf says"),
        (mutated("timestamp", "2026-12-01T09:00:01Z"), "entry 15 (id-15): `timestamp` is not what its leaf says"),
        (mutated("resource_type", "role"), "entry 15 (id-15): `resource_type` is not what its leaf says"),
        (mutated("user_id", "eve"), "entry 15 (id-15): its leaf commits to other values of `user_id`"),
        (mutated("ip_address", None),
         "entry 15 (id-15): its leaf commits to other values of `ip_address`, `impersonator_id`"),
        (mutated("before", {}),
         "entry 15 (id-15): its leaf commits to other values of `resource_id`, `before`, `after`"),
        (mutated("inclusion_proof", []), "entry 15 (id-15): its leaf is not in the tree at this place"),
        (bytes_changed, "entry 15 (id-15): its leaf is not in the tree at this place"),
        (swapped, "entry 16 stands after entry 15"),
        (renumbered, "entry 16 (id-15): its leaf is not in the tree at this place"),
        (lambda found: found["logs"].pop(4), "entry 15 is missing"),
        (lambda found: found["logs"].pop(0), "entry 19 is missing"),
        (lambda found: found.update(logs=found["logs"][:-3]), "entries 0 to 2 are missing"),
        (lambda found: found["logs"].insert(0, found["logs"][0]), "entry 19 stands after entry 19"),
        (unproven, "entry 15 (id-15): nothing proves its `resource_id`, `before`, `after`"),
        (lambda found: found["tree"].update(root_hash=b64encode(b"\0" * 32).decode()),
         "entry 19 (id-19): its leaf is not in the tree at this place"),
        (lambda found: found["consistency"][0].update(first_root=found["tree"]["root_hash"]),
         "the proof that 7 entries grew to 20 does not hold"),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_named(change: Callable[[Export], None], fault: str) -> None:
    found = export(LOG, 20, (7,))
    assert verify([found]).faults == []
    change(found)
    assert fault in verify([found]).faults


@settings(max_examples=60)
@given(st.data())
def test_no_byte_of_a_proof_or_a_leaf_may_differ(data: st.DataObject) -> None:
    found = export(LOG, 13)
    entry = data.draw(st.sampled_from(found["logs"]), "entry")
    holder, place = data.draw(st.sampled_from([(entry, "leaf"), (entry["inclusion_proof"], 0)]), "place")
    content = bytearray(b64decode(holder[place]))
    at = data.draw(st.integers(0, len(content) - 1), "at")
    content[at] ^= data.draw(st.integers(1, 255), "flip")
    holder[place] = b64encode(content).decode()
    assert verify([found]).faults


def test_a_log_that_lost_its_newest_entries_is_found_out_by_an_older_export() -> None:
    assert verify([export(LOG, 20)], export(LOG, 25)).faults == ["the log had 25 entries before and has 20 now"]


def test_a_log_that_was_written_anew_is_found_out_by_an_older_export() -> None:
    forged = [*LOG[:5], written(5), *LOG[6:]]
    assert verify([export(forged, 30, (20,))], export(LOG, 20)).faults == [
        "nothing proves that the log grew from the 20 entries that it had before",
        "entry 5 (id-5) is not what it was before",
    ]


def test_growth_may_be_proven_in_steps() -> None:
    new, middle = export(LOG, 50, (30,)), export(LOG, 30, (20,))
    assert verify([new], export(LOG, 20)).faults
    new["consistency"] += middle["consistency"]
    assert verify([new], export(LOG, 20)).faults == []


def test_erased_parts_are_no_fault() -> None:
    found = export(LOG, 20, (7,))
    for entry in found["logs"][:6]:
        erased(entry, "user", "client")
    erased(found["logs"][0], "subject")
    report = verify([found], export(LOG, 7))
    assert (report.faults, report.erased) == ([], 6)


def test_parts_make_up_one_log() -> None:
    whole = export(LOG, 40)
    parts = [{**whole, "logs": whole["logs"][start : start + 15]} for start in (0, 15, 30)]
    assert verify(parts).faults == []
    assert verify(parts[:2]).faults == ["entries 0 to 9 are missing", "`total` says 40 entries, 30 are given"]
    assert verify([parts[0], parts[2]]).faults == [
        "entries 10 to 24 are missing",
        "`total` says 40 entries, 25 are given",
    ]
    assert verify([parts[1]], partial=True).faults == []
    assert verify([parts[0], parts[2]], partial=True).faults == [
        "entries 10 to 24 are missing",
    ]
    assert verify([parts[0], parts[2]], filtered=True, partial=True).faults == []
    other = export(LOG, 41)
    assert verify([parts[0], other]).faults[0].startswith("the parts are of different trees")


@pytest.mark.parametrize(
    "broken",
    [{}, {"tree": None}, {"tree": {"size": 1}}, {"tree": {"size": 1, "root_hash": "!"}, "logs": [], "consistency": []}],
)
def test_what_is_no_export_is_refused(broken: Export) -> None:
    with pytest.raises(Malformed):
        verify([broken])


def saved(folder: Path, name: str, found: Any) -> str:
    path = folder / name
    path.write_text(json.dumps(found), encoding="utf-8")
    return str(path)


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older, newer = saved(tmp_path, "old.json", export(LOG, 9)), saved(tmp_path, "new.json", export(LOG, 20, (9,)))
    out = io.StringIO()
    assert main([newer, "--previous", older], out) == 0
    assert out.getvalue() == (
        "20 of 20 entries are as they were written, 0 of them with erased parts, 0 since the one before, from which "
        "the log grew.\n"
    )
    out = io.StringIO()
    assert main([older, "--previous", newer], out) == 1
    assert out.getvalue() == "the log had 20 entries before and has 9 now\n"
    for text in ("[]", "{}", "no JSON"):
        (tmp_path / "bad.json").write_text(text)
        assert main([str(tmp_path / "bad.json")]) == 2
    assert main([str(tmp_path / "absent.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_command_needs_nothing_but_python(tmp_path: Path) -> None:
    """A copy of the file alone, without the product and its libraries."""
    import infra.verify_audit

    script = tmp_path / "verify_audit.py"
    script.write_text(Path(infra.verify_audit.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    found = saved(tmp_path, "export.json", export(LOG, 12))
    run = subprocess.run([sys.executable, "-I", "-S", str(script), found], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("12 of 12 entries are as they were written")
