"""The stack of one system, `infra/<system>.yaml`: parameters, table, queues, logs, functions, APIs and alarms."""

from __future__ import annotations

from typing import Any

from infra.render.alarms import alarms
from infra.render.cloudformation import Att, If, Ref, Resource, Sub
from infra.render.exceptions import metadata, of_system
from infra.render.functions import functions, shared
from infra.render.gateway import gateway
from infra.render.permissions import DECRYPT, ENCRYPT, KEY, TABLE_KEY, via_dynamodb
from infra.render.sockets import output, sockets
from infra.render.sources import queues
from infra.render.systems import System, camel, parameter_of
from infra.table import EXPIRES
from infra.table import table as create_table

_MANAGING = (
    "CancelKeyDeletion", "CreateAlias", "DeleteAlias", "DescribeKey", "DisableKey", "DisableKeyRotation", "EnableKey",
    "EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus", "ListAliases", "ListGrants", "ListKeyPolicies",
    "ListKeyRotations", "ListResourceTags", "PutKeyPolicy", "RevokeGrant", "RotateKeyOnDemand", "ScheduleKeyDeletion",
    "TagResource", "UntagResource", "UpdateAlias", "UpdateKeyDescription",
)  # fmt: skip
"""What managing a key takes: everything but using it."""

Parameter = dict[str, Any]


def stack(system: System) -> dict[str, Any]:
    """The template of one system."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": f"Quintet: {system.api.title}",
        "Metadata": metadata(of_system(own_key=system.api.own_key)),
        "Parameters": parameters(system),
        "Conditions": {"HasDomain": {"Fn::Not": [{"Fn::Equals": [Ref("DomainName"), ""]}]}},
        "Globals": shared(system),
        "Resources": {
            "Table": table(own_key=system.api.own_key),
            **({TABLE_KEY: table_key()} if system.api.own_key else {}),
            "Logs": _logs(),
            **queues(system),
            **({KEY: key()} if system.seals else {}),
            **gateway(system),
            **sockets(system),
            **functions(system),
            **alarms(system),
        },
        "Outputs": {
            "Url": {
                "Description": "Where the documented paths start",
                "Value": If(
                    (
                        "HasDomain",
                        Sub(f"https://${{DomainName}}/{system.name}"),
                        Sub("https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"),
                    )
                ),
            },
            **output(system),
            "TableName": {"Description": "The system's table", "Value": Ref("Table")},
            "LogGroup": {"Description": "The log of every function", "Value": Ref("Logs")},
        },
    }


def parameters(system: System) -> dict[str, Parameter]:
    """What the root stack tells a system's stack."""
    text: Parameter = {"Type": "String"}
    number: Parameter = {"Type": "Number"}
    house = {
        "Prefix": {**text, "Description": "What the names of all functions and log groups start with"},
        "Stage": text,
        "PythonRuntime": text,
        "Architecture": text,
        "CommonLayer": text,
        **{f"{camel(layer)}Layer": text for layer in system.layers},
        "SecretArn": text,
        "BucketName": text,
        "EmailSender": text,
        "SmsSender": text,
        "LanguageModel": text,
        "CorsOrigins": {"Type": "CommaDelimitedList"},
        "AlarmTopicArn": text,
        "LogRetention": number,
        "ThrottlingBurst": number,
        "ThrottlingRate": number,
        "DeletionProtection": text,
        "DomainName": text,
    }
    own = {parameter_of(name): {**text, "Default": ""} for name in system.settings}
    if set(own) & set(house):
        raise ValueError(f"{system.name} has settings named like the house's: {sorted(set(own) & set(house))}")
    return {**house, **own}


def table(*, own_key: bool = False) -> Resource:
    """The system's one table, of the shape the laptop has too. It outlives its stack."""
    encryption: dict[str, Any] = {"SSEEnabled": True, "SSEType": "KMS"}
    if own_key:
        encryption["KMSMasterKeyId"] = Att(f"{TABLE_KEY}.Arn")
    shape = {name: value for name, value in create_table("").items() if name != "TableName"}
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            **shape,
            "TimeToLiveSpecification": {"AttributeName": EXPIRES, "Enabled": True},
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "SSESpecification": encryption,
            "DeletionProtectionEnabled": Ref("DeletionProtection"),
        },
    }


def key() -> Resource:
    """The key that personal identifiers are encrypted under. It outlives its stack: without it they are lost."""
    return _key("personal identifiers", [_account("PoliciesOfTheAccountDecide", "kms:*")])


def table_key() -> Resource:
    """The key that the table is encrypted under. It outlives its stack, as the table does.

    The account's policies say who manages it; it encrypts and decrypts through DynamoDB alone, so nobody reads a
    copy of the table's files with it.
    """
    managed = _account("ManagedByTheAccount", [f"kms:{action}" for action in _MANAGING])
    # The grant is DynamoDB's own, for what it does without being called, such as moving a partition.
    used = _account("UsedThroughDynamoDB", [*DECRYPT, *ENCRYPT, "kms:CreateGrant"]) | {"Condition": via_dynamodb()}
    return _key("the table", [managed, used])


def _key(what: str, statements: list[dict[str, Any]]) -> Resource:
    return {
        "Type": "AWS::KMS::Key",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Description": Sub(f"${{Prefix}}: {what}"),
            "EnableKeyRotation": True,
            "PendingWindowInDays": 30,
            "KeyPolicy": {"Version": "2012-10-17", "Statement": statements},
        },
    }


def _account(name: str, actions: str | list[str]) -> dict[str, Any]:
    """A statement of a key's policy that leaves these actions to the account's own policies."""
    return {
        "Sid": name,
        "Effect": "Allow",
        "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": actions,
        "Resource": "*",
    }


def _logs() -> Resource:
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": Sub("/quintet/${Prefix}"), "RetentionInDays": Ref("LogRetention")},
    }
