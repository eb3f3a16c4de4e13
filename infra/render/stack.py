"""The stack of one system, `infra/<system>.yaml`: parameters, table, logs, functions, API and alarms."""

from __future__ import annotations

from typing import Any

from infra.render.alarms import alarms
from infra.render.cloudformation import If, Ref, Resource, Sub
from infra.render.exceptions import metadata, of_system
from infra.render.functions import functions, shared
from infra.render.gateway import gateway
from infra.render.permissions import KEY
from infra.render.systems import System, camel, parameter_of
from infra.table import EXPIRES
from infra.table import table as create_table

DEAD_LETTERS_KEPT = 14 * 24 * 3600
"""Seconds; as long as SQS keeps anything."""

Parameter = dict[str, Any]


def stack(system: System) -> dict[str, Any]:
    """The template of one system."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": f"Quintet: {system.api.title}",
        "Metadata": metadata(of_system()),
        "Parameters": parameters(system),
        "Conditions": {"HasDomain": {"Fn::Not": [{"Fn::Equals": [Ref("DomainName"), ""]}]}},
        "Globals": shared(system),
        "Resources": {
            "Table": table(),
            "Logs": _logs(),
            "DeadLetters": _dead_letters(),
            **({KEY: key()} if system.seals else {}),
            **gateway(system),
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


def table() -> Resource:
    """The system's one table, of the shape the laptop has too. It outlives its stack."""
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
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
            "DeletionProtectionEnabled": Ref("DeletionProtection"),
        },
    }


def key() -> Resource:
    """The key that personal identifiers are encrypted under. It outlives its stack: without it they are lost."""
    account = {
        "Sid": "PoliciesOfTheAccountDecide",
        "Effect": "Allow",
        "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {
        "Type": "AWS::KMS::Key",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Description": Sub("${Prefix}: personal identifiers"),
            "EnableKeyRotation": True,
            "PendingWindowInDays": 30,
            "KeyPolicy": {"Version": "2012-10-17", "Statement": [account]},
        },
    }


def _logs() -> Resource:
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": Sub("/quintet/${Prefix}"), "RetentionInDays": Ref("LogRetention")},
    }


def _dead_letters() -> Resource:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"MessageRetentionPeriod": DEAD_LETTERS_KEPT, "SqsManagedSseEnabled": True},
    }
