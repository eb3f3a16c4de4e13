"""A draft by three roles: the researcher hands findings to the strategist, who hands two outlines to the creative."""

from typing import Any

from caidence.agent.handover import Brief, Draft, Ideas, Research, Strategy, fitting, joined, sound, varied
from caidence.agent.planning import imagined, outlined, researched
from quintet.answers import Prompt, ask

_SECONDS = 8
"""For each of the three; together they stay within what a caller waits."""
RESEARCHER = Prompt("caidence", "researcher.v1", max_tokens=900, seconds=_SECONDS, rules="rules.v1")
STRATEGIST = Prompt("caidence", "strategist.v1", max_tokens=1400, seconds=_SECONDS, rules="rules.v1")
CREATIVE = Prompt("caidence", "creative.v1", max_tokens=1400, seconds=_SECONDS, rules="rules.v1")


def drafted(brief: Brief) -> tuple[Draft, dict[str, str]]:
    """Two plans, and the header that says who made them: `model` only where the model played all three roles.

    A role that the model does not play is computed from what the role before handed over, and the next one goes on
    from there.
    """
    said: dict[str, Any] = brief.model_dump()
    research = ask(RESEARCHER, Research, said, varied)
    findings = research.value or researched(brief)
    strategy = ask(STRATEGIST, Strategy, {**said, "research": findings}, sound)
    outlines = strategy.value or outlined(brief, findings)
    creative = ask(
        CREATIVE, Ideas, {**said, "tone": findings.tone, "insights": findings.insights, "plans": outlines},
        lambda ideas: fitting(ideas, outlines),
    )  # fmt: skip
    ideas = creative.value or imagined(brief, findings, outlines)
    draft = Draft(plan_a=joined(outlines.plan_a, ideas.plan_a), plan_b=joined(outlines.plan_b, ideas.plan_b))
    last = next((one for one in (research, strategy, creative) if one.value is None), creative)
    return draft, last.headers
