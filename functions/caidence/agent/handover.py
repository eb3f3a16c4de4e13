"""What the roles of a draft hand over: research to the strategist, outlines to the creative, ideas to the plans."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import Length, Text

Words = Annotated[Text, Length(1, 400)]
Name = Annotated[Text, Length(1, 80)]


class Brief(BaseModel):
    """What a campaign is drafted from."""

    model_config = ConfigDict(defer_build=True)

    goal: Annotated[Text, Length(1, 1000)]
    product: Annotated[Text, Length(1, 1000)]
    audience: Annotated[Text, Length(1, 1000)]


class Fit(BaseModel):
    """A channel, and why it fits."""

    model_config = ConfigDict(defer_build=True)

    channel: Name
    why: Words


class Research(BaseModel):
    """What the researcher hands to the strategist: who they are, what stands in the way, where they are."""

    model_config = ConfigDict(defer_build=True)

    insights: Annotated[list[Words], Field(min_length=1, max_length=5)]
    obstacles: Annotated[list[Words], Field(min_length=1, max_length=4)]
    channels: Annotated[list[Fit], Field(min_length=1, max_length=10)]
    tone: Words


class Phase(BaseModel):
    """A part of a plan's time."""

    model_config = ConfigDict(defer_build=True)

    phase: Name
    weeks: Annotated[str, Field(min_length=1, max_length=40, description="Such as `1-2`")]
    focus: Words


class Share(BaseModel):
    """A channel's share of the budget, in percent."""

    model_config = ConfigDict(defer_build=True)

    channel: Name
    percent: Annotated[int, Field(ge=1, le=100)]


class Outline(BaseModel):
    """One plan without its ideas."""

    model_config = ConfigDict(defer_build=True)

    name: Name
    summary: Annotated[Text, Length(1, 1200)]
    timeline: Annotated[list[Phase], Field(min_length=2, max_length=6)]
    budget_split: Annotated[list[Share], Field(min_length=1, max_length=6)]

    @property
    def channels(self) -> list[str]:
        return [share.channel for share in self.budget_split]


class Strategy(BaseModel):
    """What the strategist hands to the creative: two plans that differ in their idea."""

    model_config = ConfigDict(defer_build=True)

    plan_a: Outline
    plan_b: Outline


class Idea(BaseModel):
    """Something to make for a channel."""

    model_config = ConfigDict(defer_build=True)

    channel: Name
    format: Name
    idea: Words


class Ideas(BaseModel):
    """What the creative adds."""

    model_config = ConfigDict(defer_build=True)

    plan_a: Annotated[list[Idea], Field(min_length=2, max_length=12)]
    plan_b: Annotated[list[Idea], Field(min_length=2, max_length=12)]


class Plan(BaseModel):
    """One plan as a draft shows it."""

    model_config = ConfigDict(defer_build=True)

    name: str
    summary: str
    channels: list[str]
    timeline: list[Phase]
    content_ideas: list[Idea]
    budget_split: Annotated[dict[str, int], Field(description="Percent by channel; they add up to 100")]


class Draft(BaseModel):
    """Two plans for one brief."""

    model_config = ConfigDict(defer_build=True)

    plan_a: Plan
    plan_b: Plan


def varied(research: Research) -> Research:
    """Research from which two plans can be made; raises ValueError for less."""
    if len({fit.channel.casefold() for fit in research.channels}) < len(research.channels):
        raise ValueError("channels names one twice")
    return research


def sound(strategy: Strategy) -> Strategy:
    """A strategy that adds up; raises ValueError with what does not."""
    for name, outline in (("plan_a", strategy.plan_a), ("plan_b", strategy.plan_b)):
        if sum(share.percent for share in outline.budget_split) != 100:
            message = f"the percents of {name}.budget_split must add up to 100"
            raise ValueError(message)
        if len(set(outline.channels)) != len(outline.channels):
            message = f"{name}.budget_split names a channel twice"
            raise ValueError(message)
    if strategy.plan_a.name.casefold() == strategy.plan_b.name.casefold():
        raise ValueError("the two plans must differ, in their names, too")
    return strategy


def fitting(ideas: Ideas, strategy: Strategy) -> Ideas:
    """Ideas that are for the channels of their plans; raises ValueError for others."""
    for name, found, outline in (("plan_a", ideas.plan_a, strategy.plan_a), ("plan_b", ideas.plan_b, strategy.plan_b)):
        foreign = sorted({idea.channel for idea in found} - set(outline.channels))
        if foreign:
            message = f"{name} has ideas for channels that are not in its outline: {', '.join(foreign)[:200]}"
            raise ValueError(message)
    return ideas


def joined(outline: Outline, ideas: list[Idea]) -> Plan:
    """A plan of its outline and its ideas."""
    return Plan(
        name=outline.name,
        summary=outline.summary,
        channels=outline.channels,
        timeline=outline.timeline,
        content_ideas=ideas,
        budget_split={share.channel: share.percent for share in outline.budget_split},
    )
