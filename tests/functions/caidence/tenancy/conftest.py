"""What tests of tenants ask often."""

from __future__ import annotations

from typing import Any

from quintet.testing.client import Answer

NOBODY = "0198c0de-0000-7000-8000-000000000099"


def fields(answer: Answer) -> list[str]:
    """Where a 422 says the values stood that it refuses."""
    assert answer.status == 422, answer
    return [".".join(str(part) for part in problem["loc"]) for problem in answer.body["detail"]]


def detail(answer: Answer) -> tuple[int, Any]:
    return answer.status, answer.body["detail"]


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [row["id"] for row in answer.body]
