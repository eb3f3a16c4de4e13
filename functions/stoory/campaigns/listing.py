"""Lists of campaigns: which listings hold what a viewer asks for and may see, and one page of it.

Unfiltered lists, and lists by status alone or by brand alone, are one Query per listing they unite: one for an
influencer, two for a brand, which sees its own drafts too. Every other combination of filters reads the smallest
listing that holds it all and keeps what fits: the total is exact, the cost is that listing's length. A search reads
the postings of its words and the campaigns found.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from quintet.models import Page, PageQuery
from quintet.store import cursors
from quintet.store.entity import IndexName
from quintet.store.merge import merged_page
from quintet.store.words import WordIndex
from stoory.campaigns.entities import DRAFTS, PUBLIC, Campaign
from stoory.campaigns.rules import Filter, visible
from stoory.campaigns.states import CampaignStatus
from stoory.service import Role, User, store

INDEX = WordIndex("campaigns")

Listings = list[Mapping[str, Any]]


def texts(campaign: Campaign) -> list[str]:
    """What a search looks in; hits in the title come first."""
    return [campaign.title, campaign.description]


def campaigns_for(viewer: User, wanted: Filter, query: PageQuery) -> Page[Campaign]:
    """A page of the campaigns that `viewer` may see and asks for, newest first; a search's best hits come first."""
    scope = f"campaigns|{wanted}"
    if wanted.search is not None:
        places = INDEX.places(wanted.search)
        found = list(_searched(viewer, wanted, wanted.search, places))
        return cursors.cut(found, query, scope, lambda campaign: places[campaign.id])
    index, listings = _listings(viewer, wanted)
    if _exact(wanted):
        if not listings:
            return Page([], 0, query.page, query.page_size)
        if len(listings) == 1:
            return store.page(Campaign, index, query, **listings[0])
        return merged_page(store, Campaign, index, query, listings, scope)
    members = chain.from_iterable(store.each(Campaign, index, **fields) for fields in listings)
    fitting = [campaign for campaign in members if wanted.matches(campaign.facts())]
    newest = sorted(fitting, key=_time, reverse=True)
    return cursors.cut(newest, query, scope, _time)


def _listings(viewer: User, wanted: Filter) -> tuple[IndexName, Listings]:
    """The index, and its partitions that together hold everything wanted and nothing the viewer may not see."""
    if wanted.brand_id is not None:
        shelves = [PUBLIC, DRAFTS] if viewer.role == Role.ADMIN or viewer.id == wanted.brand_id else [PUBLIC]
        if wanted.status is not None:
            right = DRAFTS if wanted.status is CampaignStatus.DRAFT else PUBLIC
            shelves = [shelf for shelf in shelves if shelf == right]
        return "gsi1", [{"brand_id": wanted.brand_id, "shelf": shelf} for shelf in shelves]
    if viewer.role == Role.ADMIN:
        return "gsi3", [{"status": status} for status in ([wanted.status] if wanted.status else CampaignStatus)]
    own: Listings = [{"audience": viewer.id}] if viewer.role == Role.BRAND else []
    if wanted.status is CampaignStatus.DRAFT:
        return "gsi2", own
    if wanted.status is not None:
        return "gsi3", [{"status": wanted.status}]
    return "gsi2", [{"audience": PUBLIC}, *own]


def _exact(wanted: Filter) -> bool:
    """Whether the listings hold nothing that is not wanted."""
    if (wanted.type, wanted.min_budget, wanted.max_budget) != (None, None, None):
        return False
    return wanted.brand_id is None or wanted.status in (None, CampaignStatus.DRAFT)


def _searched(viewer: User, wanted: Filter, text: str, hits: Iterable[str]) -> Iterable[Campaign]:
    """Those of some hits that have every word of `text` as they now are, fit the other filters and may be seen."""
    for campaign in store.get_all([Campaign.ref(id=hit) for hit in hits]):
        # What was changed while the postings were read may have lost a word since.
        if campaign is None or not INDEX.holds(text, texts(campaign)):
            continue
        if visible(campaign.facts(), Role(viewer.role), viewer.id) and wanted.matches(campaign.facts()):
            yield campaign


def _time(campaign: Campaign) -> str:
    """When it was made: ids sort by time."""
    return campaign.id
