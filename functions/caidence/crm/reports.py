"""Reports as files: one for each influencer, the newest in the place of the one before, and counted as used storage."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar, Final

from pydantic import Field

from caidence.activity.log import record
from caidence.crm import xray
from caidence.crm.relationships import Relationship
from caidence.directory.entities import Organization, User
from caidence.service import store
from caidence.tenancy import usage
from quintet.api import ErrorType
from quintet.models import now
from quintet.providers import storage
from quintet.providers.errors import NotConfigured, ProviderError
from quintet.store import Entity, Keys, until_settled

LIFETIME: Final = timedelta(hours=1)
"""How long a download URL works."""
PDF: Final = "application/pdf"

STORAGE_UNAVAILABLE = ErrorType(502, "storage_unavailable", "The report could not be stored")
STORAGE_ABSENT = ErrorType(503, "storage_absent", "No place for reports is configured")


class Report(Entity):
    """The stored report on an influencer."""

    kind: ClassVar[str] = "crm_report"
    keys: ClassVar[Keys] = Keys("ORG#{organization_id}#REPORTS", "{influencer_id}")

    organization_id: str
    influencer_id: str
    size: int
    """Bytes."""
    digest: str
    """Of its contents, in which nothing but data counts."""
    created_at: datetime = Field(default_factory=now)

    @property
    def file(self) -> str:
        return f"crm/{self.organization_id}/{self.influencer_id}.pdf"


def make(user: User, who: Relationship) -> str:
    """Make the report on an influencer and answer the URL it can be downloaded from for LIFETIME.

    Raises 502 when the storage fails, 503 where there is none.
    """
    organization = store.get(Organization, id=who.organization_id)
    content = xray.render(who, organization.name if organization else "")
    new = Report(
        organization_id=who.organization_id, influencer_id=who.id, size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    with _told():
        storage.put(new.file, content, PDF)
        url = _url(new.file, who)
    until_settled(lambda: _note(user, who, new))
    return url


def make_demo(who: Relationship, organization: str) -> str:
    """The same of demo values, which belong to nobody."""
    file = f"crm/demo/{who.id}.pdf"
    with _told():
        if storage.head(file) is None:
            storage.put(file, xray.render(who, organization, demo=True), PDF)
        return _url(file, who)


def _note(user: User, who: Relationship, new: Report) -> None:
    """Write the row of a file that has other contents than the one before; raises ConditionFailed when another request
    wrote it meanwhile."""
    old = store.get(Report, organization_id=who.organization_id, influencer_id=who.id)
    if old is not None and old.digest == new.digest:
        return
    tx = store.transaction()
    if old is None:
        tx.create(new)
    else:
        tx.replace(old, new.model_copy(update={"created_at": old.created_at}), refused=None)
    usage.stored(tx, who.organization_id, new.size - (old.size if old else 0))
    text = f"Generated the report on @{who.handle}"
    record(tx, user, "report.generated", text, organization_id=who.organization_id)
    tx.commit()


def _url(file: str, who: Relationship) -> str:
    return storage.presign_download(file, LIFETIME, file_name=f"xray-{who.handle}.pdf")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotConfigured:
        raise STORAGE_ABSENT() from None
    except ProviderError as error:
        raise STORAGE_UNAVAILABLE(f"The report could not be stored: {error}") from error
