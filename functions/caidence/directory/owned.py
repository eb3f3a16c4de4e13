"""Rows that belong to an organization, and within it perhaps to a brand: the tenant comes first in their key."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from quintet.auth.permissions import Scope
from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys


def owned_keys(name: str, *, gsi2: Index | None = None, gsi3: Index | None = None) -> Keys:
    """Keys of a kind of row: listed and counted within its organization, and over all of them in the first index."""
    everywhere = Index(name, "{id}", counted=True, shards=4)
    return Keys(f"ORG#{{organization_id}}#{name}", "{id}", counted=True, gsi1=everywhere, gsi2=gsi2, gsi3=gsi3)


class Owned(Entity):
    """One row of an organization."""

    keys: ClassVar[Keys]

    id: str = Field(default_factory=new_id)
    organization_id: str
    brand_id: str | None = None
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Where a request on it is judged: its brand, then its organization."""
        organization = Scope("organization", self.organization_id)
        return (Scope("brand", self.brand_id), organization) if self.brand_id else (organization,)
