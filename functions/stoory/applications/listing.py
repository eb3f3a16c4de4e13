"""Lists of applications: whose they are and which fit.

A list is one Query of one listing. With a status it reads the whole listing and keeps what fits: the total is exact,
the cost is the listing's length. An influencer has at most one application to a campaign, which its claim names.
"""

from collections.abc import Mapping
from typing import Any

from quintet.errors import ErrorType
from quintet.models import Page, PageQuery
from quintet.store import cursors
from quintet.store.entity import IndexName
from stoory.applications.entities import Applicant, Application
from stoory.applications.states import ApplicationStatus
from stoory.campaigns.store import owned
from stoory.service import Role, User, store

CAMPAIGN_REQUIRED = ErrorType(400, "invalid_query", "Validation failed")


def applications_for(
    viewer: User, campaign_id: str | None, status: ApplicationStatus | None, query: PageQuery
) -> Page[Application]:
    """A page of the viewer's applications, newest first: a brand's to its campaigns, an influencer's own.

    Admins name a campaign. Raises 404 and 403 for a campaign that a brand does not have, 400 when an admin names none.
    """
    scope = f"applications|{campaign_id}|{status}"
    if viewer.role == Role.INFLUENCER and campaign_id is not None:
        own = _own(viewer.id, campaign_id)
        return cursors.cut([found for found in own if status in (None, found.status)], query, scope, _time)
    index, fields = _listing(viewer, campaign_id)
    if status is None:
        return store.page(Application, index, query, **fields)
    members = store.each(Application, index, **fields)
    return cursors.cut([found for found in members if found.status is status], query, scope, _time)


def _listing(viewer: User, campaign_id: str | None) -> tuple[IndexName, Mapping[str, Any]]:
    if viewer.role == Role.INFLUENCER:
        return "gsi2", {"influencer_id": viewer.id}
    if viewer.role == Role.BRAND:
        if campaign_id is None:
            return "gsi3", {"brand_id": viewer.id}
        owned(campaign_id, viewer.id)
    if campaign_id is None:
        raise CAMPAIGN_REQUIRED(details=[{"field": "campaignId", "message": "campaignId is required"}])
    return "gsi1", {"campaign_id": campaign_id}


def _own(influencer_id: str, campaign_id: str) -> list[Application]:
    claim = store.get(Applicant, campaign_id=campaign_id, influencer_id=influencer_id)
    found = store.get(Application, id=claim.application_id) if claim else None
    return [found] if found else []


def _time(application: Application) -> str:
    """When it was made: ids sort by time."""
    return application.id
