"""What is stored of the matter of a presentation, as far as its author may read it: for outlines and for the model."""

import re
from typing import Final

from caidence.access.callers import User
from caidence.campaigns import figures
from caidence.campaigns.entities import Campaign
from caidence.campaigns.figures import Sums
from caidence.content.entities import Content
from caidence.presentations.outlines import Known, is_report
from caidence.service import store
from caidence.wording import sentence
from quintet.models import SkipQuery

_LATEST: Final = SkipQuery(limit=50)
"""Among how many campaigns the one of a title is looked for, and among how many texts those about it."""
_WORD: Final = re.compile(r"\w{4,}")


def known_to(caller: User, title: str, source_type: str) -> Known:
    """Bullets by topic: of the campaign that the title names, or of all figures for a report, and of texts about it.

    Nothing for an account without an organization, and nothing that the direct operations would refuse to it.
    """
    organization = caller.organization_id
    if organization is None:
        return {}
    known: dict[str, list[str]] = {}
    campaign = _named(caller, organization, title)
    if campaign is not None:
        known = _of_campaign(campaign, figures.of_campaigns([campaign.id])[0])
    elif is_report(source_type) and caller.judged("analytics:read", caller.account.scopes).allowed:
        known = _of_all(organization)
    written = _texts(caller, organization, title)
    return {**known, **({"evidence": written} if written else {})}


def _named(caller: User, organization: str, title: str) -> Campaign | None:
    """The newest campaign that the title names, with all of its name or most of its words."""
    found = store.page(Campaign, "main", _LATEST, organization_id=organization).items
    return next((each for each in found if _about(title, each.name) and _may(caller, "campaign", each)), None)


def _texts(caller: User, organization: str, title: str) -> list[str]:
    found = store.page(Content, "main", _LATEST, organization_id=organization).items
    about = [each for each in found if _about(title, each.title) and _may(caller, "content", each)]
    return [f"Written for {each.platform}: {each.title}" for each in about[:4]]


def _may(caller: User, resource: str, row: Campaign | Content) -> bool:
    return caller.judged(f"{resource}:read", row.scopes).allowed


def _about(title: str, name: str) -> bool:
    asked, called = title.casefold(), name.casefold()
    words = set(_WORD.findall(called))
    return (len(called) > 3 and called in asked) or len(words & set(_WORD.findall(asked))) * 2 > max(len(words), 1)


def _of_campaign(campaign: Campaign, sums: Sums) -> dict[str, list[str]]:
    dates = [f"{word} {day.isoformat()}" for word, day in (("from", campaign.start_date), ("until", campaign.end_date))
             if day]  # fmt: skip
    said = {
        "point": [sentence(text) for text in (campaign.objective, campaign.description) if text],
        "today": [f"The campaign {campaign.name} is {campaign.status}", *_lines(sums)],
        "channels": [f"Planned: {name}" for name in campaign.channels],
        "creators": [f"{campaign.influencers} creators take part"] if campaign.influencers > 1 else [],
        "budget": [
            *([f"Budget: {_amount(campaign.budget)}"] if campaign.budget is not None else []),
            *([f"Spent so far: {_amount(sums.spend)}"] if sums.spend else []),
            *([f"It runs {' '.join(dates)}"] if dates else []),
        ],
        "result": _lines(sums),
        "measure": _lines(sums),
    }
    return {topic: bullets for topic, bullets in said.items() if bullets}


def _of_all(organization: str) -> dict[str, list[str]]:
    stored = figures.read(figures.organization(organization))
    lines = _lines(stored.total)
    ranked = sorted(stored.channels.items(), key=lambda item: -item[1].actions)
    channels = [f"{name}: {'; '.join(_lines(sums)[:2])}" for name, sums in ranked if sums.actions][:4]
    return {"result": lines, "today": lines, **({"channels": channels} if channels else {})} if lines else {}


def _lines(sums: Sums) -> list[str]:
    """What was counted, a line for each kind of it that there is."""
    told = (
        (sums.impressions, f"{sums.impressions:,} impressions"),
        (sums.clicks, f"{sums.clicks:,} clicks" + (f", {sums.ctr} % of impressions" if sums.impressions else "")),
        (sums.engagements, f"{sums.engagements:,} engagements"),
        (sums.conversions, f"{sums.conversions:,} conversions, worth {_amount(sums.revenue)}"),
        (sums.spend, f"{_amount(sums.spend)} spent"),
    )
    return [line for number, line in told if number]


def _amount(minor: int) -> str:
    """An amount of minor units, without a currency: none is stored."""
    return f"{minor // 100:,}.{minor % 100:02d}"
