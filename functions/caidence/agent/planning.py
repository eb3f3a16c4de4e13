"""The three roles without a language model: research, two outlines and ideas, computed from the brief."""

from collections.abc import Sequence
from typing import Final

from caidence.agent.briefs import budget_of, channels_in, deadline_of, kind_of, said_in, weeks_of
from caidence.agent.handover import Brief, Fit, Idea, Ideas, Outline, Phase, Research, Share, Strategy
from caidence.agent.knowledge import Channel, Goal, knowledge
from caidence.agent.targets import target_of
from caidence.reading.figures import Figure
from caidence.reading.phrases import inner, short
from caidence.wording import capital

_CHANNELS: Final = 4
"""Channels of a plan."""
_STEP: Final = 5
"""Percent in which budgets are split."""
_MOST_NAMED: Final = 6
"""Channels of a plan whose brief names more."""
_WEEKS: Final = {"reach": 6, "owned": 10}
"""How long a plan takes unless the goal says so."""
_OF_ANY: Final = (
    "One thing about {product} that {audience} ask first, answered in their own words, with what to do next",
    "The same thing told by somebody who knows it from their own work, with one place to ask",
)
"""Ideas for a channel that has none of its own."""


def researched(brief: Brief) -> Research:
    """What is known of the audience, what stands in the way, and which channels fit, the best first: those that the
    brief names before all others, and where it wants no others, those alone."""
    known = knowledge()
    goal, audiences, said = known.goal_of(brief.goal), known.audiences_of(brief.audience), said_in(brief)
    insights = [one.insight for one in audiences] or [
        f"Little is known of {short(brief.audience)} beforehand: five conversations tell more than any report."
    ]
    named, out, only = channels_in(said)
    ranked = [one for one in known.ranked(goal, audiences, kind_of(goal, said)) if one[1] not in (*named, *out)]
    reach, owned = (_best(ranked, kind) for kind in ("reach", "owned"))
    tones = list(dict.fromkeys(one.tone for one in audiences)) or ["plain, concrete, one thought at a time"]
    fits = [Fit(channel=one.name, why="Named in the brief.") for one in named[:_MOST_NAMED]]
    fits += [] if only else [Fit(channel=one.name, why=_why(one, goal, brief)) for one in (*reach, *owned)]
    return Research(insights=insights[:5], obstacles=[goal.obstacle], channels=fits[:10], tone="; ".join(tones))


def outlined(brief: Brief, research: Research) -> Strategy:
    """Two plans: A goes out to people who do not know the product, B is found by them and keeps them.

    Both draw on the researched channels, and keep to the time and the number that the goal names.
    """
    return Strategy(plan_a=_outline("reach", brief, research), plan_b=_outline("owned", brief, research))


def imagined(brief: Brief, research: Research, strategy: Strategy) -> Ideas:
    """Two ideas for the first channel of each plan, and one for each other, in the researched tone."""
    return Ideas(plan_a=_ideas(brief, research, strategy.plan_a), plan_b=_ideas(brief, research, strategy.plan_b))


def split(weights: Sequence[int]) -> list[int]:
    """Percents in steps of five by some weights, none below five, that add up to 100: the largest remainders get what
    is left. At most twenty weights."""
    units, least = 100 // _STEP, 1
    free, total = units - least * len(weights), sum(weights)
    shares = [free * weight / total for weight in weights] if total else [free / len(weights)] * len(weights)
    whole = [int(share) for share in shares]
    by_rest = sorted(range(len(weights)), key=lambda place: (whole[place] - shares[place], place))
    for place in by_rest[: free - sum(whole)]:
        whole[place] += 1
    return [_STEP * (least + part) for part in whole]


def phased(weeks: int, weights: Sequence[int]) -> list[str]:
    """The weeks of phases by their weights: `1-2`, `3-5`, `6`. In a short time a week may have several."""
    total, begun, spans = sum(weights), 0, []
    for weight in weights:
        ended = begun + weight
        first, last = begun * weeks // total + 1, max(ended * weeks // total, begun * weeks // total + 1)
        spans.append(str(first) if first == last else f"{first}-{last}")
        begun = ended
    return spans


def _outline(kind: str, brief: Brief, research: Research) -> Outline:
    known, said = knowledge(), said_in(brief)
    goal, target = known.goal_of(brief.goal), target_of(brief.goal)
    speaks_to = kind_of(goal, said)
    way = known.ways[speaks_to][kind]
    channels = _channels(kind, said, research)
    scores = {one.name: score for score, one in known.ranked(goal, known.audiences_of(brief.audience), speaks_to)}
    percents = split([scores.get(name, 1) + 2 * (len(channels) - place) for place, name in enumerate(channels)])
    budget_split = [Share(channel=name, percent=part) for name, part in zip(channels, percents, strict=True)]
    weeks = weeks_of(said) or _WEEKS[kind]
    measure = target.unit if target and target.unit else goal.measure
    told = {**_told(brief), "channels": _enumerated(channels[:3]), "early": goal.early, "measure": measure,
            "obstacle": goal.obstacle}  # fmt: skip
    spans = phased(weeks, [weight for _, weight, _ in way.phases])
    return Outline(
        name=f"{capital(short(brief.product, 40))}: {way.name}",
        summary=f"{way.summary.format(**told)} {_judged(brief, goal, measure, weeks)}{_spent(said, budget_split)}",
        timeline=[
            Phase(phase=name, weeks=span, focus=focus.format(**told)[:400])
            for (name, _, focus), span in zip(way.phases, spans, strict=True)
        ],
        budget_split=budget_split,
    )


def _channels(kind: str, said: str, research: Research) -> list[str]:
    """The channels of a plan: those that the brief names, A in their order and B the other way round, then those of its
    kind and one of the other."""
    kinds = {one.name: one.kind for one in knowledge().channels}
    found = [fit.channel for fit in research.channels]
    named = [one.name for one in channels_in(said)[0] if one.name in found]
    first = named if kind == "reach" else named[::-1]
    own = [name for name in found if name not in first and kinds.get(name, kind) == kind][: _CHANNELS - 1]
    others = [name for name in found if name not in (*first, *own)]
    others.sort(key=lambda name: kinds.get(name, kind) == kind)
    return [*first, *own, *others][: max(_CHANNELS, len(first))]


def _told(brief: Brief) -> dict[str, str]:
    """What texts say of a brief."""
    audience = inner(brief.audience)
    return {"product": inner(brief.product), "audience": audience, "Audience": capital(audience)}


def _judged(brief: Brief, goal: Goal, measure: str, weeks: int) -> str:
    """How the plan is judged, and by when: in the goal's own unit, and by its own day."""
    said = said_in(brief)
    span = "a week" if weeks == 1 else f"{weeks} weeks"
    deadline, target = deadline_of(said), target_of(brief.goal)
    until = f"by {deadline.day} {deadline:%B %Y}, in {span}" if deadline else f"after {span}"
    text = f"Whether “{short(brief.goal, 160)}” comes true shows in {measure} {until}: {goal.definition}."
    if target and (pace := target.pace(weeks)) and goal.name != "order value":
        text += f" {capital(pace)}; less than half of that after the first third means another message."
    return text


def _spent(said: str, shares: Sequence[Share]) -> str:
    """What the budget of a brief is for, share by share."""
    budget = budget_of(said)
    if budget is None:
        return ""
    parts = [Figure(budget.value * one.percent / 100, budget.currency).text + f" for {one.channel}" for one in shares]
    return f" Of the budget of {budget.text}: {_enumerated(parts)}."


def _enumerated(names: Sequence[str]) -> str:
    """Names in a row; with a comma before the last `and` where a name has one of its own."""
    *most, last = names
    comma = "," if any(" and " in name for name in names) else ""
    return f"{', '.join(most)}{comma} and {last}" if most else last


def _ideas(brief: Brief, research: Research, outline: Outline) -> list[Idea]:
    known = {one.name: one for one in knowledge().channels}
    said = said_in(brief)
    speaks_to, told = kind_of(knowledge().goal_of(brief.goal), said), _told(brief)
    turned = outline.name.endswith(knowledge().ways[speaks_to]["owned"].name)
    ideas: list[Idea] = []
    for place, name in enumerate(outline.channels):
        channel = known.get(name)
        if channel is None:
            why = next((fit.why for fit in research.channels if fit.channel == name), research.insights[0])
            ideas.append(Idea(channel=name, format="post", idea=f"One post that takes this up: {why}"[:400]))
            continue
        texts = channel.ideas_for(speaks_to) or _OF_ANY
        texts = [*texts[turned:], *texts[:turned]] if len(texts) > 1 else [*texts, *_OF_ANY]
        for number, text in enumerate(texts[: 2 if place == 0 else 1]):
            form = channel.format_for(speaks_to, number)
            ideas.append(Idea(channel=name, format=form, idea=text.format(**told)[:400]))
    return ideas


def _best(ranked: list[tuple[int, Channel]], kind: str) -> list[Channel]:
    return [one for _, one in ranked if one.kind == kind][:_CHANNELS]


def _why(channel: Channel, goal: Goal, brief: Brief) -> str:
    audiences = [one.called for one in knowledge().audiences_of(brief.audience) if one.name in channel.audiences]
    good = channel.goals.get(goal.name, channel.goals.get(goal.like, 0))
    for_goal = f"{'strong' if good >= 3 else 'good' if good == 2 else 'a help'} for {goal.name}"
    of_them = f"; {' and '.join(audiences)} are there" if audiences else ""
    if not good and not audiences:
        return "Suits what is said, and those it is for."
    return f"{capital(for_goal)}{of_them}."
