"""Creators of an organization by what campaigns know of them: a handle, whatever the platform."""

from collections.abc import Iterable

from caidence.creators.entities import Creator, HandleClaim
from caidence.service import store


def named(organization_id: str, handles: Iterable[str]) -> list[Creator]:
    """The creators with these handles (as they are stored), past ones included: a Query for each handle, then a batch
    of reads."""
    claims = [
        claim
        for handle in handles
        for claim in store.query(HandleClaim, "gsi1", organization_id=organization_id, handle=handle).items
    ]
    found = store.get_all([Creator.ref(organization_id=organization_id, id=claim.creator_id) for claim in claims])
    return [creator for creator in found if creator is not None]
