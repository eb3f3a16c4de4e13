"""What a system has in AWS: its table, secret, bucket and sender, made for a test.

Where the mock stands for a service they are put into it directly: asked for by requests, they would take as long as
many a test itself.
"""

from __future__ import annotations

from typing import Any

from quintet.net import aws
from quintet.settings import Settings, settings

ATTRIBUTES = ("PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK", "GSI3PK", "GSI3SK")


def make(found: Settings, secret: str, sender: str) -> None:
    """Make the table, the secret with this content and the bucket that the settings name, and a verified sender."""
    create_table(found.table)
    if _mocked("secretsmanager"):
        _backend("secretsmanager").create_secret(found.secret, secret, None, "", [], None, None, [], False)
    else:
        aws.client("secretsmanager").create_secret(Name=found.secret, SecretString=secret)
    if _mocked("s3"):
        _backend("s3", "aws").create_bucket(found.bucket, settings().region)
    else:
        aws.client("s3").create_bucket(Bucket=found.bucket)
    if not _mocked("sesv2"):
        aws.client("sesv2").create_email_identity(EmailIdentity=sender)
    elif sender not in _backend("ses").email_identities:  # kept for all systems of the process
        _backend("sesv2").create_email_identity(sender, None, None, None)


def create_table(name: str) -> None:
    """A table of the shape every system has: PK and SK, three indexes over everything, TTL, stream."""
    shape = table_definition(name)
    ttl = {"Enabled": True, "AttributeName": "expires_at"}
    if not _mocked("dynamodb"):
        aws.client("dynamodb").create_table(**shape)
        aws.client("dynamodb").update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
        return
    _backend("dynamodb").create_table(
        name,
        schema=shape["KeySchema"],
        attr=shape["AttributeDefinitions"],
        global_indexes=shape["GlobalSecondaryIndexes"],
        indexes=[],
        billing_mode=shape["BillingMode"],
        throughput=None,
        streams=None,
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    _backend("dynamodb").update_time_to_live(name, ttl)


def delete_table(name: str) -> None:
    """Delete a table with all it holds."""
    if _mocked("dynamodb"):
        _backend("dynamodb").delete_table(name)
    else:
        aws.client("dynamodb").delete_table(TableName=name)


def table_definition(name: str) -> dict[str, Any]:
    """CreateTable's arguments."""

    def keys(prefix: str = "") -> list[dict[str, str]]:
        return [
            {"AttributeName": prefix + "PK", "KeyType": "HASH"},
            {"AttributeName": prefix + "SK", "KeyType": "RANGE"},
        ]

    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": keys(),
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": "S"} for a in ATTRIBUTES],
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": keys(index), "Projection": {"ProjectionType": "ALL"}}
            for index in ("GSI1", "GSI2", "GSI3")
        ],
    }


def _mocked(service: str) -> bool:
    """True where no endpoint is set, such as that of DynamoDB Local."""
    return not aws.endpoint(service)


def _backend(service: str, place: str | None = None) -> Any:
    from moto.backends import get_backend
    from moto.core.models import DEFAULT_ACCOUNT_ID

    kept: Any = get_backend
    return kept(service)[DEFAULT_ACCOUNT_ID][place or settings().region]
