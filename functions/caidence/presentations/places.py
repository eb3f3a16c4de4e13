"""Which presentations a caller sees: their organization's, and their own from before they belonged to one."""

from caidence.access.callers import User
from caidence.access.places import place_of
from caidence.presentations.entities import Presentation
from caidence.service import store
from quintet.api import ErrorType

PRESENTATION_NOT_FOUND = ErrorType(404, "presentation_not_found", "Presentation not found")


def found(caller: User, id: str) -> Presentation:
    """A presentation that the caller sees: their organization's, or their own from before they belonged to one. Super
    admins see all. Raises 404."""
    places = [place_of(caller.account), caller.id]
    if caller.is_super:
        places = [row.place for row in store.query(Presentation, "gsi1", begins=id, limit=1).items]
    rows = (store.get(Presentation, place=place, id=id) for place in dict.fromkeys(places))
    row = next((row for row in rows if row is not None), None)
    if row is None:
        raise PRESENTATION_NOT_FOUND()
    return row
