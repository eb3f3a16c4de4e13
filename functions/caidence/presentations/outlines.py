"""Outlines without a language model: the train of thought that fits the kind of source, around the title, with what is
stored of the matter in the place of questions to answer."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from caidence.presentations.entities import Slide
from caidence.wording import cut

Known = Mapping[str, Sequence[str]]
"""What is stored, as bullets by the topic of a slide."""

_Outline = Sequence[tuple[str, str, tuple[str, ...], str]]
"""Of each slide its topic, its title, its bullets where nothing is stored, and its notes; `{t}` is the subject."""

_OPENING: Final = (
    "point", "{t}",
    ("The one sentence that everybody should remember", "Whom it concerns, and what we ask of them"),
    "Open with the one sentence that everybody should remember, and say what you will ask for at the end.",
)  # fmt: skip
_CLOSING: Final = (
    "next", "What happens next",
    ("Today we decide on [decision]", "The first step has one owner and one date", "We meet again to see the result"),
    "Repeat the point of the opening in other words. Ask for the decision, and stay silent until somebody answers.",
)  # fmt: skip
_CAMPAIGN: Final[_Outline] = (
    ("today", "Where we stand today", ("What people know of us", "What they say, in their words"),
     "Two minutes, no more: the picture that everybody in the room agrees on."),
    ("audience", "The audience we want to move", ("One person: who it is, and what a morning looks like",
     "What keeps them from it today"), "Describe one person: a name and a morning beat a table."),
    ("idea", "One idea carries {t}", ("The idea in one line", "Why it is ours alone"),
     "Read the line aloud, slowly. Show one image, and do not explain it."),
    ("channels", "Each channel has one job", ("Where we are met first", "Where the decision falls",
     "What we leave out"), "Say what each channel is for, and what it is not for."),
    ("creators", "Creators make it believable", ("Chosen by their audience, not by its size",
     "They show it in use; we do not write their words"), "Explain the choice by fit, not by follower counts."),
    ("budget", "Budget and calendar", ("The total, and what each part of it buys", "The two dates that cannot move"),
     "Walk along the calendar from left to right. Name the two dates that cannot move."),
    ("measure", "How we will know it worked", ("One lead figure, from where to where", "An early sign in week two",
     "The point at which we change the plan"), "Commit to one figure. Name the point at which the plan changes."),
)  # fmt: skip
_PITCH: Final[_Outline] = (
    ("problem", "The problem is real, and costly", ("Who has it, and how often", "What it costs them"),
     "Tell it as the story of one customer."),
    ("today", "What people do today", ("The usual way, and where it breaks", "What has changed, so that it is time"),
     "Be fair to the alternatives; the audience uses them."),
    ("idea", "{t} solves it", ("What it does, in one line", "How it works, in three steps"),
     "Show it. If there is a demonstration, this is its place."),
    ("result", "It already works", ("One customer, one result", "In their words"),
     "One result told well beats five logos."),
    ("channels", "The market is large enough", ("Who could buy, and who buys first", "How we reach them"),
     "From the bottom up: customers times price."),
    ("budget", "What we ask for", ("The terms", "What they make possible, and by when"), "Say the number plainly."),
)  # fmt: skip
_REPORT: Final[_Outline] = (
    ("result", "The result in a few figures", ("The figure that matters most, beside the one before",
     "Two that explain it"), "Begin with the result; the way there comes afterwards."),
    ("evidence", "What went well", ("What worked, and because of what", "Who made it work"),
     "Name the people behind it."),
    ("shortfall", "What did not", ("What fell short, and why", "What it cost us"),
     "Say it before somebody asks. Reasons, no excuses."),
    ("channels", "What the figures behind {t} tell us", ("Where it worked, by channel", "When it worked"),
     "One finding a chart. Say what to look at before you show it."),
    ("learned", "What we learned", ("What we keep", "What we change", "What we try"),
     "Each lesson is something that somebody will do differently."),
    ("measure", "What we recommend", ("Now", "This quarter", "Not yet, and why"),
     "Three recommendations, in the order in which you would defend them."),
)  # fmt: skip
_PLAIN: Final[_Outline] = (
    ("why", "Why {t} matters now", ("What has changed, and for whom", "What waiting costs"),
     "Give the audience a reason to care before any detail."),
    ("today", "The situation in brief", ("What we know", "What we assume, and what is open"),
     "Keep facts and assumptions apart; it earns trust for what follows."),
    ("cause", "What stands in the way", ("The obstacle, and its cause", "What has been tried"),
     "Go to the cause. Symptoms are for the appendix."),
    ("idea", "What we propose", ("The proposal in one line", "How it works, and what it leaves out"),
     "The heart of the talk. Slow down here."),
    ("evidence", "How we know it works", ("The best evidence there is", "What could go wrong"),
     "Bring the strongest objection yourself, and answer it."),
    ("who", "Who does what, and when", ("Each task has one name and one date", "When we look at it again"),
     "A plan has names and dates."),
)  # fmt: skip
_CAMPAIGNS: Final = frozenset({"campaign", "campaigns", "launch", "brief", "marketing", "strategy"})
_REPORTS: Final = frozenset({"report", "analytics", "data", "research", "results", "csv", "spreadsheet", "survey"})
_KINDS: Final[tuple[tuple[frozenset[str], _Outline], ...]] = (
    (_CAMPAIGNS, _CAMPAIGN),
    (frozenset({"pitch", "sales", "proposal", "product", "investor", "deck"}), _PITCH),
    (_REPORTS, _REPORT),
)
_WORDS: Final = re.compile(r"[a-z]+")
_LONGEST_SUBJECT: Final = 80
_LONGEST_BULLET: Final = 120
_MOST_BULLETS: Final = 5


def outline(title: str, source_type: str, known: Known | None = None) -> list[Slide]:
    """The slides of a presentation with this title, made from a source of this kind.

    A slide on whose topic something is known says that; the others say what belongs there.
    """
    words = set(_WORDS.findall(source_type.casefold()))
    middle = next((slides for names, slides in _KINDS if words & names), _PLAIN)
    subject, told = cut(title, _LONGEST_SUBJECT), known or {}
    return [
        Slide(
            title=head.replace("{t}", subject),
            bullets=[cut(each, _LONGEST_BULLET) for each in (told.get(topic) or bullets)[:_MOST_BULLETS]],
            notes=notes,
        )
        for topic, head, bullets, notes in (_OPENING, *middle, _CLOSING)
    ]


def is_report(source_type: str) -> bool:
    """Whether a presentation from this kind of source tells of figures."""
    return not _REPORTS.isdisjoint(_WORDS.findall(source_type.casefold()))
