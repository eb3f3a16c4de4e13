"""A whole marketing strategy: worded by a model, or computed from the role, the objective and what there is."""

import json
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.agent.briefs import weeks_of
from caidence.agent.handover import Brief, Name, Phase, Words
from caidence.agent.knowledge import Goal, knowledge
from caidence.agent.planning import phased, researched
from caidence.agent.targets import Target, target_of
from caidence.reading.phrases import short
from caidence.wording import capital
from quintet.answers import Prompt, ask
from quintet.models import Length, Line, Text

STRATEGY = Prompt("caidence", "strategy.v1", max_tokens=1800, seconds=20, rules="rules.v1")
_WEEKS: Final = 12
_MOST_ASSETS: Final = 12
_DEEPEST: Final = 4
_LONGEST_NAME: Final = 60
_ROLES: Final = (
    (("founder", "owner", "ceo"), "Decide what you will not do this quarter, and tell everybody."),
    (("social", "community"), "Answer the last twenty comments by hand, and note which questions come twice."),
    (("brand",), "Write the one sentence that must be true of everything that goes out, and test it on three people."),
    (("performance", "growth", "paid"), "Check that each conversion is counted once before you spend on any of them."),
    (("content", "copy", "editor"), "List the ten questions customers ask, and mark those without a good answer yet."),
    (("creative", "design"), "Make the same idea in three formats before you polish one."),
    (
        ("account", "agency", "manager", "director", "lead"),
        "Agree on the number, the date and who decides, in writing.",
    ),
)
"""What somebody begins with, by words of their role."""


class Task(BaseModel):
    """A channel, and what it is for."""

    model_config = ConfigDict(defer_build=True)

    channel: Name
    task: Words


class Kpi(BaseModel):
    """Something that is measured, and how."""

    model_config = ConfigDict(defer_build=True)

    measure: Name
    definition: Words


class MarketingStrategy(BaseModel):
    """A marketing strategy."""

    model_config = ConfigDict(defer_build=True)

    summary: Annotated[Text, Length(1, 1200)]
    positioning: Annotated[Text, Length(1, 800)]
    audience: Annotated[Text, Length(1, 600)]
    channels: Annotated[list[Task], Field(min_length=2, max_length=8)]
    phases: Annotated[list[Phase], Field(min_length=2, max_length=6)]
    kpis: Annotated[list[Kpi], Field(min_length=1, max_length=6)]
    risks: Annotated[list[Words], Field(min_length=1, max_length=6)]
    next_steps: Annotated[list[Words], Field(min_length=2, max_length=8)]

    def as_text(self) -> str:
        """The strategy to be read as one text of at most 10,000 characters."""
        parts = [
            self.summary,
            f"Positioning\n{self.positioning}",
            f"Audience\n{self.audience}",
            _listed("Channels", [f"{one.channel}: {one.task}" for one in self.channels]),
            _listed("Phases", [f"Weeks {one.weeks}, {one.phase}: {one.focus}" for one in self.phases]),
            _listed("Measures", [f"{one.measure}: {one.definition}" for one in self.kpis]),
            _listed("Risks", self.risks),
            _listed("Next steps", self.next_steps),
        ]
        return "\n\n".join(parts)[:10_000]


class Wish(BaseModel):
    """What a strategy is asked for with."""

    model_config = ConfigDict(defer_build=True)

    role: Annotated[Line, Length(1, 100)]
    project_type: Annotated[Line, Length(1, 100)]
    objective: Annotated[Text, Length(1, 2000)]
    assets: Any = None


def devised(wish: Wish) -> tuple[MarketingStrategy, dict[str, str]]:
    """The strategy for a wish, and the header that says who devised it."""
    facts = {"role": wish.role, "project_type": wish.project_type, "objective": wish.objective, "assets": wish.assets}
    answer = ask(STRATEGY, MarketingStrategy, {name: value for name, value in facts.items() if value})
    return answer.value or computed(wish), answer.headers


def computed(wish: Wish) -> MarketingStrategy:
    """The strategy that follows from the kind of the objective, the numbers in it, the role and the assets."""
    objective = short(wish.objective, 160)
    goal, weeks = knowledge().goal_of(wish.objective), weeks_of(wish.objective) or _WEEKS
    about = wish.objective[:1000]
    audience = about if knowledge().audiences_of(about) else "the audience"
    research = researched(Brief(goal=about, product=wish.project_type, audience=audience))
    reach, owned = research.channels[0].channel, research.channels[-4].channel
    assets = assets_of(wish.assets)
    work_with = f" It starts from what is there: {', '.join(assets[:3])}." if assets else ""
    return MarketingStrategy(
        summary=(
            f"“{objective}” is a matter of {goal.name}. Two channels carry it, {reach} to be met by new people and "
            f"{owned} to be found and to bring them back; everything else waits.{work_with} After {weeks} weeks "
            f"{goal.measure} decide whether it goes on."
        ),
        positioning=(
            "For people who have the need now, and who manage today with something that is good enough. The reason to "
            "choose otherwise must fit into one sentence that a customer would say; until it does, no campaign helps."
        ),
        audience=f"{research.insights[0]} {goal.obstacle}",
        channels=_tasks(goal, research.channels[0].channel, research.channels[1].channel, owned, assets),
        phases=_phases(goal, weeks),
        kpis=_kpis(goal, target_of(wish.objective), weeks),
        risks=[
            "Too many channels at once: add one only when another has reached its number.",
            f"Judging too early: {goal.early} move first, {goal.measure} later.",
            "Nobody answers: name one person for comments and replies, with an hour a day.",
        ],
        next_steps=_steps(wish.role, goal, owned, assets),
    )


def assets_of(assets: Any) -> list[str]:
    """What there is to work with, by name: texts, names of files, the fields of objects, at any depth."""
    found: list[str] = []

    def collect(value: Any, name: str, depth: int) -> None:
        if len(found) >= _MOST_ASSETS or depth > _DEEPEST or value is None or value is False:
            return
        if isinstance(value, dict):
            title = next((value[key] for key in ("name", "title") if isinstance(value.get(key), str)), None)
            if title:
                found.append(short(title, _LONGEST_NAME))
                return
            for key, inside in value.items():
                collect(inside, str(key), depth + 1)
        elif isinstance(value, list):
            for inside in value:
                collect(inside, name, depth + 1)
        elif isinstance(value, str) and value.strip():
            found.append(short(value, _LONGEST_NAME))
        elif name:
            found.append(short(name if value is True else f"{name}: {value}", _LONGEST_NAME))

    collect(assets, "", 0)
    return [name for name in dict.fromkeys(found) if name]


def size_of(assets: Any) -> int:
    """Characters of the assets as JSON."""
    return len(json.dumps(assets, ensure_ascii=False))


def _tasks(goal: Goal, first: str, second: str, owned: str, assets: list[str]) -> list[Task]:
    tasks = [
        Task(channel=first, task=f"Be met by people who do not know it yet; watch {goal.early}."),
        Task(channel=second, task=f"The same message in another form, once {first} has shown which one works."),
        Task(
            channel=owned,
            task=f"Answer the questions before the decision, and bring people back; counts {goal.measure}.",
        ),
    ]
    for place, asset in enumerate(assets[: len(tasks)]):
        tasks[place].task += f" Use {asset} here."
    return tasks


def _phases(goal: Goal, weeks: int) -> list[Phase]:
    spans = phased(weeks, (1, 1, 2))
    told = (
        (
            "Understand",
            f"Five talks with customers: what made them look, what held them back? To test: {goal.obstacle}",
        ),
        ("Try", f"Three messages on one channel, the same budget for each; keep the one that moves {goal.early}."),
        ("Build", f"The winner everywhere it fits, a fixed rhythm, and a look at {goal.measure} every Monday."),
    )
    return [Phase(phase=name, weeks=span, focus=focus) for (name, focus), span in zip(told, spans, strict=True)]


def _kpis(goal: Goal, target: Target | None, weeks: int) -> list[Kpi]:
    kpis = [
        Kpi(measure=capital(goal.measure), definition=capital(goal.definition)),
        Kpi(measure="Early sign", definition=capital(goal.early)),
    ]
    if target and (pace := target.pace(weeks)):
        kpis.insert(0, Kpi(measure="Pace", definition=f"{pace}; after a third of the time, a quarter of it"[:400]))
    return kpis


def _steps(role: str, goal: Goal, owned: str, assets: list[str]) -> list[str]:
    folded = role.casefold()
    own = next(
        (step for words, step in _ROLES if any(word in folded for word in words)), "Name who decides, and by when."
    )
    steps = [
        own,
        f"Write down {goal.measure} of the last eight weeks, so that there is something to compare with.",
        f"Look at {owned} as a stranger would, on a phone, and mend the first thing that annoys.",
    ]
    if assets:
        steps.append(f"Go through {', '.join(assets[:4])}: keep, mend or drop each, with a reason in half a sentence.")
    return [*steps, "Book half an hour every Monday to look at the numbers, and to stop one thing."]


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"- {line}" for line in lines)])
