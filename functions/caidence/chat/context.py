"""What of a conversation is told to the model: its last turns, as many as a budget of tokens takes."""

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from caidence.chat.entities import Message
from quintet.answers.minimising import tokens_of

BUDGET: Final = 3000
"""Tokens of the message and the turns before it together; a model is told 4,000 at most, and some of other things."""


class Turn(BaseModel):
    """One turn as a model is told it."""

    model_config = ConfigDict(defer_build=True)

    by: str
    text: str


def within_budget(message: str, newest_first: Sequence[Message], budget: int = BUDGET) -> list[Turn]:
    """The turns right before a message that fit together with it, in the order they were said, without a gap."""
    left = budget - tokens_of(message)
    kept: list[Turn] = []
    for earlier in newest_first:
        turn = Turn(by="user" if earlier.role == "user" else "you", text=earlier.content)
        left -= tokens_of(turn.model_dump()) + 1
        if left < 0:
            break
        kept.append(turn)
    return kept[::-1]
