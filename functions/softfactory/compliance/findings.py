"""What in the figures somebody must look into."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

Severity = Literal["critical", "warning", "info"]


class Finding(BaseModel):
    """Something to look into, and how many of it there are. A figure that is all right makes no finding."""

    model_config = ConfigDict(defer_build=True)

    severity: Severity
    code: str
    message: str
    count: int


def found(*candidates: tuple[int, Severity, str, str]) -> list[Finding]:
    """The findings of those whose number is not zero, the most severe first."""
    order = ("critical", "warning", "info")
    made: Iterable[Finding] = (
        Finding(severity=severity, code=code, message=message, count=count)
        for count, severity, code, message in candidates
        if count
    )
    return sorted(made, key=lambda finding: order.index(finding.severity))
