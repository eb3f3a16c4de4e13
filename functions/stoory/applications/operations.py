"""Applications: influencers apply, brands decide, either side cancels, admins complete."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from quintet.api import ApiError, Once, Reply, Request
from quintet.models import Timestamp
from quintet.store import BUSY
from stoory.applications.entities import APPLICATION_NOT_FOUND, Application
from stoory.applications.listing import CAMPAIGN_REQUIRED, applications_for
from stoory.applications.moves import (
    ALREADY_APPLIED,
    CAMPAIGN_CLOSED,
    CAMPAIGN_OVER,
    ILLEGAL_MOVE,
    Terms,
    accept_application,
    apply,
    move,
)
from stoory.applications.states import ApplicationStatus, Phase
from stoory.campaigns.store import CAMPAIGN_NOT_FOUND, owned
from stoory.envelope import Id, ListQuery, Pagination, link
from stoory.money.amounts import Number, Rupees, to_paise, to_rupees
from stoory.money.fees import Percent, to_percent
from stoory.service import Admin, Brand, BrandOrInfluencer, Influencer, User, api, store

MOST_AT_ONCE = 100
"""Applications that one bulk call may name."""


class NewApplication(BaseModel):
    model_config = ConfigDict(defer_build=True)

    campaignId: Id  # noqa: N815 (the document's spelling, here and below)


class Acceptance(BaseModel):
    """For what an application is accepted: rupees, and the platform's share of them."""

    model_config = ConfigDict(defer_build=True)

    agreedAmount: Rupees  # noqa: N815
    platformFeePercent: Percent  # noqa: N815
    requiresScript: Annotated[  # noqa: N815
        StrictBool | None, Field(description="Whether a script comes first; what the campaign says when absent")
    ] = None

    def terms(self, *, script: bool | None) -> Terms:
        return Terms(to_paise(self.agreedAmount), to_percent(self.platformFeePercent), script)


class BulkItem(Acceptance):
    applicationId: Id  # noqa: N815
    requiresScript: Annotated[StrictBool | None, Field(description="False when absent")] = None  # noqa: N815


class BulkAcceptance(BaseModel):
    model_config = ConfigDict(defer_build=True)

    campaignId: Id  # noqa: N815
    applications: Annotated[list[BulkItem], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ApplicationReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    campaign_id: str
    influencer_id: str
    brand_id: str
    status: ApplicationStatus
    phase: Annotated[Phase | None, Field(description="Null until it is accepted, as all below up to net_amount")]
    requires_script: bool | None
    agreed_amount: Annotated[Number | None, Field(description="Rupees; fee and net amount add up to it")]
    platform_fee_percent: Number | None
    platform_fee_amount: Number | None
    net_amount: Number | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, application: Application) -> Self:
        """A stored application as replies show it."""
        stored = {**application.__dict__}
        for name in ("agreed_amount", "platform_fee_amount", "net_amount"):
            stored[name] = None if stored[name] is None else to_rupees(stored[name])
        percent = application.platform_fee_percent
        if percent is not None:
            stored["platform_fee_percent"] = int(percent) if percent == int(percent) else float(percent)
        return cls.model_validate(stored)


class OneApplication(BaseModel):
    model_config = ConfigDict(defer_build=True)

    application: ApplicationReply


class ChangedApplication(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    application: ApplicationReply


class ApplicationList(BaseModel):
    model_config = ConfigDict(defer_build=True)

    applications: list[ApplicationReply]
    pagination: Pagination


def _missing(value: object) -> bool:
    return value is None


class BulkResult(BaseModel):
    model_config = ConfigDict(defer_build=True)

    applicationId: str  # noqa: N815
    success: bool
    message: str
    application: Annotated[ApplicationReply | None, Field(description="Present on success", exclude_if=_missing)] = None


class BulkError(BaseModel):
    model_config = ConfigDict(defer_build=True)

    applicationId: str  # noqa: N815
    error: str


class BulkReply(BaseModel):
    """`success` when all succeeded; `results` in the order of the request; `errors` repeats those that failed."""

    model_config = ConfigDict(defer_build=True)

    success: bool
    message: str
    total: int
    succeeded: int
    failed: int
    results: list[BulkResult]
    errors: Annotated[list[BulkError] | None, Field(description="Present when one failed", exclude_if=_missing)] = None


class ApplicationQuery(ListQuery):
    campaignId: Id | None = None  # noqa: N815
    status: ApplicationStatus | None = None


@api.post(
    "/applications",
    status=201,
    errors=[ALREADY_APPLIED, CAMPAIGN_CLOSED, CAMPAIGN_NOT_FOUND, BUSY],
    needs={"table:write"},
)
def create(body: NewApplication, caller: Influencer, once: Once) -> ChangedApplication:
    """Apply to a campaign

    To a live one that has a place left, once.
    """

    def reply(application: Application) -> ChangedApplication:
        return _changed("Application submitted successfully", application)

    return reply(apply(body.campaignId, caller.id, lambda tx, application: once.record(tx, reply(application))))


@api.get(
    "/applications",
    errors=[CAMPAIGN_NOT_FOUND, CAMPAIGN_REQUIRED, api.errors.forbidden],
    needs={"table:read"},
    extension=True,
)
def list_applications(query: ApplicationQuery, caller: User, request: Request) -> Reply[ApplicationList]:
    """List applications, newest first

    A brand's list has those to its campaigns, an influencer's its own; admins name a campaign.
    """
    page = applications_for(caller, query.campaignId, query.status, query.wanted)
    found = [ApplicationReply.of(application) for application in page.items]
    return Reply(ApplicationList(applications=found, pagination=Pagination.of(page)), headers=link(request, page))


@api.get("/applications/{id}", errors=[APPLICATION_NOT_FOUND], needs={"table:read"}, extension=True)
def get(id: Id, caller: User) -> OneApplication:
    """Get one application

    For its brand, its influencer and admins; to others it does not exist.
    """
    application = store.require(Application, APPLICATION_NOT_FOUND, id=id)
    if not caller.is_party_or_admin(application):
        raise APPLICATION_NOT_FOUND()
    return OneApplication(application=ApplicationReply.of(application))


@api.post(
    "/applications/{id}/accept",
    errors=[APPLICATION_NOT_FOUND, ILLEGAL_MOVE, CAMPAIGN_OVER, BUSY],
    needs={"table:write"},
)
def accept(id: Id, body: Acceptance, caller: Brand) -> ChangedApplication:
    """Accept an application to the calling brand's campaign

    Takes one of the campaign's places, fixes the amounts and opens the chat.
    """
    terms = body.terms(script=body.requiresScript)
    return _changed("Application accepted successfully", accept_application(id, caller.id, terms))


@api.post(
    "/applications/bulk-accept",
    errors=[CAMPAIGN_NOT_FOUND, BUSY],
    needs={"table:write"},
    idempotent=True,
)
def bulk_accept(body: BulkAcceptance, caller: Brand) -> Reply[BulkReply]:
    """Accept several applications to one campaign

    One after the other in their order, each for itself: 200 when all were accepted, 207 when some were, 400 when none.
    """
    owned(body.campaignId, caller.id)
    results = [_accepted_of(item, body.campaignId, caller) for item in body.applications]
    errors = [BulkError(applicationId=r.applicationId, error=r.message) for r in results if not r.success]
    total, failed = len(results), len(errors)
    reply = BulkReply(
        success=not failed,
        message=f"Bulk accept completed. {total - failed} succeeded, {failed} failed.",
        total=total,
        succeeded=total - failed,
        failed=failed,
        results=results,
        errors=errors or None,
    )
    return Reply(reply, status=200 if not failed else 400 if failed == total else 207)


@api.post(
    "/applications/{id}/reject",
    errors=[APPLICATION_NOT_FOUND, ILLEGAL_MOVE, BUSY],
    needs={"table:write"},
    extension=True,
)
def reject(id: Id, caller: Brand) -> ChangedApplication:
    """Reject a pending application to the calling brand's campaign"""
    return _changed("Application rejected successfully", move(id, "reject", caller))


@api.post(
    "/applications/{id}/cancel",
    errors=[APPLICATION_NOT_FOUND, ILLEGAL_MOVE, BUSY],
    needs={"table:write"},
)
def cancel(id: Id, caller: BrandOrInfluencer) -> ChangedApplication:
    """Cancel an application that is pending or accepted

    By its brand or its influencer; an accepted one gives its place back.
    """
    return _changed("Application cancelled successfully", move(id, "cancel", caller))


@api.post(
    "/applications/{id}/complete",
    errors=[APPLICATION_NOT_FOUND, ILLEGAL_MOVE, BUSY],
    needs={"table:write"},
)
def complete(id: Id, caller: Admin) -> ChangedApplication:
    """Mark an accepted application as completed"""
    return _changed("Application marked as completed", move(id, "complete", caller))


def _changed(message: str, application: Application) -> ChangedApplication:
    return ChangedApplication(message=message, application=ApplicationReply.of(application))


def _accepted_of(item: BulkItem, campaign_id: str, caller: Brand) -> BulkResult:
    """One item of a bulk call, done or refused."""
    terms = item.terms(script=bool(item.requiresScript))
    try:
        accepted = accept_application(item.applicationId, caller.id, terms, campaign_id)
    except ApiError as refused:
        return BulkResult(applicationId=item.applicationId, success=False, message=refused.message)
    return BulkResult(
        applicationId=item.applicationId,
        success=True,
        message="Application accepted successfully",
        application=ApplicationReply.of(accepted),
    )
