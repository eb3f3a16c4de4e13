"""The three roles without a language model: research, two outlines and ideas, computed from the brief."""

from collections.abc import Sequence
from typing import Final

from caidence.agent.handover import Brief, Fit, Idea, Ideas, Outline, Phase, Research, Share, Strategy
from caidence.agent.knowledge import Channel, Goal, knowledge, weeks_of
from caidence.agent.targets import target_of
from caidence.reading.phrases import inner, short
from caidence.wording import capital

_CHANNELS: Final = 4
"""Channels of a plan."""
_STEP: Final = 5
"""Percent in which budgets are split."""
_WEEKS: Final = {"reach": 6, "owned": 10}
"""How long a plan takes unless the goal says so."""
_PHASES: Final = {
    "reach": (
        ("Be noticed", 1, "Show {product} where {audience} look anyway. Watch {early}; drop what does not move it."),
        ("Be tried", 1, "Everything on one message and one request; answer every comment within the hour."),
        ("Be passed on", 1, "Let the first customers speak, and answer the doubts. {obstacle}"),
    ),
    "owned": (
        ("Lay the ground", 2, "Five talks with them: what made them look, what held them back? Build the page on it."),
        ("Keep the rhythm", 3, "One useful thing a week, on the same day. Watch {early} before you judge {measure}."),
        ("Bring it in", 1, "Make the offer to those who came back; write down what to repeat."),
    ),
}  # fmt: skip


def researched(brief: Brief) -> Research:
    """What is known of the audience, what stands in the way, and which channels fit, the best first."""
    known = knowledge()
    goal, audiences = known.goal_of(brief.goal), known.audiences_of(brief.audience)
    insights = [one.insight for one in audiences] or [
        f"Little is known of {short(brief.audience)} beforehand: five conversations tell more than any report."
    ]
    ranked = known.ranked(goal, audiences)
    reach, owned = (_best(ranked, kind) for kind in ("reach", "owned"))
    tones = list(dict.fromkeys(one.tone for one in audiences)) or ["plain, concrete, one thought at a time"]
    return Research(
        insights=insights[:5],
        obstacles=[goal.obstacle],
        channels=[Fit(channel=one.name, why=_why(one, goal, brief)) for one in (*reach, *owned)],
        tone="; ".join(tones),
    )


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
    known = knowledge()
    goal = known.goal_of(brief.goal)
    scores = {one.name: score for score, one in known.ranked(goal, known.audiences_of(brief.audience))}
    kinds = {one.name: one.kind for one in known.channels}
    found = [fit.channel for fit in research.channels]
    own = [name for name in found if kinds.get(name, kind) == kind][: _CHANNELS - 1]
    others = sorted((name for name in found if name not in own), key=lambda name: kinds.get(name, kind) == kind)
    channels = [*own, *others][:_CHANNELS]
    percents = split([scores.get(name, 1) + 2 * (name in own) for name in channels])
    weeks = weeks_of(brief.goal) or _WEEKS[kind]
    told = {"product": inner(brief.product), "audience": inner(brief.audience), "early": goal.early,
            "measure": goal.measure, "obstacle": goal.obstacle}  # fmt: skip
    phases = _PHASES[kind]
    spans = phased(weeks, [weight for _, weight, _ in phases])
    return Outline(
        name=_name(kind, brief),
        summary=_summary(kind, brief, goal, channels, weeks),
        timeline=[
            Phase(phase=name, weeks=span, focus=focus.format(**told)[:400])
            for (name, _, focus), span in zip(phases, spans, strict=True)
        ],
        budget_split=[Share(channel=name, percent=part) for name, part in zip(channels, percents, strict=True)],
    )


def _name(kind: str, brief: Brief) -> str:
    product = capital(short(brief.product, 40))
    return f"{product}: seen and tried" if kind == "reach" else f"{product}: found and kept"


def _summary(kind: str, brief: Brief, goal: Goal, channels: list[str], weeks: int) -> str:
    product, audience = inner(brief.product), inner(brief.audience)
    way = (
        f"Go where {audience} already are: {channels[0]} and {channels[1]} carry {product} to people who have not "
        f"heard of it, and {channels[-1]} catches those who want more."
        if kind == "reach"
        else f"Be there when {audience} look for it: {channels[0]} and {channels[1]} answer their questions and bring "
        f"them back to {product}, and {channels[-1]} keeps new people coming."
    )
    span = "a week" if weeks == 1 else f"{weeks} weeks"
    target, measure = target_of(brief.goal), goal.measure
    number = f"Whether “{short(brief.goal, 160)}” comes true shows in {measure} after {span}: {goal.definition}."
    if target and (pace := target.pace(weeks)):
        number += f" {capital(pace)}; less than half of that after the first third means another message."
    return f"{way} {number}"


def _ideas(brief: Brief, research: Research, outline: Outline) -> list[Idea]:
    known = {one.name: one for one in knowledge().channels}
    told = {"product": inner(brief.product), "audience": inner(brief.audience)}
    ideas: list[Idea] = []
    for place, name in enumerate(outline.channels):
        channel = known.get(name)
        if channel is None:
            why = next((fit.why for fit in research.channels if fit.channel == name), research.insights[0])
            ideas.append(Idea(channel=name, format="post", idea=f"One post that takes this up: {why}"[:400]))
            continue
        for number, text in enumerate(channel.ideas[: 2 if place == 0 else 1]):
            form = channel.formats[number % len(channel.formats)]
            ideas.append(Idea(channel=name, format=form, idea=text.format(**told)[:400]))
    return ideas


def _best(ranked: list[tuple[int, Channel]], kind: str) -> list[Channel]:
    return [one for _, one in ranked if one.kind == kind][:_CHANNELS]


def _why(channel: Channel, goal: Goal, brief: Brief) -> str:
    audiences = [one.called for one in knowledge().audiences_of(brief.audience) if one.name in channel.audiences]
    good = channel.goals.get(goal.name, 0)
    for_goal = f"{'strong' if good >= 3 else 'good' if good == 2 else 'a help'} for {goal.name}"
    of_them = f"; {' and '.join(audiences)} are there" if audiences else ""
    return f"{capital(for_goal)}{of_them}."
