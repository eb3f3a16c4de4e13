"""What a planner knows of goals, audiences and channels, and how a brief is read with it."""

import re
from functools import cache
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from caidence.reading.catalogues import catalogue

_TIME: Final = re.compile(
    r"\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a)[\s-](day|week|month|quarter|year)s?\b"
)
_WORDS: Final = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12,
}  # fmt: skip
_WEEKS: Final = {"day": 1 / 7, "week": 1, "month": 13 / 3, "quarter": 13, "year": 52}
_LONGEST: Final = 52


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
    ideas: list[str]


class Knowledge(BaseModel):
    """The contents of `knowledge.toml`."""

    model_config = ConfigDict(defer_build=True)

    goals: list[Goal]
    audiences: list[Audience]
    channels: list[Channel]

    def goal_of(self, text: str) -> Goal:
        """The kind of a goal by the words it is told in; awareness where none is known."""
        counts = [_count(goal.words, text) for goal in self.goals]
        return self.goals[counts.index(max(counts))] if max(counts) else self.goals[-1]

    def audiences_of(self, text: str) -> list[Audience]:
        """The kinds of audience that a description speaks of."""
        return [audience for audience in self.audiences if _count(audience.words, text)]

    def ranked(self, goal: Goal, audiences: list[Audience]) -> list[tuple[int, Channel]]:
        """All channels with how well they fit, the best first; those that fit alike keep their order."""
        fits = [(_fit(one, goal, audiences), one) for one in self.channels]
        return sorted(fits, key=lambda fit: -fit[0])


@cache
def knowledge() -> Knowledge:
    return Knowledge.model_validate(catalogue("caidence.agent", "knowledge.toml"))


def weeks_of(goal: str) -> int | None:
    """The weeks that a goal names, `within three months` being 13; None where it names none."""
    found = _TIME.search(goal.casefold())
    if found is None:
        return None
    count = _WORDS.get(found[1]) or int(found[1])
    return min(max(round(count * _WEEKS[found[2]]), 1), _LONGEST)


def _fit(channel: Channel, goal: Goal, audiences: list[Audience]) -> int:
    """How well a channel fits; half as well where the audience is known and not there."""
    to_goal = 3 * channel.goals.get(goal.name, 0)
    to_audience = 2 * sum(channel.audiences.get(each.name, 0) for each in audiences)
    return to_goal // 2 if audiences and not to_audience else to_goal + to_audience


def _count(words: list[str], text: str) -> int:
    folded = text.casefold()
    return sum(len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", folded)) for word in words)
