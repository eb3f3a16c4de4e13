"""A table of legal moves between statuses, and the one way to read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


class Actor(StrEnum):
    """Who makes a move. PROVIDER is the payment provider, CLOCK the scheduled functions."""

    BRAND = "BRAND"
    INFLUENCER = "INFLUENCER"
    ADMIN = "ADMIN"
    CLOCK = "CLOCK"
    PROVIDER = "PROVIDER"


class IllegalMove(ValueError):
    """The status does not permit the verb; the text is what the caller reads."""

    def __init__(self, verb: str, thing: str, status: str) -> None:
        super().__init__(f"Cannot {verb} {thing}. Current status: {status}")
        self.verb, self.thing, self.status = verb, thing, status


class WrongActor(IllegalMove):
    """The status would permit the verb, but not to this actor."""


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """One row of a table: `by` may `verb` a thing that is in one of `before`, and it is `after` then."""

    verb: str
    by: frozenset[Actor]
    before: frozenset[S]
    after: S


@dataclass(frozen=True, slots=True)
class Machine(Generic[S]):
    """Every legal move of one kind of thing. A verb leads to one status, whichever row permits it."""

    thing: str
    moves: tuple[Move[S], ...]

    def transition(self, status: S, verb: str, actor: Actor) -> S:
        """The status after `actor` did `verb`.

        Raises IllegalMove when the status forbids it, WrongActor (an IllegalMove too) when only the actor does.
        """
        fitting = [move for move in self.moves if move.verb == verb and status in move.before]
        if not fitting:
            raise IllegalMove(verb, self.thing, status)
        for move in fitting:
            if actor in move.by:
                return move.after
        raise WrongActor(verb, self.thing, status)

    def final(self, status: S) -> bool:
        """Whether nothing leads away from `status`."""
        return all(status not in move.before or move.after == status for move in self.moves)
