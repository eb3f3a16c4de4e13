"""A creator's affiliate code: one each, made when it is first asked for, and where its link leads."""

import secrets
from typing import ClassVar, Final

from pydantic import Field

from caidence.activity.log import record
from caidence.affiliate.targets import with_code
from caidence.creators import roster
from caidence.creators.entities import Creator
from caidence.creators.links import platform
from caidence.directory.entities import User
from caidence.service import store
from quintet.api import ErrorType, Request
from quintet.models import now
from quintet.settings import settings
from quintet.store import Entity, Keys, equals

CODE_NOT_FOUND = ErrorType(404, "code_not_found", "Affiliate code not found")

_LETTERS: Final = "23456789abcdefghjkmnpqrstvwxyz"
"""Without those that are taken for one another: 0 and o, 1, i and l, u and v."""
_LENGTH: Final = 8


class AffiliateCode(Entity):
    """Whose a code is. `salt` goes into what visitors are told apart by, so that nobody's address can be tried out."""

    kind: ClassVar[str] = "affiliate_code"
    keys: ClassVar[Keys] = Keys("AFFILIATE#{code}", "CODE")

    code: str
    creator_id: str
    organization_id: str
    brand: str = ""
    """The brand's id whose shop tells of its sales, "" for the organization's own: the creator's when it was made."""
    target_url: str | None = None
    salt: str = Field(default_factory=lambda: secrets.token_hex(16))

    def destination(self, request: Request) -> str:
        """Where its link leads, the code in the query; to the platform's own root where nobody named a page."""
        page = self.target_url or settings().get("QUINTET_AFFILIATE_TARGET") or f"{platform(request)}/"
        return with_code(page, self.code)


def named(code: str) -> AffiliateCode:
    """The code that somebody wrote, in whatever case. Raises 404 when there is none."""
    return store.require(AffiliateCode, CODE_NOT_FOUND, code=code.strip().lower())


def given(creator: Creator, target_url: str | None, by: User) -> AffiliateCode:
    """The creator's code, made if they have none; with a `target_url` its link leads there from now on.

    Raises `ConditionFailed` when somebody wrote since the creator was read, or the new code is taken.
    """
    if creator.affiliate_code is None:
        return _made(creator, target_url, by)
    held = store.require(AffiliateCode, CODE_NOT_FOUND, code=creator.affiliate_code)
    if target_url is None or target_url == held.target_url:
        return held
    where = [equals("creator_id", creator.id)]
    return store.update(AffiliateCode, held.own_key(), put={"target_url": target_url}, where=where)


def _made(creator: Creator, target_url: str | None, by: User) -> AffiliateCode:
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    new = AffiliateCode(
        code=code,
        creator_id=creator.id,
        organization_id=creator.organization_id,
        brand=creator.brand_id or "",
        target_url=target_url,
    )
    tx = store.transaction()
    roster.change(tx, creator, creator.model_copy(update={"affiliate_code": code, "updated_at": now()}), by)
    tx.create(new)
    text = f"Made an affiliate link for @{creator.handle}"
    record(tx, by, "creator.affiliate", text, organization_id=creator.organization_id)
    tx.commit()
    return new
