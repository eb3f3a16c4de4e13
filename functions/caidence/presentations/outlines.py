"""Outlines without a language model: the train of thought that fits the kind of source, around the title."""

import re
from collections.abc import Sequence
from typing import Final

from caidence.presentations.entities import Slide

_Outline = Sequence[tuple[str, tuple[str, ...], str]]
"""Of each slide its title, its bullets and its notes; `{t}` is the subject."""

_OPENING: Final = (
    "{t}",
    ("What this is about, in one sentence: [the point]", "Who it is for: [audience]", "What we ask for: [decision]"),
    "Open with the one sentence that everybody should remember, and say what you will ask for at the end.",
)
_CLOSING: Final = (
    "What happens next",
    ("Decide today: [decision]", "First step: [step], owner [name], by [date]", "We meet again on [date]"),
    "Repeat the point of the opening in other words. Ask for the decision, and stay silent until somebody answers.",
)
_CAMPAIGN: Final[_Outline] = (
    ("Where we stand today", ("Brand awareness: [figure]", "Share of voice: [figure]", "What customers say: [quote]"),
     "Two minutes, no more: the picture that everybody in the room agrees on."),
    ("The audience we want to move", ("Who they are: [segment]", "What they care about: [motive]",
     "Where they spend their time: [channels]"), "Describe one person: a name and a morning beat a table."),
    ("One idea carries {t}", ("The idea: [big idea]", "Why it is ours alone: [proof]", "How it sounds: [line]"),
     "Read the line aloud, slowly. Show one image, and do not explain it."),
    ("Each channel has one job", ("Reach: [channel]", "Consideration: [channel]", "Conversion: [channel]"),
     "Say what each channel is for, and what it is not for."),
    ("Creators make it believable", ("Who fits: [creators]", "What they show: [format]", "Not: [limits]"),
     "Explain the choice by fit with the audience, not by follower counts."),
    ("Budget and calendar", ("Total: [budget]", "Weeks 1 to 2: teaser", "Weeks 3 to 6: launch", "Week 7: results"),
     "Walk along the calendar from left to right. Name the two dates that cannot move."),
    ("How we will know it worked", ("Lead figure: [KPI] from [a] to [b]", "Early sign in week 2: [sign]",
     "We stop when: [limit]"), "Commit to one figure. Name the point at which the plan changes."),
)  # fmt: skip
_PITCH: Final[_Outline] = (
    ("The problem is real, and costly", ("Who has it: [customer]", "How often: [frequency]", "What it costs: [amount]"),
     "Tell it as the story of one customer."),
    ("What people do today", ("The usual way: [alternative]", "Where it breaks: [gap]", "Why now: [change]"),
     "Be fair to the alternatives; the audience uses them."),
    ("{t} solves it", ("What it does: [promise]", "How it works: [three steps]", "What it replaces: [alternative]"),
     "Show it. If there is a demonstration, this is its place."),
    ("It already works", ("Customers: [names]", "Result: [figure]", "In their words: [quote]"),
     "One result told well beats five logos."),
    ("The market is large enough", ("Who could buy: [number]", "Who first: [segment]", "How we reach them: [channel]"),
     "From the bottom up: customers times price."),
    ("What we ask for", ("Terms: [terms]", "What it makes possible: [milestone]", "By when: [date]"),
     "Say the number plainly."),
)  # fmt: skip
_REPORT: Final[_Outline] = (
    ("The result in three figures", ("[figure 1]: [change]", "[figure 2]: [change]", "[figure 3]: [change]"),
     "Begin with the result; the way there comes afterwards."),
    ("What went well", ("[success], because [reason]", "[success], because [reason]"), "Name the people behind it."),
    ("What did not", ("[shortfall], because [reason]", "[shortfall], because [reason]"),
     "Say it before somebody asks. Reasons, no excuses."),
    ("What the figures behind {t} tell us", ("Segment: [finding]", "Channel: [finding]", "Timing: [finding]"),
     "One finding a chart. Say what to look at before you show it."),
    ("What we learned", ("Keep: [practice]", "Change: [practice]", "Try: [experiment]"),
     "Each lesson is something that somebody will do differently."),
    ("What we recommend", ("Now: [action]", "This quarter: [action]", "Not yet: [action]"),
     "Three recommendations, in the order in which you would defend them."),
)  # fmt: skip
_PLAIN: Final[_Outline] = (
    ("Why {t} matters now", ("What has changed: [change]", "Whom it concerns: [people]", "Cost of waiting: [cost]"),
     "Give the audience a reason to care before any detail."),
    ("The situation in brief", ("What we know: [fact]", "What we assume: [assumption]", "What is open: [question]"),
     "Keep facts and assumptions apart; it earns trust for what follows."),
    ("What stands in the way", ("Obstacle: [obstacle]", "Its cause: [cause]", "What has been tried: [attempt]"),
     "Go to the cause. Symptoms are for the appendix."),
    ("What we propose", ("In one line: [proposal]", "How it works: [steps]", "What it leaves out: [limits]"),
     "The heart of the talk. Slow down here."),
    ("How we know it works", ("Evidence: [source]", "Example: [example]", "What could go wrong: [risk]"),
     "Bring the strongest objection yourself, and answer it."),
    ("Who does what, and when", ("[name]: [task] by [date]", "[name]: [task] by [date]", "Check-in: [date]"),
     "A plan has names and dates."),
)  # fmt: skip
_KINDS: Final[tuple[tuple[frozenset[str], _Outline], ...]] = (
    (frozenset({"campaign", "campaigns", "launch", "brief", "marketing", "strategy"}), _CAMPAIGN),
    (frozenset({"pitch", "sales", "proposal", "product", "investor", "deck"}), _PITCH),
    (frozenset({"report", "analytics", "data", "research", "results", "csv", "spreadsheet", "survey"}), _REPORT),
)  # fmt: skip
_WORDS: Final = re.compile(r"[a-z]+")
_LONGEST_SUBJECT: Final = 80


def outline(title: str, source_type: str) -> list[Slide]:
    """The slides of a presentation with this title, made from a source of this kind. What nobody has said stands in
    square brackets, for the author to fill in."""
    words = set(_WORDS.findall(source_type.casefold()))
    middle = next((slides for names, slides in _KINDS if words & names), _PLAIN)
    subject = title if len(title) <= _LONGEST_SUBJECT else title[: _LONGEST_SUBJECT - 1].rstrip() + "…"
    return [
        Slide(title=head.replace("{t}", subject), bullets=list(bullets), notes=notes)
        for head, bullets, notes in (_OPENING, *middle, _CLOSING)
    ]
