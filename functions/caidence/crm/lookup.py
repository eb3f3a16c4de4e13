"""Whom a caller means by a handle."""

from typing import Final

from caidence.access.callers import Permitted
from caidence.access.rows import ORGANIZATION_NOT_FOUND
from caidence.campaigns import influencers
from caidence.campaigns.entities import Influencer, Namesakes
from caidence.directory.entities import Organization
from caidence.service import api, store
from quintet.api import ApiError, ErrorType
from quintet.api.errors import Problem

INFLUENCER_NOT_FOUND = ErrorType(404, "influencer_not_found", "Influencer not found")
_SEVERAL: Final = "is needed: several organizations have this handle"


def is_empty() -> bool:
    """Whether the platform has no influencers at all."""
    return store.count(Influencer, "gsi1") == 0


def named(
    caller: Permitted, handle: str, organization_id: str | None, platform: str | None = None
) -> Influencer:  # fmt: skip
    """The influencer whom the caller's organization means by a canonical handle, judged in that row's scopes.

    Where several have the handle, it is who came first, or who has it on the platform.

    A super admin may name another organization, and needs to where several have the handle. Raises 404 for what is not
    there or another organization's, 403, and 422 naming `organization_id`.
    """
    found = influencers.named(_home(caller, handle, organization_id), handle, [platform] if platform else [])
    if found is None or found.platform != (platform or found.platform):
        raise INFLUENCER_NOT_FOUND()
    caller.require(found.scopes)
    return found


def _home(caller: Permitted, handle: str, organization_id: str | None) -> str:
    own = caller.organization_id
    if organization_id is not None and organization_id != own:
        if not caller.is_super:
            raise ORGANIZATION_NOT_FOUND()
        store.require(Organization, ORGANIZATION_NOT_FOUND, id=organization_id)
        return organization_id
    if organization_id is None and caller.is_super:
        return _only(handle)
    if own is None:
        raise INFLUENCER_NOT_FOUND()
    return own


def _only(handle: str) -> str:
    """The one organization that has a handle."""
    owners = store.query(Namesakes, "gsi1", handle=handle, limit=2).items
    if not owners:
        raise INFLUENCER_NOT_FOUND()
    if len(owners) > 1:
        raise _ambiguous()
    return owners[0].organization_id


def _ambiguous() -> ApiError:
    problem = Problem("organization_id", f"organization_id {_SEVERAL}", ("query", "organization_id"), "missing")
    return api.errors.invalid(details=[problem])
