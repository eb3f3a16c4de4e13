"""A whole marketing strategy: worded by a model, or computed from the role, the objective and what there is."""

import json
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.agent.briefs import budget_of, deadline_of, kind_of, said_in, weeks_of
from caidence.agent.handover import Brief, Name, Phase, Words
from caidence.agent.knowledge import Goal, Trade, knowledge
from caidence.agent.planning import phased, researched
from caidence.agent.targets import Target, target_of
from caidence.reading.phrases import inner, short
from caidence.wording import capital
from quintet.answers import Prompt, ask
from quintet.models import Length, Line, Text

STRATEGY = Prompt("caidence", "strategy.v1", max_tokens=1800, seconds=20, rules="rules.v1")
_WEEKS: Final = 12
_MOST_ASSETS: Final = 12
_DEEPEST: Final = 4
_LONGEST_NAME: Final = 60


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
    """The strategy that follows from the kind of the objective, what it names, the project, the role and the assets."""
    known, about = knowledge(), wish.objective[:1000]
    goal = known.goal_of(wish.objective)
    audience = about if known.audiences_of(about) else "the audience"
    brief = Brief(goal=about, product=wish.project_type, audience=audience)
    said = f"{said_in(brief)}\n{wish.role}"
    weeks, speaks_to = weeks_of(wish.objective) or _WEEKS, kind_of(goal, said)
    research = researched(brief)
    project, role = known.trade_of(known.projects, wish.project_type), known.trade_of(known.roles, wish.role)
    first, second, owned = _three([fit.channel for fit in research.channels])
    assets = assets_of(wish.assets)
    target = target_of(wish.objective)
    measure = target.unit if target and target.unit else goal.measure
    return MarketingStrategy(
        summary=_summary(wish, goal, measure, weeks, (first, owned), assets),
        positioning=known.positions[speaks_to],
        audience=f"{research.insights[0]} {goal.obstacle}",
        channels=_tasks(goal, speaks_to, (first, second, owned), assets),
        phases=_phases(goal, speaks_to, weeks, project),
        kpis=_kpis(goal, target, weeks, project),
        risks=[
            *(one.risk for one in (project, role) if one),
            "Too many channels at once: add one only when another has reached its number.",
            f"Judging too early: look at {goal.early} first, at {goal.measure} later.",
            "Nobody answers: name one person for comments and replies, with an hour a day.",
        ],
        next_steps=_steps(role, project, goal, owned, assets),
    )


def _three(channels: list[str]) -> tuple[str, str, str]:
    """The channel to begin with, the next one, and the one that brings people back."""
    owned = {one.name for one in knowledge().channels if one.kind == "owned"}
    last = next((name for name in channels if name in owned), channels[-1])
    others = [name for name in channels if name != last] or channels
    return others[0], others[1 % len(others)], last


def _summary(wish: Wish, goal: Goal, measure: str, weeks: int, channels: tuple[str, str], assets: list[str]) -> str:
    objective, (first, owned) = short(wish.objective, 160), channels
    kind = f"is a matter of {goal.name}" if goal.words else "is taken as it is given"
    two = f"Two channels carry it, {first} and {owned}" if first != owned else f"{first} carries it"
    deadline, budget = deadline_of(wish.objective), budget_of(wish.objective)
    until = f"By {deadline.day} {deadline:%B %Y}, in {weeks} weeks," if deadline else f"After {weeks} weeks"
    money = f" Of the budget of {budget.text}, half is spent only when {first} has shown a result." if budget else ""
    work_with = f" It starts from what is there: {', '.join(assets[:3])}." if assets else ""
    return (
        f"{capital(short(wish.project_type))}, in the hands of the {inner(wish.role)}: “{objective}” {kind}. "
        f"{two}; everything else waits.{work_with}{money} {until} it goes on or not, judged by {measure}."
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


def _tasks(goal: Goal, speaks_to: str, channels: tuple[str, str, str], assets: list[str]) -> list[Task]:
    first, second, owned = channels
    begin = "Be met by people who do not know it yet" if speaks_to == "new" else "Begin here, with one message"
    tasks = [Task(channel=first, task=f"{begin}; watch {goal.early}.")]
    if second != first:
        text = f"The same message in another form, once {first} has shown which one works."
        tasks.append(Task(channel=second, task=text))
    last = f"Answer the questions before the decision, and bring people back; count {goal.measure}."
    tasks.append(Task(channel=owned, task=last))
    for place, asset in enumerate(assets[: len(tasks)]):
        tasks[place].task += f" Use {asset} here."
    return tasks


def _phases(goal: Goal, speaks_to: str, weeks: int, project: Trade | None) -> list[Phase]:
    told: list[tuple[str, int, str]] = [
        (
            "Understand", 1,
            f"Five talks with customers: what made them look, what held them back? To test: {goal.obstacle}",
        ),
        ("Try", 1, f"Three messages on one channel, the same budget for each; keep the one that moves {goal.early}."),
        ("Build", 2, f"The winner everywhere it fits, a fixed rhythm, and a look at {goal.measure} every Monday."),
    ]  # fmt: skip
    if speaks_to != "new":
        words = {"audience": "the audience", "early": goal.early, "measure": goal.measure, "obstacle": goal.obstacle}
        way = knowledge().ways[speaks_to]["reach"]
        told = [(name, weight, focus.format(**words)) for name, weight, focus in way.phases]
    spans = phased(weeks, [weight for _, weight, _ in told])
    notes = [f" {project.phase}" if project and project.phase else "", *[""] * len(told)]
    return [
        Phase(phase=name, weeks=span, focus=f"{focus}{note}"[:400])
        for (name, _, focus), span, note in zip(told, spans, notes, strict=False)
    ]


def _kpis(goal: Goal, target: Target | None, weeks: int, project: Trade | None) -> list[Kpi]:
    kpis = [
        Kpi(measure=capital(goal.measure), definition=capital(goal.definition)),
        Kpi(measure="Early sign", definition=capital(goal.early)),
    ]
    if target and goal.name != "order value" and (pace := target.pace(weeks)):
        kpis.insert(0, Kpi(measure="Pace", definition=f"{pace}; after a third of the time, a quarter of it"[:400]))
    if project and project.measure:
        kpis.append(Kpi(measure="Of the project", definition=capital(project.measure)))
    return kpis


def _steps(role: Trade | None, project: Trade | None, goal: Goal, owned: str, assets: list[str]) -> list[str]:
    steps = [
        role.step if role else "Name who decides, and by when.",
        *([project.step] if project else []),
        f"Look back eight weeks and write down {goal.measure}, so that there is something to compare with.",
        f"Look at {owned} as a stranger would, and mend the first thing that annoys.",
    ]
    if assets:
        steps.append(f"Go through {', '.join(assets[:4])}: keep, mend or drop each, with a reason in half a sentence.")
    return [*steps, "Book half an hour every Monday to look at the numbers, and to stop one thing."]


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"- {line}" for line in lines)])
