"""The product in an embedded AWS, through its deployed front door; the tests run in this order, on one deployment."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest

from infra.render.functions import logical_id
from infra.render.systems import ROOT, System
from quintet.api import Operation
from tests.deploy.deployed import Deployed
from tests.deploy.deployment import Template
from tests.deploy.probe import ALLOWED
from tests.deploy.probing import STRANGER, foreign, never, own, probed
from tests.infra.templates import actions, rendered

pytestmark = pytest.mark.deploy

REFUSED = "refused"


def test_every_system_tells_its_story_and_every_operation_works_with_the_role_it_has(deployed: Deployed) -> None:
    def tell(system: System) -> str:
        front = deployed.fronts[system.name]
        try:
            deployed.stories[system.name].tell(front, deployed.stages[system.name])
        except AssertionError:
            print("\n".join(_last_words(deployed, system)))
            raise
        worked = {call.operation for call in front.calls if call.status < 400}
        assert {o.id for o in system.served} - worked == set()
        assert not [call for call in front.calls if call.status >= 500]
        signed = sum(call.signed for call in front.calls)
        return (
            f"{system.name}: {len(front.calls)} calls in the story, {signed} of them signed in; "
            f"{len(worked)} of {len(system.served)} operations succeeded"
        )

    deployed.everywhere(tell)


def test_an_anonymous_caller_gets_in_where_it_is_public_and_nowhere_else(deployed: Deployed) -> None:
    def call(system: System) -> str:
        front, statuses = deployed.fronts[system.name], Counter[int]()
        for operation in system.served:
            answer = _sample_call(front, system, operation)
            statuses[answer.status] += 1
            if operation.caller is not None:
                assert answer.status == 401, (operation.id, answer)
            else:
                assert answer.status < 500, (operation.id, answer)
        told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
        return f"{system.name}: {statuses.total()} operations called anonymously: {told}"

    deployed.everywhere(call)


def test_what_no_operation_answers_gets_the_systems_own_404(deployed: Deployed) -> None:
    for system in deployed.systems:
        answer = deployed.fronts[system.name].get("/no/such/path")
        assert answer.status == 404
        assert "json" in answer.headers["content-type"]


def test_a_role_may_do_what_its_operations_need_and_is_refused_the_rest(deployed: Deployed) -> None:
    def probe(system: System) -> str:
        template, ids = rendered(system), deployed.deployment.resources(system.name)
        secret = deployed.deployment.output(f"{system.title}SecretArn")
        bucket = next(b["Name"] for b in deployed.cloud.client("s3").list_buckets()["Buckets"] if "upload" in b["Name"])
        mine = own(ids["Table"], secret)
        forbidden = {**never(ids["Table"], bucket, ids["Fallback"]), **_of_others(deployed, system)}
        roles = sorted({f["Role"]["Fn::GetAtt"][0] for f in _functions(template).values()})
        for role in roles:
            arn = deployed.cloud.client("iam").get_role(RoleName=ids[role])["Role"]["Arn"]
            found = probed(deployed.cloud, arn, {**mine, **forbidden})
            granted = actions(template, role)
            told = {name: ALLOWED if outcome == ALLOWED else REFUSED for name, outcome in found.items()}
            expected = {name: ALLOWED if name in granted else REFUSED for name in mine}
            assert told == {**expected, **dict.fromkeys(forbidden, REFUSED)}, role
        return f"{system.name}: {len(roles)} roles, each refused {len(forbidden)} things it should not do"

    deployed.everywhere(probe)


def test_every_schedule_queue_and_stream_is_wired_to_its_function(deployed: Deployed) -> None:
    scheduler, functions = deployed.cloud.client("scheduler"), deployed.cloud.client("lambda")
    for system in deployed.systems:
        ids = deployed.deployment.resources(system.name)
        for operation in system.operations:
            if operation.schedule:
                found = scheduler.get_schedule(
                    Name=ids[f"{logical_id(operation)}Schedule"].rpartition("/")[2], GroupName=ids["Schedules"]
                )
                assert found["Target"]["Arn"].endswith(f":{ids[logical_id(operation)]}")
                assert found["ScheduleExpression"] == operation.schedule
                assert found["Target"]["DeadLetterConfig"]["Arn"]
            if operation.queue or operation.stream:
                mapped = functions.list_event_source_mappings(FunctionName=ids[logical_id(operation)])
                assert len(mapped["EventSourceMappings"]) == 1


def test_a_second_deployment_of_the_same_tree_changes_nothing(deployed: Deployed) -> None:
    before = {system.name: deployed.deployment.resources(system.name) for system in deployed.systems}
    deployed.deployment.build()
    deployed.deployment.package()
    assert "No changes to deploy" in deployed.deployment.deploy()
    assert {system.name: deployed.deployment.resources(system.name) for system in deployed.systems} == before


def test_schedules_queues_and_streams_start_their_functions_and_the_effect_is_seen(deployed: Deployed) -> None:
    def wait(system: System) -> str:
        started = {o.id for o in system.operations if o.schedule or o.queue or o.stream}
        effects = deployed.stories[system.name].EFFECTS
        assert set(effects) == started
        for seen in effects.values():
            seen(deployed.stages[system.name])
        return f"{system.name}: the effects of {', '.join(effects)} were seen"

    deployed.everywhere(wait, at_once=len(deployed.systems))


def test_an_update_that_adds_an_attribute_to_the_table_keeps_its_data(deployed: Deployed) -> None:
    for system in deployed.systems:
        front, story, stage = (
            deployed.fronts[system.name], deployed.stories[system.name], deployed.stages[system.name],
        )  # fmt: skip
        before, held = story.remembered(front, stage), _counted(deployed, system)
        deployed.deployment.update(system.name, _with_another_index(deployed.deployment.children[system.name]))
        shape = deployed.cloud.client("dynamodb").describe_table(TableName=_table(deployed, system))["Table"]
        assert {index["IndexName"] for index in shape["GlobalSecondaryIndexes"]} == {"GSI1", "GSI2", "GSI3", "GSI4"}
        assert _counted(deployed, system) == held
        assert story.remembered(front, stage) == before
        print(f"\n  {system.name}: all {held} items there after the update", end="")


def test_deletion_leaves_no_function_and_keeps_the_tables(deployed: Deployed) -> None:
    tables = {_table(deployed, system) for system in deployed.systems}
    deployed.deployment.delete()
    assert deployed.cloud.client("lambda").list_functions()["Functions"] == []
    assert deployed.cloud.client("apigatewayv2").get_apis()["Items"] == []
    assert deployed.cloud.client("scheduler").list_schedules()["Schedules"] == []
    kept = set(deployed.cloud.client("dynamodb").list_tables()["TableNames"]) - {STRANGER}
    assert kept == tables
    print(f"\n  kept: {', '.join(sorted(kept))}", end="")


def _last_words(deployed: Deployed, system: System) -> list[str]:
    """What the functions logged last that answered 5xx."""
    logs, ids = deployed.cloud.client("logs"), deployed.deployment.resources(system.name)
    failed = {call.operation for call in deployed.fronts[system.name].calls if call.status >= 500}
    names = [ids[logical_id(o)] for o in system.operations if o.id in failed]
    found = [logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"][-20:] for name in names]
    return [event["message"] for events in found for event in events]


def _sample_call(front: Any, system: System, operation: Operation[Any, Any]) -> Any:
    """The operation called with its committed sample event, without a token."""
    event = json.loads((ROOT / f"events/{system.name}/{operation.id}.json").read_text())
    headers = {k: v for k, v in event["headers"].items() if k not in ("authorization", "host", "content-length")}
    return front.request(
        operation.method, event["rawPath"], content=event.get("body"), headers=headers,
        query=event.get("queryStringParameters"),
    )  # fmt: skip


def _of_others(deployed: Deployed, system: System) -> dict[str, Any]:
    found = foreign(STRANGER, STRANGER)
    for other in deployed.systems:
        if other.name != system.name:
            secret = deployed.deployment.output(f"{other.title}SecretArn")
            found |= foreign(_table(deployed, other), secret)
    return found


def _functions(template: Template) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def _with_another_index(template: Template) -> Template:
    changed = copy.deepcopy(template)
    table = changed["Resources"]["Table"]["Properties"]
    table["AttributeDefinitions"] += [{"AttributeName": n, "AttributeType": "S"} for n in ("GSI4PK", "GSI4SK")]
    index = copy.deepcopy(table["GlobalSecondaryIndexes"][0])
    index["IndexName"] = "GSI4"
    for key, name in zip(index["KeySchema"], ("GSI4PK", "GSI4SK"), strict=True):
        key["AttributeName"] = name
    table["GlobalSecondaryIndexes"].append(index)
    return changed


def _table(deployed: Deployed, system: System) -> str:
    return deployed.deployment.resources(system.name)["Table"]


def _counted(deployed: Deployed, system: System) -> int:
    pages = deployed.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=_table(deployed, system))
    # Sign-ins and expired things come and go; what the story made stays.
    return sum(
        not item["PK"]["S"].startswith("PROBE") and "expires_at" not in item for p in pages for item in p["Items"]
    )
