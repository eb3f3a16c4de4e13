"""Puts the probe under a role of the deployed stacks and reads what it may and may not do."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.deploy.cloud import Cloud
from tests.deploy.deployment import RUNTIME

Try = tuple[str, str, dict[str, Any]]
KEY = {"PK": {"S": "PROBE#1"}, "SK": {"S": "PROBE"}}
STRANGER = "stranger"
"""Name of a table and a secret that belong to no system."""


def make_strangers(cloud: Cloud) -> None:
    """What no role of any system may touch."""
    dynamodb, secrets = cloud.client("dynamodb"), cloud.client("secretsmanager")
    keys = [("PK", "HASH"), ("SK", "RANGE")]
    dynamodb.create_table(
        TableName=STRANGER,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    secrets.create_secret(Name=STRANGER, SecretString="{}")
    cloud.client("s3").create_bucket(Bucket="strangers-bucket")


def own(table: str, secret: str) -> dict[str, Try]:
    """What some roles may do with their own system's table and secret, by the IAM action it takes."""
    return {
        "dynamodb:GetItem": ("dynamodb", "get_item", {"TableName": table, "Key": KEY}),
        "dynamodb:PutItem": ("dynamodb", "put_item", {"TableName": table, "Item": KEY}),
        "dynamodb:DeleteItem": ("dynamodb", "delete_item", {"TableName": table, "Key": KEY}),
        "secretsmanager:GetSecretValue": ("secretsmanager", "get_secret_value", {"SecretId": secret}),
    }


def never(table: str, bucket: str, function: str) -> dict[str, Try]:
    """What no function may do, even to what is its own system's."""
    return {
        "scan its own table": ("dynamodb", "scan", {"TableName": table}),
        "delete its own table": ("dynamodb", "delete_table", {"TableName": table}),
        "change its own table": (
            "dynamodb", "update_table", {"TableName": table, "DeletionProtectionEnabled": False},
        ),
        "list tables": ("dynamodb", "list_tables", {}),
        "read a file of another system": ("s3", "get_object", {"Bucket": bucket, "Key": "stranger/file"}),
        "write a file of another system": ("s3", "put_object", {"Bucket": bucket, "Key": "stranger/file"}),
        "delete a function": ("lambda", "delete_function", {"FunctionName": function}),
        "write to another bucket": ("s3", "put_object", {"Bucket": "strangers-bucket", "Key": "file"}),
        "make a user": ("iam", "create_user", {"UserName": "intruder"}),
    }  # fmt: skip


def foreign(table: str, secret: str) -> dict[str, Try]:
    """What nobody may do with another system's table and secret."""
    return {
        f"read {table}": ("dynamodb", "get_item", {"TableName": table, "Key": KEY}),
        f"query {table}": (
            "dynamodb", "query",
            {"TableName": table, "KeyConditionExpression": "PK = :p", "ExpressionAttributeValues": {":p": KEY["PK"]}},
        ),
        f"write {table}": ("dynamodb", "put_item", {"TableName": table, "Item": KEY}),
        f"write {table} in a transaction": (
            "dynamodb", "transact_write_items", {"TransactItems": [{"Put": {"TableName": table, "Item": KEY}}]},
        ),
        f"scan {table}": ("dynamodb", "scan", {"TableName": table}),
        f"delete {table}": ("dynamodb", "delete_table", {"TableName": table}),
        f"read the secret {secret}": ("secretsmanager", "get_secret_value", {"SecretId": secret}),
    }  # fmt: skip


def probed(cloud: Cloud, role: str, tries: dict[str, Try]) -> dict[str, str]:
    """What came of each try of a function under the role of this ARN."""
    functions, name = cloud.client("lambda"), f"probe-{uuid4()}"
    functions.create_function(
        FunctionName=name, Runtime=RUNTIME, Role=role, Handler="probe.handler", Timeout=60, Code={"ZipFile": _zip()}
    )
    try:
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(tries))
        found: dict[str, str] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, found
        return found
    finally:
        with suppress(functions.exceptions.ResourceNotFoundException):
            functions.delete_function(FunctionName=name)


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("probe.py", Path(__file__).with_name("probe.py").read_text())
    return packed.getvalue()
