"""What a planner knows of goals, audiences and channels, and how a brief is read with it."""

import re
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from caidence.reading.catalogues import catalogue


class Goal(BaseModel):
    """A kind of goal, and how it is judged."""

    model_config = ConfigDict(defer_build=True)

    name: str
    words: list[str]
    measure: str
    definition: str
    early: str
    """What moves first when it works."""
    obstacle: str
    """What usually stands in the way."""
    like: str = ""
    """Another goal, for which the same channels are good."""
    speaks_to: Literal["new", "known", "jobs", "giving"] = "new"


class Audience(BaseModel):
    """A kind of audience."""

    model_config = ConfigDict(defer_build=True)

    name: str
    called: str
    """What it is called in a sentence."""
    words: list[str]
    insight: str
    tone: str


class Channel(BaseModel):
    """A channel: `reach` brings people who do not know the brand, `owned` those who come by themselves or come back."""

    model_config = ConfigDict(defer_build=True)

    name: str
    kind: Literal["reach", "owned"]
    goals: dict[str, int]
    audiences: dict[str, int]
    formats: list[str]
    ideas: list[str] = Field(default_factory=list)
    """For people who do not know the product."""
    known: list[str] = Field(default_factory=list)
    """For people who do."""
    quiet: list[str] = Field(default_factory=list)
    """Where the subject is grave, or about people in need."""
    jobs: list[str] = Field(default_factory=list)
    """For people who look for work."""
    giving: list[str] = Field(default_factory=list)
    """For people who give."""
    aliases: list[str] = Field(default_factory=list)
    """What else it is called, in small letters."""
    plain: str = ""
    """What is made for others than new people; its first format where it is empty."""
    named: bool = False
    """Whether it is taken only where a brief names it."""

    def format_for(self, kind: str, number: int) -> str:
        """What its idea of this number is made as."""
        return self.formats[number % len(self.formats)] if kind == "new" else self.plain or self.formats[0]

    def ideas_for(self, kind: str) -> list[str]:
        """Its ideas for those whom a plan speaks to; none where it does not suit them."""
        own = {"known": self.known, "quiet": self.quiet, "jobs": self.jobs, "giving": self.giving}
        return own.get(kind, self.ideas)


class Way(BaseModel):
    """One of two plans for those it speaks to; its texts have `{product}`, `{audience}`, `{channels}`, `{early}`,
    `{measure}` and `{obstacle}`."""

    model_config = ConfigDict(defer_build=True)

    name: str
    summary: str
    phases: list[tuple[str, int, str]]
    """Name, weight in time, focus."""


class Trade(BaseModel):
    """A kind of project or role by the words of its name, and what it changes in a strategy."""

    model_config = ConfigDict(defer_build=True)

    words: list[str]
    step: str
    phase: str = ""
    measure: str = ""
    risk: str = ""


class Knowledge(BaseModel):
    """The contents of `knowledge.toml`, `channels.toml` and `plans.toml`."""

    model_config = ConfigDict(defer_build=True)

    goals: list[Goal]
    audiences: list[Audience]
    channels: list[Channel]
    ways: dict[str, dict[str, Way]]
    """By whom they speak to, and by the kind of channel they begin with."""
    positions: dict[str, str]
    """What a strategy stands on, by whom it speaks to."""
    projects: list[Trade]
    roles: list[Trade]

    def goal_of(self, text: str) -> Goal:
        """The kind of a goal by the words it is told in; the last, the goal as it is given, where none is known."""
        counts = [_count(goal.words, text) for goal in self.goals]
        return self.goals[counts.index(max(counts))] if max(counts) else self.goals[-1]

    def audiences_of(self, text: str) -> list[Audience]:
        """The kinds of audience that a description speaks of."""
        return [audience for audience in self.audiences if _count(audience.words, text)]

    def trade_of(self, trades: list[Trade], text: str) -> Trade | None:
        """The kind of project or role that a name speaks of."""
        return next((trade for trade in trades if _count(trade.words, text)), None)

    def ranked(self, goal: Goal, audiences: list[Audience], kind: str = "new") -> list[tuple[int, Channel]]:
        """The channels that suit those a plan speaks to, with how well they fit, the best first; those that fit alike
        keep their order."""
        fits = [(_fit(one, goal, audiences), one) for one in self.channels if one.ideas_for(kind) and not one.named]
        return sorted(fits, key=lambda fit: -fit[0])


@cache
def knowledge() -> Knowledge:
    files = ("knowledge.toml", "channels.toml", "plans.toml")
    return Knowledge.model_validate({k: v for file in files for k, v in catalogue("caidence.agent", file).items()})


def _fit(channel: Channel, goal: Goal, audiences: list[Audience]) -> int:
    """How well a channel fits; half as well where the audience is known and not there."""
    to_goal = 3 * channel.goals.get(goal.name, channel.goals.get(goal.like, 0))
    to_audience = 2 * sum(channel.audiences.get(each.name, 0) for each in audiences)
    return to_goal // 2 if audiences and not to_audience else to_goal + to_audience


def _count(words: list[str], text: str) -> int:
    folded = text.casefold()
    return sum(len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", folded)) * len(word.split()) for word in words)
