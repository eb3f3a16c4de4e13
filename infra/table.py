"""The shape of a system's one DynamoDB table: the same in AWS, on the laptop and in DynamoDB Local."""

from __future__ import annotations

from typing import Any

INDEXES = ("GSI1", "GSI2", "GSI3")
EXPIRES = "expires_at"


def table(name: str) -> dict[str, Any]:
    """The arguments of `CreateTable`: PK and SK, three overloaded indexes, a stream, on-demand billing."""
    keys = ["PK", "SK", *(f"{index}{part}" for index in INDEXES for part in ("PK", "SK"))]
    return {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": _schema("PK", "SK"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index,
                "KeySchema": _schema(f"{index}PK", f"{index}SK"),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in INDEXES
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
