"""Generated traffic against the whole companion, judged by its own OpenAPI: no 500, no undocumented status or shape.

A request comes as the person, her caregiver or the administrator. Half of the ids name something that exists.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from memory_mirror import demo
from memory_mirror.accounts.entities import EmailClaim
from memory_mirror.audit.chain import Head, verify
from memory_mirror.entities.kinds import KINDS
from memory_mirror.service import api, store
from quintet.auth import tokens
from quintet.models import new_id
from tests.fuzz.support import CHECKS, aim_fields, aim_path, existing, few, number_of, schema_of
from tests.support import aws

pytestmark = pytest.mark.fuzz

schema = schema_of(api)
callers = {f"{o.method} {o.path}": o.caller for o in api.load() if o.method}
people: dict[str, str] = {}
"""An access token of each role."""
subjects: list[str] = []
paths: dict[str, list[str]] = {}
fields: dict[str, list[str]] = {}


@pytest.fixture(scope="module", autouse=True)
def companion() -> Iterator[None]:
    """The demo's people, home and memories. No outside service is configured: each has its documented answer."""
    with aws.system("memory_mirror"):
        demo.seed()
        for role, email in (("user", demo.ROSE_EMAIL), ("caregiver", demo.CARER_EMAIL), ("admin", demo.ADMIN_EMAIL)):
            claim = store.get(EmailClaim, email=email)
            assert claim is not None
            subjects.append(claim.user_id)
            claims = {"role": role, "email": email, "name": "Somebody", "confirmed": True}
            people[role], _ = tokens.issue(claim.user_id, claims, timedelta(hours=2))
        made = [demo.demo_id(number) for number in (1, 10, 30, 31, 40, 41, 60, 61, 62, 70)]
        paths.update(entities=made)
        fields.update(
            device_id=[demo.demo_id(n) for n in range(60, 64)],
            routine_id=[demo.demo_id(70)],
            patient_id=[demo.demo_id(1)],
            user_email=[demo.ROSE_EMAIL],
        )
        yield


@schema.parametrize()
@few
def test_generated_requests_are_answered_as_documented(case: Any) -> None:
    aim_path(case, paths)
    if "entity" in (case.path_parameters or {}):
        case.path_parameters["entity"] = existing([*KINDS, "AuditLog"], case.path_parameters["entity"])
    aim_fields(case.query, fields)
    aim_fields(case.body, fields)
    caller = callers[f"{case.operation.method.upper()} {case.operation.path}"]
    roles = ["admin"] if caller is not None and caller.restricted else sorted(people)
    role = roles[number_of((case.path_parameters, case.query, case.body)) % len(roles)]
    headers = {"Authorization": f"Bearer {people[role]}"}
    if "X-Patient-Id" in (case.headers or {}):
        headers["X-Patient-Id"] = existing([demo.demo_id(1)], str(case.headers["X-Patient-Id"]))
    if "Idempotency-Key" in (case.headers or {}):
        headers["Idempotency-Key"] = new_id()
    case.call_and_validate(checks=CHECKS, headers=headers)


def test_whatever_was_sent_the_audit_holds() -> None:
    """Every chain is whole after all of it, and the person's has grown."""
    for subject in subjects:
        assert verify(subject).problem is None
    head = store.get(Head, subject=subjects[0])
    assert head is not None
    assert head.seq > 20
