"""Every id that an operation takes, in its path or its body, tried with another's or with nobody's: it is not there.

The operations say themselves where they take ids; `STEPS` has a request for each of those places. A request with an id
of the caller's own succeeds, so that the foreign id alone is what another one is refused for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from quintet.testing import Client
from quintet.testing.client import Answer
from softfactory.access.callers import User
from softfactory.access.roles import CREATOR, USER
from softfactory.moderation.entities import Report
from softfactory.service import api, store
from tests.functions.softfactory.conftest import SignIn, account_of, make_user
from tests.functions.softfactory.files.conftest import sent
from tests.functions.softfactory.files.samples import picture
from tests.support.ids import NOBODY, TRIED, everything, places_of_ids

operations = {operation.id: operation for operation in api.load() if operation.method}
FILTERS = {("admin.audit_logs", "query.user_id"), ("admin.export_audit_logs", "query.user_id"),
           ("rbac.audit", "query.user_id"), ("rbac.export_audit", "body.user_id")}  # fmt: skip
"""Places where an id narrows a list, which an unknown one leaves empty."""


@dataclass(frozen=True)
class Step:
    """A request with an id in one place, what kind of row it names, and the rest of the body."""

    operation: str
    place: str
    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)
    own: int = 200
    """What the request answers with an id that there is."""

    def __str__(self) -> str:
        return f"{self.operation} {self.place}"

    def send(self, client: Client, tried: str, known: Mapping[str, str]) -> Answer:
        operation = operations[self.operation]

        def named(match: re.Match[str]) -> str:
            return tried if self.place == f"path.{match[1]}" else known[KINDS_BY_NAME[match[1]]]

        path = re.sub(r"\{([^}]*)\}", named, operation.path)
        body = json.loads(json.dumps(self.body).replace(TRIED, tried)) if self.body else None
        return client.request(operation.method or "", path, body)


KINDS_BY_NAME = {"id": "user", "uid": "user", "rid": "role", "file_id": "file"}
"""What kind of row the other parameters of a path name."""
OF_OWNERS = [
    Step("files.get", "path.file_id", "file"),
    Step("files.preview", "path.file_id", "file"),
    Step("files.presign", "body.file_id", "file", {"file_id": TRIED}),
    Step("files.delete", "path.file_id", "file", own=204),
]
"""Rows that are their owner's alone, whoever else asks."""
OF_ADMINISTRATORS = [
    Step("rbac.get_role", "path.id", "role"),
    Step("rbac.update_role", "path.id", "custom", {"description": "Changed"}),
    Step("rbac.delete_role", "path.id", "custom", own=204),
    Step("rbac.list_user_roles", "path.id", "user"),
    Step("rbac.assign_role", "path.id", "user", {"role_name": "creator"}),
    Step("rbac.assign_role", "body.role_id", "role", {"role_id": TRIED}),
    Step("rbac.remove_role", "path.id", "user", own=204),
    Step("rbac.remove_role", "path.rid", "role", own=204),
    Step("rbac.list_user_permissions", "path.id", "user"),
    Step("rbac.override_permission", "path.id", "user", {"permission": "SNS_READ", "allowed": False}),
    Step("rbac.audit_entry", "path.id", "entry"),
    Step("admin.audit_log", "path.id", "entry"),
    Step("admin.get_user", "path.id", "user"),
    Step("admin.update_user", "path.id", "user", {"name": "Changed"}),
    Step("admin.deactivate_user", "path.id", "user", own=204),
    Step("admin.change_role", "path.id", "user", {"role_name": "creator"}),
    Step("admin.change_role", "body.role_id", "role", {"role_id": TRIED}),
    Step("admin.impersonate", "path.id", "user"),
    Step("admin.ban", "path.uid", "user"),
    Step("admin.list_activities", "path.id", "user"),
    Step("admin.list_subscriptions", "path.id", "user"),
    Step("admin.data_export", "body.user_id", "user", {"user_id": TRIED}),
    Step("admin.data_delete", "body.user_id", "user", {"user_id": TRIED}),
    Step("admin.get_flagged", "path.id", "report"),
    Step("admin.decide", "path.id", "report", {"action": "approve"}),
    Step("admin.remove", "path.id", "report"),
    Step(
        "reports.file_report",
        "body.content_id",
        "user",
        {"content_type": "profile", "content_id": TRIED, "reason": "Spam"},
        own=201,
    ),
]
"""Rows that whoever may ask at all finds."""


def file_of(client: Client) -> str:
    return str(sent(client, "dot.png", picture())["file_id"])


def test_the_walk_comes_to_every_id_that_an_operation_takes() -> None:
    assert {(step.operation, step.place) for step in (*OF_OWNERS, *OF_ADMINISTRATORS)} | FILTERS == set(
        places_of_ids(api)
    )


@pytest.mark.parametrize("role", ["user", "creator", "moderator", "admin"])
@pytest.mark.parametrize("step", OF_OWNERS, ids=str)
def test_a_row_of_somebody_else_is_not_there(step: Step, sign_in: SignIn, role: str) -> None:
    owner, other = sign_in("user"), sign_in(role)
    theirs, own = file_of(owner), file_of(other)
    before = everything(but="AUDIT#")
    answer = step.send(other, theirs, {})
    assert (answer.status, list(answer.body)) == (404, ["error"]), answer
    assert step.send(other, NOBODY, {}).body == answer.body
    assert everything(but="AUDIT#") == before
    assert step.send(other, own.upper() if step.place.startswith("path") else own, {}).status == step.own
    assert step.send(owner, theirs, {}).status == step.own


@pytest.mark.parametrize("step", OF_ADMINISTRATORS, ids=str)
def test_what_there_is_not_is_not_there_for_administrators(step: Step, admin: Client) -> None:
    made = admin.post("/api/rbac/roles", {"name": "lead", "description": "", "permissions": []}).body["role_id"]
    user = make_user("user", "creator").id
    entry = admin.get("/api/rbac/audit").body["logs"][0]["id"]
    report = store.create(Report(content_type="post", content_id=NOBODY, excerpt="", reason="Spam")).id
    known = {"user": user, "role": CREATOR.id, "custom": made, "entry": entry, "report": report}
    before = everything(but="AUDIT#")
    for tried in (NOBODY, "no-id-at-all"):
        answer = step.send(admin, tried, known)
        wanted = 422 if tried != NOBODY and step.place.startswith("body") else 404
        assert (answer.status, list(answer.body)) == (wanted, ["error"]), answer
    assert everything(but="AUDIT#") == before
    answer = step.send(admin, known[step.kind], known)
    assert answer.status == step.own, answer


def test_nobody_but_administrators_can_tell_whether_a_row_is_there(sign_in: SignIn) -> None:
    client, other = sign_in("user"), account_of(sign_in("user"))
    known = {"user": other.id, "role": USER.id, "custom": USER.id, "entry": NOBODY, "report": NOBODY}
    for step in (step for step in OF_ADMINISTRATORS if operations[step.operation].caller is not User):
        there, none = (step.send(client, tried, known) for tried in (known[step.kind], NOBODY))
        assert (there.status, there.body) == (none.status, none.body), step
        assert there.status == 403, step
