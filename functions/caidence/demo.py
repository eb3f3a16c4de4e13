"""First contents of a platform: its first root administrator anywhere, and demo data for a laptop.

The demo has a root, and an agency with an administrator, a member, a brand and its administrator, a viewer, and
somebody who waits for approval. It is never for a deployed platform: outside the local stages `seed` refuses.
"""

import secrets
from typing import ClassVar, Final

from caidence.access import changes, overrides
from caidence.access.audit import Actor
from caidence.access.grants import principal
from caidence.access.levels import USER_NOT_FOUND
from caidence.access.roles import AGENCY_ADMIN, AGENCY_MEMBER, BRAND_ADMIN, CREATOR, ROOT, VIEWER
from caidence.directory.entities import EmailClaim, Organization, User
from caidence.service import store
from caidence.tenancy import organizations
from caidence.tenancy.demo import seed_tenancy
from quintet.auth.passwords import hash_password
from quintet.settings import settings
from quintet.store import ConditionFailed, Entity, Keys, until_settled

PASSWORD = "Quintet-local-1"
ADMIN_EMAIL, AGENCY_EMAIL, MEMBER_EMAIL = "admin@quintet.test", "agency@quintet.test", "member@quintet.test"
BRAND_EMAIL, VIEWER_EMAIL, WAITING_EMAIL = "brand@quintet.test", "viewer@quintet.test", "waiting@quintet.test"
ACCOUNTS = [
    ("administrator", ADMIN_EMAIL, PASSWORD),
    ("agency admin", AGENCY_EMAIL, PASSWORD),
    ("agency member", MEMBER_EMAIL, PASSWORD),
    ("brand admin", BRAND_EMAIL, PASSWORD),
    ("viewer", VIEWER_EMAIL, PASSWORD),
]
AGENCY: Final = "01930000-0000-7000-8000-000000000100"
"""A fixed id, so that an interrupted seeding makes nothing twice."""
_PEOPLE: Final = (
    (AGENCY_ADMIN, AGENCY_EMAIL, "Ana Agency"),
    (AGENCY_MEMBER, MEMBER_EMAIL, "Max Member"),
    (BRAND_ADMIN, BRAND_EMAIL, "Bela Brands"),
    (VIEWER, VIEWER_EMAIL, "Vera Viewer"),
)
"""Who works at the agency."""


class Seeded(Entity):
    """That this table has had its demo data. It is not seeded again: what was done or edited since stays so."""

    kind: ClassVar[str] = "demo"
    keys: ClassVar[Keys] = Keys("DEMO", "SEEDED")


def make_admin(email: str) -> str | None:
    """Make a root's account with this canonical e-mail address.

    Answers its random password, which is stored nowhere; None when the address is a root's already. Raises ValueError
    when it belongs to an account with another role: who gets a higher one is for a root to say.
    """
    password = secrets.token_urlsafe(15)
    user, made = ensure_account(ROOT, email, "Administrator", password)
    if user.role != ROOT:
        raise ValueError(f"{email} is the address of an account with another role")
    return password if made else None


def ensure_account(
    role: str, email: str, full_name: str, password: str, *, organization_id: str | None = None, approved: bool = True
) -> tuple[User, bool]:
    """The account with an e-mail address, and whether it was made just now."""
    password_hash = hash_password(password)

    def attempt() -> tuple[User, bool]:
        claim = store.get(EmailClaim, email=email)
        if claim is not None:
            return store.require(User, USER_NOT_FOUND, id=claim.user_id), False
        user = User(
            email=email, full_name=full_name, role=role, organization_id=organization_id, is_approved=approved
        )  # fmt: skip
        user.updated_at = user.created_at
        tx = store.transaction()
        tx.create(EmailClaim(email=email, user_id=user.id, password_hash=password_hash))
        changes.add_user(tx, Actor.of(user, ""), user, reason="made by the operator")
        tx.commit()
        return user, True

    return until_settled(attempt)


def seed() -> None:
    """Put the demo data into the system's table, unless it was put there before.

    An interrupted call is completed by the next one. Raises RuntimeError outside the stages `local` and `dev`.
    """
    if not settings().is_local:
        raise RuntimeError(f"demo data is for local stages, not for {settings().stage!r}")
    if store.get(Seeded) is not None:
        return
    root, _ = ensure_account(ROOT, ADMIN_EMAIL, "Ada Admin", PASSWORD)
    actor = Actor.of(root, "")
    agency = store.get(Organization, id=AGENCY) or organizations.create(
        actor, Organization(id=AGENCY, name="Northwind Agency", slug=""), None
    )  # fmt: skip
    people = [
        ensure_account(role, email, name, PASSWORD, organization_id=agency.id)[0] for role, email, name in _PEOPLE
    ]
    seed_tenancy(actor, agency, people)
    _let_look_for_creators(actor, people[-1])
    ensure_account(CREATOR, WAITING_EMAIL, "Will Waiting", PASSWORD, approved=False)
    try:
        store.create(Seeded())
    except ConditionFailed:
        return


def _let_look_for_creators(actor: Actor, user: User) -> None:
    """Allow a user what their role does not."""

    def attempt() -> None:
        held = principal(user.id)
        if held is None:
            return
        after, _ = overrides.placed(held.grants, "discovery", "read", True, actor.id)
        if after.overrides == held.grants.overrides:
            return
        tx = store.transaction()
        changes.change_overrides(tx, actor, held, after)
        tx.commit()

    until_settled(attempt)
