"""What tests of creators ask often."""

from __future__ import annotations

from typing import Any

from caidence.creators import roster
from caidence.creators.entities import Creator
from caidence.directory.entities import Brand, Organization, User
from caidence.service import store
from quintet.models import new_id
from tests.functions.caidence.conftest import BASE

CREATORS = f"{BASE}/creators"


def make_creator(organization: Organization, brand: Brand | None = None, **fields: Any) -> Creator:
    """A creator on the roster; their handle is made from a new id unless given."""
    values = {"handle": f"ana{new_id()[-8:]}", "platform": "instagram", **fields}
    new = Creator(organization_id=organization.id, brand_id=brand.id if brand else None, **values)
    tx = store.transaction()
    roster.add(tx, new, User(email="x@example.com", full_name="X", role="agency_member"))
    tx.commit()
    return new


def stored(creator: Creator) -> Creator:
    """A creator as they are stored now."""
    found = store.get(Creator, organization_id=creator.organization_id, id=creator.id)
    assert found is not None
    return found
