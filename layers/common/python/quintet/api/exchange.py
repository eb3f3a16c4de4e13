"""One request on its way through an operation, and what the stages have found out about it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from quintet.api.callers import Caller
from quintet.api.declaration import Declaration
from quintet.api.idempotency import Once
from quintet.api.reply import Answer
from quintet.api.request import Request


@dataclass(slots=True)
class Exchange:
    """What comes in, what is known, and the answer once there is one."""

    operation: Declaration[..., Any]
    request: Request
    caller: Caller | None = None
    headers: dict[str, str] = field(default_factory=dict)
    """Headers that whatever is answered carries, also a refusal."""
    arguments: dict[str, Any] = field(default_factory=dict)
    once: Once | None = None
    """The caller's idempotency key where the operation honours it."""
    result: Any = None
    answer: Answer | None = None

    @property
    def who(self) -> str:
        """The caller's id, empty for nobody."""
        return self.caller.id if self.caller is not None else ""
