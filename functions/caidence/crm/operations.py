"""Customer relations: what an organization has with its influencers, as a list and as a report on one of them."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import CrmReader, CrmWriter
from caidence.access.rows import ORGANIZATION_NOT_FOUND, page
from caidence.campaigns.entities import Campaign, Influencer
from caidence.campaigns.states import Status as CampaignStatus
from caidence.creators.entities import Status
from caidence.creators.fields import Platform
from caidence.crm import lookup, relationships, reports, sample
from caidence.crm.lookup import INFLUENCER_NOT_FOUND
from caidence.crm.relationships import Relationship
from caidence.crm.reports import STORAGE_ABSENT, STORAGE_UNAVAILABLE
from caidence.directory.fields import Handle
from caidence.envelope import SOURCE, Id
from caidence.service import api
from quintet.api.reply import Reply
from quintet.models import Page, SkipQuery, Timestamp, now
from quintet.store import cursors

SOURCES: Final = {SOURCE: "`stored`, or `demo` while the platform has no influencers at all"}

Source = Literal["stored", "demo"]


class CampaignOfReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    name: str
    status: CampaignStatus


class RelationshipReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    creator_id: Annotated[str | None, Field(description="Who they are on the roster")]
    handle: str
    name: str
    platform: str
    status: Status
    campaigns: Annotated[int, Field(description="In how many campaigns they were")]
    total_spend: Annotated[
        int, Field(description="Minor units: their equal part of what each of these campaigns spent meanwhile")
    ]
    history: Annotated[
        list[CampaignOfReply], Field(description=f"The newest campaigns that are there still, {relationships.LATEST}")
    ]
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, who: Relationship, campaigns: list[CampaignOfReply]) -> "RelationshipReply":
        return cls(
            id=who.id, organization_id=who.organization_id, creator_id=who.creator_id, handle=who.handle,
            name=who.name, platform=who.platform, status=who.status, campaigns=who.campaigns, total_spend=who.spend,
            history=campaigns, created_at=who.created_at, updated_at=who.changed_at,
        )  # fmt: skip


class ReportQuery(BaseModel):
    model_config = ConfigDict(defer_build=True)

    handle: Handle
    platform: Annotated[
        Platform | None, Field(description="Where several have the handle; without it who came first")
    ] = None
    organization_id: Annotated[
        Id | None, Field(description="For super admins, where several organizations have the handle")
    ] = None


class ReportReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    download_url: Annotated[str, Field(description="Where the PDF is, until `expires_at`")]
    expires_at: Timestamp


@api.get("/crm/relationships", needs={"table:read"}, headers=SOURCES)
def list_relationships(query: SkipQuery, caller: CrmReader) -> Reply[Page[RelationshipReply]]:
    """List the relationships with influencers and creators, the newest first

    With the campaigns they were in and what was spent on them: of all organizations for super admins, for others of
    their own. Who is on the roster has its status; of others `active` are those in an active campaign, `past` those on
    whom money was spent before, and the rest are prospects.
    """
    found = page(caller, Influencer, query)
    if found.total == 0 and lookup.is_empty():
        shown = cursors.cut(sample.relationships(), query, "crm demo", lambda who: who.id)
        return _answer(shown.map(_demo), "demo")
    people = list(found.items)
    rows = zip(relationships.known(people), relationships.latest(people), strict=True)
    replies = [RelationshipReply.of(who, [_named(campaign) for campaign in campaigns]) for who, campaigns in rows]
    return _answer(Page(replies, found.total, found.page, found.page_size, found.next_cursor), "stored")


@api.post(
    "/crm/generate-report",
    errors=[INFLUENCER_NOT_FOUND, ORGANIZATION_NOT_FOUND, STORAGE_UNAVAILABLE, STORAGE_ABSENT],
    needs={"table:write", "storage:write", "storage:read"},
    headers=SOURCES,
    layers=("documents",),
    memory=1769,  # a whole processor: setting the text is all that takes time
)
def generate_report(query: ReportQuery, caller: CrmWriter) -> Reply[ReportReply]:
    """Generate an X-Ray report of an influencer

    A PDF with the key figures, what stands out, a chart, and the newest campaigns with all their figures. The same data
    make the same file.
    """
    expires_at = now() + reports.LIFETIME
    demo = next((who for who in sample.relationships() if who.handle == query.handle), None)
    if demo is not None and lookup.is_empty():
        url = reports.make_demo(demo, sample.ORGANIZATION)
        return Reply(ReportReply(download_url=url, expires_at=expires_at), headers={SOURCE: "demo"})
    influencer = lookup.named(caller, query.handle, query.organization_id, query.platform)
    url = reports.make(caller.account, relationships.told(influencer))
    return Reply(ReportReply(download_url=url, expires_at=expires_at), headers={SOURCE: "stored"})


def _answer(found: Page[RelationshipReply], source: Source) -> Reply[Page[RelationshipReply]]:
    return Reply(found, headers={SOURCE: source})


def _named(campaign: Campaign) -> CampaignOfReply:
    return CampaignOfReply(id=campaign.id, name=campaign.name, status=campaign.status)


def _demo(who: Relationship) -> RelationshipReply:
    records = [CampaignOfReply(id=record.id, name=record.name, status=record.status) for record in who.history]
    return RelationshipReply.of(who, records)
