"""Workflows: made, changed and listed by those who may, and what their steps may be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from caidence.content.entities import Content
from caidence.directory.entities import Organization
from caidence.service import store
from caidence.tasks.registry import JOBS
from caidence.workflow.entities import Workflow
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from tests.functions.caidence.conftest import SignIn, lend, make_brand
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids
from tests.functions.caidence.workflow.conftest import COPY, DECK, MAIL, PAUSE, PICTURE, WORKFLOW, branch, make_workflow
from tests.support.aws import in_threads
from tests.support.line import Line

ONCE = {"Idempotency-Key": "once"}
MISSING = (404, "Workflow not found")


def body(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"name": "Launch", "description": "Copy, then a mail", "steps_json": list(steps) or [COPY, MAIL], **more}


def test_without_a_token_nothing_of_workflows_is_to_be_had(platform: Client, organization: Organization) -> None:
    one = f"{WORKFLOW}/{make_workflow(organization).id}"
    asked = [
        ("GET", WORKFLOW), ("POST", WORKFLOW), ("GET", one), ("PATCH", one), ("GET", f"{one}/history"),
        ("POST", f"{one}/run"), ("POST", f"{one}/runs/{NOBODY}/resume"),
    ]  # fmt: skip
    for method, path in asked:
        assert platform.request(method, path, {}).status == 401, path


def test_who_reads_and_who_writes(sign_in: SignIn, organization: Organization, member: Client, viewer: Client) -> None:
    one = f"{WORKFLOW}/{make_workflow(organization).id}"
    for method, path in [("GET", WORKFLOW), ("GET", one), ("GET", f"{one}/history")]:
        assert member.request(method, path).status == 200
        assert sign_in("brand_admin").request(method, path).status == 200
        assert viewer.request(method, path).status == 403
    for method, path, sent in [
        ("POST", WORKFLOW, body()), ("PATCH", one, {"name": "x"}), ("POST", f"{one}/run", None),
        ("POST", f"{one}/runs/{NOBODY}/resume", None),
    ]:  # fmt: skip
        assert sign_in("brand_admin").request(method, path, sent).status == 403, path


def test_a_workflow_is_made_as_it_was_written(member: Client, organization: Organization) -> None:
    brand = make_brand(organization)
    steps = [COPY, branch(0, "content", "contains", "juice", 2, 3), PAUSE, MAIL, DECK, PICTURE]
    with frozen() as clock:
        answer = member.post(WORKFLOW, body(*steps, brand_id=brand.id))
    moment = rfc3339(clock.at)
    assert answer.status == 200
    assert answer.body == {
        "id": answer.body["id"], "organization_id": organization.id, "brand_id": brand.id, "name": "Launch",
        "description": "Copy, then a mail", "steps_json": steps, "run_count": 0, "last_run_at": None,
        "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    assert member.get(f"{WORKFLOW}/{answer.body['id']}").body == answer.body
    assert member.get(WORKFLOW).body == [answer.body]


def test_steps_may_come_as_json_text(member: Client) -> None:
    answer = member.post(WORKFLOW, {**body(), "steps_json": json.dumps([COPY, PAUSE])})
    assert answer.body["steps_json"] == [COPY, PAUSE]


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        ([], ["body.steps_json"]),
        ([PAUSE] * 51, ["body.steps_json"]),
        (None, ["body.steps_json"]),
        ("", ["body.steps_json"]),
        ("[", ["body.steps_json"]),
        ('{"type": "wait", "seconds": 1}', ["body.steps_json"]),
        ('[{"type": "wait", "seconds": NaN}]', ["body.steps_json"]),
        ("[" * 100_000, ["body.steps_json"]),
        ([{"type": "wait", "seconds": 901}], ["body.steps_json.0.seconds"]),
        ([{"type": "wait", "seconds": -1}], ["body.steps_json.0.seconds"]),
        ([{"type": "wait", "seconds": "5"}], ["body.steps_json.0.seconds"]),
        ([{"type": "wait"}], ["body.steps_json.0.seconds"]),
        ([{**PICTURE, "aspect_ratio": "5:7"}], ["body.steps_json.0.aspect_ratio"]),
        ([{**PICTURE, "brand_colors": ["red"]}], ["body.steps_json.0.brand_colors.0"]),
        ([PAUSE, {"type": "rm_rf"}], ["body.steps_json.1"]),
        ([{"seconds": 5}], ["body.steps_json.0"]),
        (["wait"], ["body.steps_json.0"]),
        ([{**MAIL, "to_email": "nobody"}], ["body.steps_json.0.to_email"]),
        ([{**COPY, "title": " "}], ["body.steps_json.0.title"]),
        (
            '[{"type": "send_sms", "phone_number": "+34600000000", "message": "a\\u0000b"}]',
            ["body.steps_json.0.message"],
        ),
        ([{**DECK, "task_name": "send_email"}], ["body.steps_json.0.task_name"]),
        ([{**DECK, "kwargs": {"title": "x"}}], ["body.steps_json.0.kwargs.source_type"]),
        ([{**DECK, "kwargs": {**DECK["kwargs"], "to": "x"}}], ["body.steps_json.0.kwargs.to"]),  # type: ignore[dict-item]
        ([COPY, branch(1, "content", "eq", 1, 2, 2)], ["body.steps_json.1.if.step"]),
        ([COPY, branch(0, "content", "eq", 1, 1, 2)], ["body.steps_json.1.then"]),
        ([COPY, branch(0, "content", "eq", 1, 2, 3)], ["body.steps_json.1.else"]),
        ([COPY, branch(0, "content", "like", 1, 2, 2)], ["body.steps_json.1.if.op"]),
        ([COPY, branch(0, "", "eq", 1, 2, 2)], ["body.steps_json.1.if.field"]),
        ([{**MAIL, "body": "x" * 90_000}] * 2, ["body.steps_json"]),
        ([{**PAUSE, "minutes": 1}], ["body.steps_json.0.minutes"]),
        ([{**COPY, "titel": "x"}], ["body.steps_json.0.titel"]),
        ([{**DECK, "args": ["x"]}], ["body.steps_json.0.args"]),
    ],
)
def test_steps_that_cannot_be_are_refused_by_name(member: Client, steps: Any, named: list[str]) -> None:
    assert fields(member.post(WORKFLOW, {**body(), "steps_json": steps})) == named


@pytest.mark.parametrize("spelling", ["{id}", "{plain}", "urn:uuid:{id}", "{{{id}}}"])
def test_ids_are_kept_in_one_spelling_and_judged_by_it(
    member: Client, organization: Organization, line: Line, spelling: str
) -> None:
    brand = make_brand(organization)
    spelt = spelling.format(id=brand.id.upper(), plain=brand.id.replace("-", ""))
    copy = {name: value for name, value in COPY.items() if name != "type"}
    called = {"type": "call_job", "task_name": "generate_content", "kwargs": {**copy, "brand_id": spelt}}
    made = member.post(WORKFLOW, body({**COPY, "brand_id": spelt}, called)).body
    assert [made["steps_json"][0]["brand_id"], made["steps_json"][1]["kwargs"]["brand_id"]] == [brand.id, brand.id]
    assert member.post(f"{WORKFLOW}/{made['id']}/run").status == 200
    line.run_dry(JOBS)
    rows = store.query(Content, organization_id=organization.id).items
    assert [row.brand_id for row in rows] == [brand.id, brand.id]
    lend(member, "content:write", allowed=False, scope="brand", id=brand.id)
    assert member.post(f"{WORKFLOW}/{made['id']}/run").status == 403


def test_steps_are_shown_with_their_type_first_and_values_as_they_are(member: Client) -> None:
    steps = member.post(WORKFLOW, body(COPY, branch(0, "content", "contains", "  zest \n", 2, 2))).body["steps_json"]
    assert [next(iter(step)) for step in steps] == ["type", "type"]
    assert steps[1]["if"]["value"] == "  zest \n"


def test_bad_fields_are_named(member: Client) -> None:
    assert fields(member.post(WORKFLOW, {})) == ["body.name", "body.description", "body.steps_json"]
    assert fields(member.post(WORKFLOW, body(name=" "))) == ["body.name"]
    assert fields(member.post(WORKFLOW, body(brand_id="x"))) == ["body.brand_id"]
    assert fields(member.get(f"{WORKFLOW}/x")) == ["path.workflow_id"]


def test_another_organizations_rows_are_not_there(
    member: Client, organization: Organization, other: Organization
) -> None:
    foreign, own = make_workflow(other), make_workflow(organization)
    one = f"{WORKFLOW}/{foreign.id}"
    for method, path in [
        ("GET", one), ("PATCH", one), ("GET", f"{one}/history"), ("POST", f"{one}/run"),
        ("POST", f"{one}/runs/{NOBODY}/resume"),
    ]:  # fmt: skip
        assert detail(member.request(method, path, {"name": "x"} if method == "PATCH" else None)) == MISSING, path
    called = {"type": "call_job", "task_name": "execute_workflow", "kwargs": {"workflow_id": foreign.id}}
    for sent, text in [
        (body(called), "Workflow not found"),
        (body({**COPY, "brand_id": make_brand(other).id}), "Brand not found"),
        (body({**COPY, "organization_id": other.id}), "Organization not found"),
        (body(organization_id=other.id), "Organization not found"),
        (body(brand_id=make_brand(other).id), "Brand not found"),
    ]:
        assert detail(member.post(WORKFLOW, sent)) == (404, text)
        if "organization_id" not in sent and "brand_id" not in sent:
            path = f"{WORKFLOW}/{own.id}"
            assert detail(member.patch(path, {"steps_json": sent["steps_json"]})) == (404, text)
    assert store.get(Workflow, organization_id=other.id, id=foreign.id) == foreign
    assert ids(member.get(WORKFLOW)) == [own.id]


def test_a_super_admins_workflow_works_in_its_organization_alone(
    super_admin: Client, organization: Organization, other: Organization
) -> None:
    assert fields(super_admin.post(WORKFLOW, body())) == ["body.organization_id"]
    sent = body({**COPY, "organization_id": other.id}, organization_id=organization.id)
    assert detail(super_admin.post(WORKFLOW, sent)) == (404, "Organization not found")
    foreign = {"type": "call_job", "task_name": "execute_workflow", "kwargs": {"workflow_id": make_workflow(other).id}}
    assert detail(super_admin.post(WORKFLOW, body(foreign, organization_id=organization.id))) == MISSING
    assert super_admin.post(WORKFLOW, body(organization_id=organization.id)).status == 200


def test_lists_are_the_organizations_newest_first_and_paged(
    member: Client, super_admin: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    made = [make_workflow(organization).id for _ in range(3)]
    foreign = make_workflow(other).id
    answer = member.get(WORKFLOW, query={"limit": 2})
    assert (ids(answer), answer.headers["x-total-count"]) == ([made[2], made[1]], "3")
    assert ids(member.get(WORKFLOW, query={"skip": 2})) == [made[0]]
    assert ids(super_admin.get(WORKFLOW)) == [foreign, *reversed(made)]
    assert sign_in("agency_member", None).get(WORKFLOW).body == []
    assert fields(member.get(WORKFLOW, query={"limit": 101})) == ["query.limit"]


def test_the_longest_mail_is_a_step_too_and_a_list_of_such_ends_where_a_reply_does(
    sign_in: SignIn, organization: Organization, line: Line
) -> None:
    admin, long = sign_in("agency_admin"), {**MAIL, "body": '"' * 64_000}
    keyed = [admin.post(WORKFLOW, body({**MAIL, "body": "x" * 100_000}), headers=ONCE) for _ in range(2)]
    assert keyed[0].status == 200
    assert keyed[0].body == keyed[1].body
    assert admin.post(f"{WORKFLOW}/{keyed[0].body['id']}/run", headers=ONCE).status == 200
    made = [make_workflow(organization, long).id for _ in range(25)]
    answer = admin.get(WORKFLOW, query={"limit": 100})
    assert (answer.status, answer.headers["x-total-count"]) == (200, "26")
    rest = admin.get(WORKFLOW + answer.headers["link"].partition("<")[2].partition(">")[0])
    assert ids(answer) + ids(rest) == [*reversed(made), keyed[0].body["id"]]
    too_long = admin.post(WORKFLOW, body(long, long))
    assert fields(too_long) == ["body.steps_json"]
    assert "must be 130,000 bytes of JSON at most, all steps together, and is 256," in str(too_long.body)


def test_a_change_takes_what_is_given_and_leaves_the_rest(member: Client, organization: Organization) -> None:
    path = f"{WORKFLOW}/{make_workflow(organization).id}"
    before = member.get(path).body
    assert member.patch(path, {}).body == before
    assert member.patch(path, {"name": None, "steps_json": None}).body == before
    with frozen() as clock:
        clock.advance(minutes=1)
        answer = member.patch(path, {"name": "Second", "steps_json": [PAUSE]})
    assert answer.body == {**before, "name": "Second", "steps_json": [PAUSE], "updated_at": rfc3339(clock.at)}
    assert member.patch(path, {"description": ""}).body["description"] == ""
    assert fields(member.patch(path, {"steps_json": [{"type": "wait", "seconds": 1000}]})) == [
        "body.steps_json.0.seconds"
    ]


def test_changes_at_once_are_all_made(member: Client, organization: Organization) -> None:
    path = f"{WORKFLOW}/{make_workflow(organization).id}"
    answers = in_threads(4, lambda n: member.patch(path, {"name": "A"} if n % 2 else {"description": "B"}).status)
    assert answers == [200] * 4
    assert (member.get(path).body["name"], member.get(path).body["description"]) == ("A", "B")


def test_a_brand_writer_makes_workflows_of_the_brand_alone(viewer: Client, organization: Organization) -> None:
    brand = make_brand(organization)
    lend(viewer, "workflow:write", scope="brand", id=brand.id)
    assert viewer.post(WORKFLOW, body()).status == 403
    assert viewer.post(WORKFLOW, body(brand_id=brand.id)).status == 200
