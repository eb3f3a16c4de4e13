"""The platform's jobs, what it takes to ask for a task, and on whose behalf a task is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from caidence.access.callers import User
from caidence.access.grants import barred
from caidence.access.rows import ORGANIZATION_NOT_FOUND, home
from caidence.directory.entities import User as Account
from caidence.service import api, store
from quintet.auth.permissions import Scope
from quintet.auth.tokens import Claims
from quintet.jobs import Job, Jobs, Refused, Task, Work
from quintet.models import now

M = TypeVar("M", bound=BaseModel)

JOBS: Final = Jobs(store, "jobs")
WORK: Final = frozenset({"table:write", "model", "storage:read", "storage:write", "email", "sms", "queue:jobs"})
"""What a function needs in which any task may run: the consumer, and all that run tasks at once without the queue."""


class Acting(BaseModel):
    """On whose behalf a task is done, and where: what a job keeps as its context."""

    model_config = ConfigDict(defer_build=True)

    user_id: str
    organization_id: str | None = None
    brand_id: str | None = None
    once: str | None = None
    """The id under which the task leaves its effect, where that is not the job's own."""
    depth: int = 0
    """How many workflows called each other to get here."""

    @classmethod
    def of(cls, work: Work) -> "Acting":
        return cls.model_validate(work.context)

    def user(self) -> Account:
        """The account. Raises `Refused` for one that is gone or barred since."""
        found = store.get(Account, id=self.user_id)
        if found is None:
            raise Refused("The account that asked for this is gone")
        if reason := barred(found):
            raise Refused(f"The account that asked for this may not work any more: {reason}")
        return found

    def caller(self) -> User:
        """The account with what it may do now. Raises `Refused` as `user` does, and for one that has left the
        organization."""
        account, present = self.user(), now()
        found = User(account.id, Claims(account.id, "", present, present, {"epoch": account.epoch}))
        found.authorise(api.errors)
        if self.organization_id not in (None, found.organization_id) and not found.is_super:
            raise Refused("The account that asked for this does not belong to the organization any more")
        return found

    def place(self) -> "Place":
        """Where it is done."""
        return place_in(self.organization_id, self.brand_id) if self.organization_id else Place(None, None, ())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task does its work, and the scopes in which that is judged."""

    organization_id: str | None
    brand_id: str | None
    scopes: tuple[Scope, ...]

    def organization(self) -> str:
        """The organization. Raises `Refused` where there is none."""
        if self.organization_id is None:
            raise Refused("This is done in an organization, and none was named")
        return self.organization_id

    def acting(self, user_id: str) -> Acting:
        """What is told of it to a job of a user."""
        return Acting(user_id=user_id, organization_id=self.organization_id, brand_id=self.brand_id)


Where = Callable[[User, M, Place | None], Place]
"""Where arguments say the work is to be done; within a place if one is given, such as a workflow's. Raises 404 for what
the caller cannot see."""


@dataclass(frozen=True, slots=True)
class Offer(Generic[M]):
    """A task that callers may ask for: with the permission of the operation that does the same at once."""

    task: Task[M]
    where: Where[M]
    permission: str | None = None
    further: Callable[[User, M, Place], None] | None = None
    """What else whoever enqueues it must be allowed; raises 403."""

    def admit(self, caller: User, arguments: M, within: Place | None = None) -> Place:
        """Where the caller may have it done. Raises 404 for rows out of their sight, 403 with the rule that denies."""
        place = self.where(caller, arguments, within)
        if self.permission is not None:
            caller.require_permission(self.permission, place.scopes)
        return place

    def admitted(self, work: Work, arguments: M) -> tuple[User, Place]:
        """For whom and where an attempt does it, judged by what they may now: rights may have changed since it was
        asked for. Raises as `admit` and `Acting.caller` do."""
        acting = Acting.of(work)
        caller = acting.caller()
        within = acting.place() if acting.organization_id else None
        return caller, self.admit(caller, arguments, within)


Doing = Callable[[Work, User, Place, M], Any]
"""Does a task: an attempt, for whom, where, and with which arguments."""


def offer(name: str, arguments: type[M], doing: Doing[M], where: Where[M], permission: str | None = None) -> Offer[M]:
    """Declare a task that callers may ask for. Who asked for it is judged anew whenever an attempt begins."""

    def run(work: Work, given: M) -> Any:
        return doing(work, *offered.admitted(work, given), given)

    offered = Offer(JOBS.task(name, arguments)(run), where, permission)
    return offered


def effect_id(work: Work) -> str:
    """The id under which an attempt leaves its effect: the same for every job of a step."""
    return Acting.of(work).once or work.id


def prepared(
    task: Task[M],
    arguments: M,
    acting: Acting,
    *,
    follower: str | None = None,
    delay: int = 0,
    more: Mapping[str, Any] | None = None,
) -> Job:
    """A new job, not stored yet, seen by the organization that it works for, or else by the account alone; `more` is
    what else its context says."""
    context = {**acting.model_dump(exclude_defaults=True), **(more or {})}
    tenant = acting.organization_id or acting.user_id
    return JOBS.prepare(task, arguments, tenant=tenant, context=context, follower=follower, delay=delay)


def tenant_of(account: Account) -> str:
    """Whose jobs an account sees: its organization's, or its own where it belongs to none."""
    return account.organization_id or account.id


def place_in(organization_id: str, brand_id: str | None) -> Place:
    """An organization, or a brand of it, as a place."""
    organization = Scope("organization", organization_id)
    scopes = (Scope("brand", brand_id), organization) if brand_id else (organization,)
    return Place(organization_id, brand_id, scopes)


def in_organization(caller: User, organization_id: str | None, brand_id: str | None, within: Place | None) -> Place:
    """The place that arguments name by organization and brand, as the direct operations take them."""
    if within is not None:
        organization_id, brand_id = organization_id or within.organization_id, brand_id or within.brand_id
    found, brand = home(caller, organization_id, brand_id)
    if within is not None and found != within.organization_id:
        raise ORGANIZATION_NOT_FOUND()
    return place_in(found, brand.id if brand else None)
