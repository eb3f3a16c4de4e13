"""Least privilege: a function may do what its operation needs, and nothing else."""

from __future__ import annotations

from typing import Any

from infra.render.functions import logical_id
from infra.render.systems import System
from tests.infra.templates import Template, actions, functions, rendered, resources, role_of, statements

LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
READ = {"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query"}
WRITE = {"dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
ALLOWED = {
    "table:read": READ,
    "table:write": READ | WRITE,
    "secret": {"secretsmanager:GetSecretValue"},
    "email": {"ses:SendEmail"},
    "sms": {"sns:Publish"},
    "storage:read": {"s3:GetObject", "s3:ListBucket"},
    "storage:write": {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"},
    "whatsapp": {
        "social-messaging:SendWhatsAppMessage",
        "social-messaging:GetLinkedWhatsAppBusinessAccountPhoneNumber",
    },
    "vault:seal": {"kms:GenerateDataKey"},
    "vault:open": {"kms:Decrypt"},
    "queue:jobs": {"sqs:GetQueueAttributes", "sqs:SendMessage"},
    "queue:thumb-nails": {"sqs:GetQueueAttributes", "sqs:SendMessage"},
    "queue:steps.fifo": {"sqs:GetQueueAttributes", "sqs:SendMessage"},
    "sockets": {"execute-api:ManageConnections"},
    "model": {"bedrock:InvokeModel"},
    "translate": {"comprehend:DetectDominantLanguage", "translate:TranslateText"},
    "devices": {"iot:GetThingShadow", "iot:UpdateThingShadow"},
    "metrics": {"cloudwatch:GetMetricData"},
}
OWN_KEY = {
    "table:read": {"kms:Decrypt", "kms:DescribeKey"},
    "table:write": {
        "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo",
    },
}  # fmt: skip
"""What the table's own key takes besides."""
WITHOUT_RESOURCE = ALLOWED["translate"] | ALLOWED["metrics"] | {"dynamodb:ListStreams"}
"""Actions for which AWS knows no resource."""


def test_a_function_may_do_exactly_what_its_operation_needs(house: list[System], little: System) -> None:
    for system in (*house, little):
        template = rendered(system)
        for operation in system.operations:
            wanted = LOGS.union(*(ALLOWED[name] for name in operation.needs))
            if system.api.own_key:
                wanted = wanted.union(*(OWN_KEY.get(name, set()) for name in operation.needs))
            if operation.schedule:
                wanted |= {"sqs:SendMessage"}
            if operation.queue:
                wanted |= {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
            if operation.stream:
                reads = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
                wanted |= {"sqs:SendMessage", *(f"dynamodb:{name}" for name in reads)}
                wanted |= OWN_KEY["table:read"] if system.api.own_key else set()
            assert actions(template, role_of(template, logical_id(operation))) == wanted, operation.id


def test_the_fallback_may_only_write_its_log_and_hand_on_to_the_systems_functions(house: list[System]) -> None:
    for system in house:
        template = rendered(system)
        role = role_of(template, "Fallback")
        assert actions(template, role) == LOGS | {"lambda:InvokeFunction"}
        statements = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (invoke,) = [s for s in statements if s["Action"] == "lambda:InvokeFunction"]
        assert [str(each).count(":function:${Prefix}-*") for each in invoke["Resource"]] == [1]


def test_operations_that_need_the_same_share_a_role_and_no_role_is_left_over(house: list[System]) -> None:
    for system in house:
        template = rendered(system)
        used = {role_of(template, name) for name in functions(template)} | {"GatewayRole"}
        used |= {"SchedulerRole"} if any(o.schedule for o in system.operations) else set()
        roles = resources(template, "AWS::IAM::Role")
        assert set(roles) == used
        granted = [str(statements(template, name)) for name in roles]
        assert len(set(granted)) == len(granted)


def test_no_role_scans_or_allows_everything(house: list[System], little: System) -> None:
    for system in (*house, little):
        template = rendered(system)
        for role in resources(template, "AWS::IAM::Role"):
            assert not any("Scan" in action or "*" in action for action in actions(template, role))
            for statement in statements(template, role):
                assert statement.get("Resource") != "*" or set(statement["Action"]) <= WITHOUT_RESOURCE


def test_logs_go_to_the_systems_own_group_alone(house: list[System]) -> None:
    for system in house:
        template = rendered(system)
        for name in functions(template):
            (logs,) = _allowing(template, role_of(template, name), "logs:PutLogEvents")
            assert logs["Resource"] == {"Fn::GetAtt": ["Logs", "Arn"]}
        assert template["Globals"]["Function"]["LoggingConfig"] == {"LogGroup": {"Ref": "Logs"}}


def test_a_reader_cannot_write(little: System) -> None:
    template = rendered(little)
    assert not actions(template, role_of(template, "ThingsRead")) & WRITE


def test_a_writer_reads_indexes_but_writes_the_table_alone(little: System) -> None:
    template = rendered(little)
    role = role_of(template, "ThingsRemove")
    (read,) = _allowing(template, role, "dynamodb:Query")
    (write,) = _allowing(template, role, "dynamodb:PutItem")
    assert read["Resource"] == [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": "${Table.Arn}/index/*"}]
    assert write["Resource"] == {"Fn::GetAtt": ["Table", "Arn"]}


def test_e_mail_leaves_only_from_the_configured_sender(little: System) -> None:
    template = rendered(little)
    (send,) = _allowing(template, role_of(template, "ThingsCreate"), "ses:SendEmail")
    assert send["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "EmailSender"}}}


def test_files_are_reached_under_the_systems_own_prefix_alone(little: System) -> None:
    template = rendered(little)
    role = role_of(template, "ThingsThumbnail")
    own = {"Fn::Sub": "arn:${AWS::Partition}:s3:::${BucketName}/little/*"}
    for action in ("s3:GetObject", "s3:PutObject"):
        (statement,) = _allowing(template, role, action)
        assert statement["Resource"] == own


def test_a_tables_own_key_is_used_through_dynamodb_alone(little: System) -> None:
    template = rendered(little)
    via = {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"}
    for function, action in (("ThingsRead", "kms:Decrypt"), ("ThingsRemove", "kms:GenerateDataKey")):
        (statement,) = _allowing(template, role_of(template, function), action)
        assert statement["Resource"] == {"Fn::GetAtt": ["TableKey", "Arn"]}
        assert statement["Condition"]["StringEquals"]["kms:ViaService"] == via


def test_only_the_systems_own_things_are_reached(little: System) -> None:
    template = rendered(little)
    (statement,) = _allowing(template, role_of(template, "ThingsNewest"), "iot:UpdateThingShadow")
    own = "arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thing/${Prefix}-*"
    assert statement["Resource"] == {"Fn::Sub": own}


def test_a_queue_is_sent_to_and_read_by_those_who_say_so_alone(little: System) -> None:
    template = rendered(little)
    own = {"Fn::GetAtt": ["ThumbNailsQueue", "Arn"]}
    (send,) = _allowing(template, role_of(template, "ThingsCreate"), "sqs:SendMessage")
    (read,) = _allowing(template, role_of(template, "ThingsThumbnail"), "sqs:ReceiveMessage")
    assert send["Resource"] == read["Resource"] == own


def test_connections_of_the_systems_own_api_are_managed_and_no_others(little: System) -> None:
    template = rendered(little)
    (statement,) = _allowing(template, role_of(template, "ThingsHear"), "execute-api:ManageConnections")
    own = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${SocketsApi}/*/*/@connections/*"
    assert statement["Resource"] == {"Fn::Sub": own}
    assert not _allowing(template, role_of(template, "ThingsConnect"), "execute-api:ManageConnections")


def test_the_tables_own_stream_is_read_and_no_other(little: System) -> None:
    template = rendered(little)
    role = role_of(template, "ThingsChanged")
    (statement,) = _allowing(template, role, "dynamodb:GetRecords")
    assert statement["Resource"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
    assert not actions(template, role) & (READ | WRITE)


def test_models_are_asked_and_inference_profiles_with_them_and_nothing_else_of_bedrock(little: System) -> None:
    template = rendered(little)
    (statement,) = _allowing(template, role_of(template, "ThingsNewest"), "bedrock:InvokeModel")
    kinds = {arn["Fn::Sub"].rpartition(":")[2] for arn in statement["Resource"]}
    assert kinds == {"foundation-model/*", "inference-profile/*", "application-inference-profile/*"}


def test_identifiers_are_sealed_under_the_systems_own_key_and_name_alone(house: list[System]) -> None:
    sealing = [(system, o) for system in house for o in system.operations if "vault:seal" in o.needs]
    assert sealing
    for system, operation in sealing:
        template = rendered(system)
        (seal,) = _allowing(template, role_of(template, logical_id(operation)), "kms:GenerateDataKey")
        assert seal["Resource"] == {"Fn::GetAtt": ["Key", "Arn"]}
        assert seal["Condition"] == {"StringEquals": {"kms:EncryptionContext:system": system.name}}


def test_whats_app_messages_leave_only_from_numbers_of_the_account(house: list[System]) -> None:
    sending = [(system, o) for system in house for o in system.operations if "whatsapp" in o.needs]
    assert sending
    for system, operation in sending:
        template = rendered(system)
        role = role_of(template, logical_id(operation))
        (send,) = _allowing(template, role, "social-messaging:SendWhatsAppMessage")
        own = "arn:${AWS::Partition}:social-messaging:${AWS::Region}:${AWS::AccountId}:phone-number-id/*"
        assert send["Resource"] == {"Fn::Sub": own}


def test_the_gateway_invokes_the_systems_functions_and_the_scheduler_those_with_a_schedule(little: System) -> None:
    template = rendered(little)
    (gateway,) = statements(template, "GatewayRole")
    assert gateway["Action"] == "lambda:InvokeFunction"
    assert [arn["Fn::Sub"].rpartition(":")[2] for arn in gateway["Resource"]] == ["${Prefix}-*"]
    invoke, dead = statements(template, "SchedulerRole")
    assert invoke["Resource"] == [{"Fn::GetAtt": ["ThingsSweep", "Arn"]}]
    assert dead["Resource"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


def _allowing(template: Template, role: str, action: str) -> list[Any]:
    return [
        s
        for s in statements(template, role)
        if action in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])
    ]
