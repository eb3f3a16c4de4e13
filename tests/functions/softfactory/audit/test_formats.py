"""The formats of an export: which one a client gets, and CSV that a spreadsheet reads."""

from __future__ import annotations

import codecs
import csv
import io
import json

import pytest

from quintet.testing import Client
from softfactory.audit import exports
from softfactory.audit.formats import preferred
from tests.functions.softfactory.audit.support import ADA, BOB, enter

LOG, ACCESS = "/api/admin/audit-logs", "/api/rbac/audit"


def test_a_spreadsheet_gets_lines_and_no_formulas(admin: Client) -> None:
    enter("user.update", resource="user", resource_id=BOB, before={"name": 'A "b",\nc'}, after=None)
    enter("role.create", resource_id="=cmd|' /C calc'!A0", ip="@SUM(1)")
    answer = admin.get(f"{LOG}/export?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-log-2.csv"'
    assert answer.headers["x-total-count"] == "2"
    assert answer.raw.count(b"\r\n") == 3
    newest, oldest = list(csv.DictReader(io.StringIO(answer.raw.decode("utf-8-sig"), newline="")))
    assert tuple(newest) == exports.COLUMNS
    assert (newest["resource_id"], newest["ip_address"]) == ("'=cmd|' /C calc'!A0", "'@SUM(1)")
    assert json.loads(oldest["before"]) == {"name": 'A "b",\nc'}
    assert (oldest["leaf_index"], oldest["after"], oldest["user_id"], oldest["erased"]) == ("0", "", ADA, "false")


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("Text/CSV; charset=utf-8", "csv"),
        ("text/*", "csv"),
        ("text/html, text/csv;q=0.9, */*;q=0.1", "csv"),
        ("application/json;q=0.5, text/csv;q=0.4", "json"),
        ("text/csv, application/json", "json"),
        ("text/csv;q=0, */*", "json"),
        ("application/json;q=0, */*", "csv"),
        ("image/png", "json"),
        ("text/csv;q=much, application/json;q=0.1", "json"),
    ],
)
def test_without_a_format_an_export_is_what_the_client_accepts(accept: str, format: str) -> None:
    assert preferred(accept) == format


def test_both_exports_are_what_the_client_accepts(admin: Client) -> None:
    enter()
    table = {"Accept": "text/csv"}
    for path, ask in ((f"{LOG}/export", "GET"), (f"{ACCESS}/export", "POST")):
        answer = admin.request(ask, path, headers=table)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        assert (answer.headers["vary"], answer.headers["content-disposition"][-5:]) == ("Accept", '.csv"')
    assert (
        admin.request("GET", f"{LOG}/export?format=json", headers=table).headers["content-type"] == "application/json"
    )
    answer = admin.request("POST", f"{ACCESS}/export", {"format": "csv"}, headers={"Accept": "application/json"})
    assert answer.headers["content-type"].startswith("text/csv")
    (told, *_) = admin.get(LOG).body["logs"]
    assert told["after"]["format"] == "csv"


def test_a_spreadsheet_is_told_that_it_is_utf_8(admin: Client) -> None:
    """By the mark without which Excel garbles names; a reader that knows it sees nothing of it."""
    enter("role.create", resource_id="관리자 Ünï", after={"name": "日本語"})
    for answer in (admin.get(f"{LOG}/export?format=csv"), admin.post(f"{ACCESS}/export", {"format": "csv"})):
        assert answer.raw.startswith(codecs.BOM_UTF8)
        assert answer.raw.count(codecs.BOM_UTF8) == 1
        *_, row = csv.DictReader(io.StringIO(answer.raw.decode("utf-8-sig"), newline=""))
        assert (row["leaf_index"], row["resource_id"], json.loads(row["after"])) == (
            "0",
            "관리자 Ünï",
            {"name": "日本語"},
        )
