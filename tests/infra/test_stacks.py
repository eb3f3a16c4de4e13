"""One operation is one function, one route, one event and one documented operation, in both directions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from infra.render.cloudformation import dump, load
from infra.render.cors import cors
from infra.render.events import events
from infra.render.files import KINDS
from infra.render.functions import function_name, logical_id
from infra.render.gateway import body
from infra.render.root import root
from infra.render.stack import stack
from infra.render.systems import System
from tests.infra.templates import functions, rendered, resources, routes, translated

MOST_RESOURCES, MOST_BYTES, MOST_INTEGRATIONS = 450, 900_000, 300
"""CloudFormation takes 500 resources and 1,000,000 bytes a template, an HTTP API 300 integrations."""


@pytest.fixture(params=["house", "little", "large"])
def every(request: pytest.FixtureRequest) -> list[System]:
    found = request.getfixturevalue(request.param)
    return found if isinstance(found, list) else [found]


def test_every_operation_has_one_function_and_every_function_one_operation(every: list[System]) -> None:
    for system in every:
        wanted = {logical_id(o): o.handler for o in system.operations} | {"Fallback": f"{system.name}.service.fallback"}
        assert {name: f["Handler"] for name, f in functions(rendered(system)).items()} == wanted


def test_every_operation_has_one_route_and_every_route_one_operation(every: list[System]) -> None:
    for system in every:
        found = {(method, _shape(path)): name for (method, path), name in routes(rendered(system)).items()}
        wanted = {(str(o.method), _shape(o.path)): logical_id(o) for o in system.served}
        assert found == wanted | {("X-AMAZON-APIGATEWAY-ANY-METHOD", "/$default"): "Fallback"}


def test_every_operation_has_its_events_and_every_event_its_operation(every: list[System]) -> None:
    for system in every:
        http = {f"{o.id}.json" for o in system.served}
        timed = {f"{o.id}.schedule.json" for o in system.operations if o.schedule}
        queued = {f"{o.id}.queue.json" for o in system.operations if o.queue}
        streamed = {f"{o.id}.stream.json" for o in system.operations if o.stream}
        socketed = {f"{o.id}.socket.json" for o in system.operations if o.socket}
        assert set(events(system)) == http | timed | queued | streamed | socketed


def test_every_route_is_documented_and_every_documented_operation_has_a_route(every: list[System]) -> None:
    for system in every:
        documented = {
            (method.upper(), _shape(path)): operation["operationId"]
            for path, item in system.api.openapi()["paths"].items()
            for method, operation in item.items()
            if "x-only-local" not in operation
        }
        assert documented == {(str(o.method), _shape(o.path)): o.id for o in system.served}


def test_what_is_only_for_trying_out_is_documented_and_never_deployed(little: System) -> None:
    assert little.api.openapi()["paths"]["/api/v1/pretended"]["post"]["operationId"] == "things.pretend"
    for name, kind in KINDS.items():
        if name != "spec":
            assert "retend" not in json.dumps(kind.render([little]))


def test_stacks_stay_below_the_limits_of_aws(every: list[System]) -> None:
    for system in every:
        text = dump(stack(system))
        assert len(text.encode()) < MOST_BYTES
        assert len(routes(load(text))) < MOST_INTEGRATIONS
        assert len(translated(load(text))["Resources"]) < MOST_RESOURCES


def test_an_operation_costs_one_resource(little: System, large: System) -> None:
    for system in (little, large):
        template = rendered(system)
        after = translated(template)["Resources"]
        own = {logical_id(o) for o in system.operations}
        assert {name for name, r in after.items() if r["Type"] == "AWS::Lambda::Function"} == own | {"Fallback"}
        made = set(after) - set(template["Resources"])
        queued = {f"{logical_id(o)}Messages" for o in system.operations if o.queue}
        streamed = {f"{logical_id(o)}Changes" for o in system.operations if o.stream}
        assert made == queued | streamed


def test_names_of_functions_fit_lambda_and_are_unique(every: list[System]) -> None:
    for system in every:
        names = [f["FunctionName"]["Fn::Sub"] for f in functions(rendered(system)).values()]
        prefix = f"quintet-{'s' * 10}-{system.dashed}"
        longest = [name.replace("${Prefix}", prefix) for name in names]
        assert len(set(names)) == len(names)
        assert max(len(name) for name in longest) <= 64
        assert all(name.replace("-", "").replace("_", "").isalnum() for name in longest)


def test_a_long_operation_id_is_cut_but_stays_distinct() -> None:
    one, other = (function_name(f"domain.{'very_' * 10}{end}") for end in ("long", "lang"))
    assert one != other
    assert len(one) == len(other)
    assert one.startswith("domain-very_very_")


def test_the_gateway_body_is_valid_openapi_3_0_once_its_references_are_resolved(every: list[System]) -> None:
    for system in every:
        paths = {path: item for path, item in body(system)["paths"].items() if path != "/$default"}
        plain = json.loads(json.dumps({**body(system), "paths": paths}))
        for item in plain["paths"].values():
            for route in item.values():
                if isinstance(route, dict):
                    route.pop("x-amazon-apigateway-integration")
        assert plain["openapi"] == "3.0.1"
        validate(plain)


def test_paths_that_differ_by_a_parameters_name_share_one_entry(little: System) -> None:
    found = {path: sorted(set(item) - {"parameters"}) for path, item in body(little)["paths"].items()}
    assert found["/api/v1/things/{id}"] == ["delete", "get"]
    assert "/api/v1/things/{thing_id}" not in found
    assert found["/api/v1/things/newest"] == ["get"]


def test_every_route_is_invoked_with_payload_format_2_through_the_gateways_role(every: list[System]) -> None:
    for system in every:
        api = resources(rendered(system), "AWS::ApiGatewayV2::Api")["Api"]
        for item in api["Body"]["paths"].values():
            for method, route in item.items():
                if method == "parameters":
                    continue
                integration = route["x-amazon-apigateway-integration"]
                assert integration["type"] == "aws_proxy"
                assert integration["httpMethod"] == "POST"
                assert integration["payloadFormatVersion"] == "2.0"
                assert integration["credentials"] == {"Fn::GetAtt": ["GatewayRole", "Arn"]}
        assert api["Body"]["paths"]["/$default"]["x-amazon-apigateway-any-method"]["isDefaultRoute"] is True


def test_functions_of_a_system_are_built_once(house: list[System]) -> None:
    for system in house:
        template = rendered(system)
        assert template["Globals"]["Function"]["CodeUri"] == f"../functions/{system.name}"
        builds = [template["Resources"][name]["Metadata"] for name in functions(template)]
        parents = {"ParentPackageMode": "explicit", "ParentPackages": system.name}
        assert builds == [{"BuildProperties": parents}] * len(builds)
        own = {f["Handler"] for f in functions(template).values() if "CodeUri" in f or "Environment" in f}
        assert own == {f"{system.name}.service.fallback"}


def test_a_function_gets_the_memory_time_and_layers_its_operation_asks_for(little: System) -> None:
    found = functions(rendered(little))
    assert found["ThingsCreate"]["MemorySize"] == 1024
    assert found["ThingsCreate"]["Layers"] == [{"Ref": "OidcLayer"}]
    assert found["ThingsThumbnail"]["Timeout"] == 60
    assert not {"MemorySize", "Timeout", "Layers"} & set(found["ThingsRead"])


def test_settings_a_system_reads_become_parameters_of_both_stacks(little: System) -> None:
    template, top = rendered(little), load(dump(root([little])))
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["QUINTET_CLOCK_ISSUER"] == {"Ref": "ClockIssuer"}
    assert template["Parameters"]["ClockIssuer"]["Default"] == ""
    assert top["Parameters"]["LittleClockIssuer"]["Default"] == ""
    assert top["Resources"]["Little"]["Properties"]["Parameters"]["ClockIssuer"] == {"Ref": "LittleClockIssuer"}


def test_settings_of_the_providers_a_system_uses_become_parameters_too(house: list[System]) -> None:
    for system in house:
        parameters = set(rendered(system)["Parameters"])
        read = "".join(path.read_text() for path in system.folder.rglob("*.py"))
        for provider, parameter in (("whatsapp", "WhatsappPhoneId"), ("razorpay", "RazorpayUrl")):
            imported = re.search(rf"^(from|import) .*\b{provider}\b", read, re.MULTILINE)
            assert (parameter in parameters) == bool(imported)


def test_only_a_system_that_seals_identifiers_has_a_key_and_it_is_kept_and_rotated(
    house: list[System], little: System
) -> None:
    for system in (*house, little):
        template = rendered(system)
        variables = template["Globals"]["Function"]["Environment"]["Variables"]
        keys = resources(template, "AWS::KMS::Key")
        if not any(name.startswith("vault:") for o in system.operations for name in o.needs):
            assert "Key" not in keys
            assert "QUINTET_KMS_KEY" not in variables
            continue
        assert keys["Key"]["EnableKeyRotation"] is True
        assert template["Resources"]["Key"]["DeletionPolicy"] == "Retain"
        assert variables["QUINTET_KMS_KEY"] == {"Fn::GetAtt": ["Key", "Arn"]}


def test_the_root_gives_every_stack_exactly_what_it_asks_for(every: list[System]) -> None:
    top = load(dump(root(every)))
    for system in every:
        nested = top["Resources"][system.title]
        assert nested["Properties"]["Location"] == f"infra/{system.name}.yaml"
        assert set(nested["Properties"]["Parameters"]) == set(rendered(system)["Parameters"])


def test_the_root_builds_the_common_layer_and_those_operations_ask_for(little: System) -> None:
    layers = resources(load(dump(root([little]))), "AWS::Serverless::LayerVersion")
    assert {name: layer["ContentUri"] for name, layer in layers.items()} == {
        "CommonLayer": "layers/common/python",
        "OidcLayer": "layers/oidc",
    }


def test_schedules_retry_and_end_in_the_dead_letter_queue(little: System) -> None:
    template = rendered(little)
    (schedule,) = resources(template, "AWS::Scheduler::Schedule").values()
    target: dict[str, Any] = schedule["Target"]
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert target["Arn"] == {"Fn::GetAtt": ["ThingsSweep", "Arn"]}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 3600}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    assert json.loads(target["Input"])["detail"] == {}
    dead = {"Type": "SQS", "TargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    assert functions(template)["ThingsSweep"]["DeadLetterQueue"] == dead


def test_queues_give_failed_messages_back_and_then_up(little: System) -> None:
    template = rendered(little)
    queue = resources(template, "AWS::SQS::Queue")["ThumbNailsQueue"]
    assert queue["VisibilityTimeout"] == 6 * 60
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    source = functions(template)["ThingsThumbnail"]["Events"]["Messages"]["Properties"]
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_table_has_a_key_of_its_own_where_its_system_asks_for_one(little: System, large: System) -> None:
    assert "TableKey" not in rendered(large)["Resources"]
    template = rendered(little)
    assert resources(template, "AWS::DynamoDB::Table")["Table"]["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": {"Fn::GetAtt": ["TableKey", "Arn"]},
    }
    assert template["Resources"]["TableKey"]["DeletionPolicy"] == "Retain"
    key = resources(template, "AWS::KMS::Key")["TableKey"]
    assert key["EnableKeyRotation"] is True
    managed, used = key["KeyPolicy"]["Statement"]
    account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    assert managed["Principal"] == used["Principal"] == account
    assert not {"kms:*", "kms:CreateGrant", *used["Action"]} & (set(managed["Action"]) - {"kms:DescribeKey"})
    assert {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DescribeKey"} <= set(managed["Action"])
    assert {"kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"} <= set(used["Action"])
    assert used["Condition"]["StringEquals"] == {
        "kms:CallerAccount": {"Ref": "AWS::AccountId"},
        "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"},
    }


def test_the_exception_for_the_tables_key_is_made_only_where_it_has_none(little: System, large: System) -> None:
    for system in (little, large):
        listed = {each["Check"] for each in rendered(system)["Metadata"]["Quintet::PolicyExceptions"]}
        assert ("CKV_AWS_119" in listed) is not system.api.own_key


def test_the_table_is_kept_encrypted_recoverable_and_streamed(house: list[System], little: System) -> None:
    for system in (*house, little):
        template = rendered(system)
        (table,) = resources(template, "AWS::DynamoDB::Table").values()
        assert template["Resources"]["Table"]["DeletionPolicy"] == "Retain"
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["GSI1", "GSI2", "GSI3"]
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
        assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        own = {"KMSMasterKeyId": {"Fn::GetAtt": ["TableKey", "Arn"]}} if system.api.own_key else {}
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", **own}
        assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}


def test_every_alarm_tells_the_topic(house: list[System], little: System) -> None:
    for system in (*house, little):
        found = resources(rendered(system), "AWS::CloudWatch::Alarm")
        wanted = {"FailuresAlarm", "ServerErrorsAlarm", "DeadLettersAlarm", "ReadThrottlesAlarm", "WriteThrottlesAlarm"}
        timed = {"SchedulesAlarm"} if any(o.schedule for o in system.operations) else set()
        more = {"DeadLettersFifoAlarm", "SocketsAlarm", "ThingsChangedLagAlarm"} if system is little else set()
        assert set(found) == wanted | timed | more
        assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopicArn"}] for alarm in found.values())


def test_cross_origin_rules_come_from_the_parameter(house: list[System]) -> None:
    for system in house:
        api = resources(rendered(system), "AWS::ApiGatewayV2::Api")["Api"]
        cors = api["Body"]["x-amazon-apigateway-cors"]
        assert cors["allowOrigins"] == {"Ref": "CorsOrigins"}
        assert set(cors["allowMethods"]) == {o.method for o in system.served}
        assert set(cors["allowHeaders"]) == {name for o in system.served for name in o.reads_headers}
        assert set(cors["exposeHeaders"]) == {name for o in system.served for name in o.answers_headers}


def test_browsers_may_send_what_operations_read_and_read_what_they_answer(house: list[System]) -> None:
    found = {system.name: cors(system.served) for system in house}
    always = {"authorization", "content-type", "idempotency-key", "x-request-id"}
    assert set(found["memory_mirror"]["allowHeaders"]) == {*always, "x-patient-id"}
    assert set(found["storefront"]["allowHeaders"]) == {*always, "if-match", "if-none-match"}
    assert "x-answer-source" in found["memory_mirror"]["exposeHeaders"]
    assert {"etag", "link", "idempotency-replayed"} <= set(found["storefront"]["exposeHeaders"])
    assert "x-patient-id" not in found["storefront"]["allowHeaders"]


def test_an_unknown_capability_is_refused(little: System) -> None:
    from infra.render.permissions import role

    with pytest.raises(ValueError, match="no permissions are known for the capability 'teleport'"):
        role(frozenset({"teleport"}), little.name)


def _shape(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
