"""What tests of roles and permissions ask often."""

from __future__ import annotations

from typing import Any

from quintet.testing import Client
from quintet.testing.client import Answer

RBAC = "/api/v1/rbac"


def check(client: Client, permission: str, **where: Any) -> Answer:
    resource, _, action = permission.partition(":")
    return client.post(f"{RBAC}/check", {"resource": resource, "action": action, **where})


def log(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{RBAC}/audit-log", query=query)
    assert answer.status == 200, answer
    entries: list[dict[str, Any]] = answer.body
    return entries


def role_id(client: Client, name: str) -> str:
    return next(str(role["id"]) for role in client.get(f"{RBAC}/roles").body if role["name"] == name)


def field(answer: Answer) -> list[str]:
    """Which fields a 422 names."""
    assert answer.status == 422, answer
    return [".".join(str(part) for part in problem["loc"]) for problem in answer.body["detail"]]
