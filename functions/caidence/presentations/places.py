"""Where presentations stand: in their author's organization, or with the author who belonged to none."""

from caidence.access.callers import User
from caidence.directory.entities import User as Account
from caidence.presentations.entities import Presentation
from caidence.service import store
from quintet.api import ErrorType
from quintet.models import Page, SkipQuery

PRESENTATION_NOT_FOUND = ErrorType(404, "presentation_not_found", "Presentation not found")


def place_of(user: Account) -> str:
    """Where a user's new presentations stand: in their organization, or with them alone where they belong to none."""
    return user.organization_id or user.id


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


def listed(caller: User, query: SkipQuery) -> Page[Presentation]:
    """Presentations that the caller sees: their organization's, newest first, then their own from before they belonged
    to it, newest first. Super admins see all."""
    if caller.is_super:
        return store.page(Presentation, "gsi1", query)
    place = place_of(caller.account)
    own = store.count(Presentation, place=caller.id) if place != caller.id else 0
    if not own:
        return store.page(Presentation, "main", query, place=place)
    # Two lists one after the other have no cursor in common: such a list is paged by `skip`.
    plain = SkipQuery(skip=query.skip, limit=query.limit)
    ours = store.page(Presentation, "main", plain, place=place)
    total, items = ours.total or 0, list(ours.items)
    if len(items) < query.limit:
        rest = SkipQuery(skip=max(0, query.skip - total), limit=query.limit - len(items))
        items += store.page(Presentation, "main", rest, place=caller.id).items
    return Page(items, total + own, query.number, query.size)
