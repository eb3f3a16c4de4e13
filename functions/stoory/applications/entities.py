"""Applications of influencers to campaigns, and the claim that each influencer has at most one per campaign."""

from decimal import Decimal
from typing import ClassVar

from quintet.errors import ErrorType
from quintet.models import Timestamp
from quintet.store import Entity, Index, Keys
from stoory.applications.states import ApplicationStatus, Phase

APPLICATION_NOT_FOUND = ErrorType(404, "application_not_found", "Application not found")


class Application(Entity):
    """One influencer's application to one campaign. Amounts are paise, all None until it is accepted."""

    kind: ClassVar[str] = "application"
    keys: ClassVar[Keys] = Keys(
        "APPLICATION#{id}",
        "APPLICATION",
        gsi1=Index("CAMPAIGN#{campaign_id}#APPLICATIONS", "{id}", counted=True),
        gsi2=Index("INFLUENCER#{influencer_id}#APPLICATIONS", "{id}", counted=True),
        gsi3=Index("BRAND#{brand_id}#APPLICATIONS", "{id}", counted=True),
    )

    id: str
    campaign_id: str
    brand_id: str
    influencer_id: str
    status: ApplicationStatus = ApplicationStatus.PENDING
    phase: Phase | None = None
    requires_script: bool | None = None
    agreed_amount: int | None = None
    platform_fee_percent: Decimal | None = None
    platform_fee_amount: int | None = None
    net_amount: int | None = None
    created_at: Timestamp
    updated_at: Timestamp


class Applicant(Entity):
    """That an influencer applied to a campaign; its existence is what makes a second application fail."""

    kind: ClassVar[str] = "applicant"
    keys: ClassVar[Keys] = Keys("CAMPAIGN#{campaign_id}", "APPLICANT#{influencer_id}", order="ascending")

    campaign_id: str
    influencer_id: str
    application_id: str
