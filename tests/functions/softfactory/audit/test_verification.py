"""What the verification of an export finds when somebody changed it, or shows less than before."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest

from infra.verify_audit import main, verify
from quintet.testing import Client
from softfactory.audit.erasure import erase_subject
from tests.functions.softfactory.audit.support import ADA, BOB, enter

LOG = "/api/admin/audit-logs"


@pytest.fixture
def export(admin: Client) -> dict[str, Any]:
    for number in range(5):
        enter("user.ban", by=ADA, resource="user", resource_id=BOB, after={"n": number})
    found: dict[str, Any] = admin.get(f"{LOG}/export").body
    assert verify([found]).faults == []
    return found


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (("logs", 1, "erased"), True, "`erased` is not what its salts say"),
        (("logs", 1, "erased"), None, "`erased` is not what its salts say"),
        (("logs", 1, "note"), "approved by the board", "other fields than an entry: note"),
        (("logs", 1, "salts", "more"), None, "other salts than an entry"),
        (("total",), 4, "`total` says 4 entries, 5 are given"),
        (("total",), 6, "`total` says 6 entries, 5 are given"),
    ],
)
def test_a_change_of_what_no_leaf_holds_is_found(export: Any, place: tuple[Any, ...], value: Any, fault: str) -> None:
    at = export
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    (found,) = verify([export]).faults
    assert found.endswith(fault)


def test_a_part_that_is_hidden_must_be_called_erased(export: Any) -> None:
    entry = export["logs"][0]
    entry["salts"]["subject"] = entry["resource_id"] = entry["before"] = entry["after"] = None
    (found,) = verify([export]).faults
    assert found.endswith("`erased` is not what its salts say")


def test_what_is_shown_no_more_is_listed(export: Any, admin: Client, tmp_path: Path) -> None:
    hidden = copy.deepcopy(export)
    entry = hidden["logs"][0]
    entry["salts"]["subject"] = entry["resource_id"] = entry["before"] = entry["after"] = None
    entry["erased"] = True
    report = verify([hidden], export)
    assert report.faults == []
    assert report.newly_erased == [f"entry 4 ({entry['id']}): `resource_id`, `before`, `after`"]
    assert verify([export], export).newly_erased == []

    erase_subject(BOB)
    later = admin.get(f"{LOG}/export").body
    paths = [tmp_path / "later.json", tmp_path / "before.json"]
    for path, content in zip(paths, (later, export), strict=True):
        path.write_text(json.dumps(content), encoding="utf-8")
    out = io.StringIO()
    assert main([str(paths[0]), "--previous", str(paths[1])], out) == 0
    *listed, summary = out.getvalue().splitlines()
    assert len(listed) == 5
    assert summary.endswith("5 of them with erased parts, 5 since the one before, from which the log grew.")
