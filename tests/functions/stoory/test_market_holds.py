"""Whatever both parties, admins and the clock do, in whatever order: no illegal state, no place given twice.

Moves also run with another one slipped in between their reads and their transaction, which is where a race would be
lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from quintet.models import now, rfc3339
from quintet.models.time import FrozenClock, frozen
from quintet.testing.client import Answer
from quintet.testing.events import schedule_event
from stoory.applications.campaign_operations import expire
from stoory.applications.entities import Applicant, Application
from stoory.applications.states import APPLICATIONS, ApplicationStatus
from stoory.campaigns.entities import Campaign, Deadline, Withdrawal
from stoory.campaigns.states import CAMPAIGNS, CampaignStatus
from stoory.chat.entities import Chat
from stoory.service import store
from tests.support import aws
from tests.support.calls import crashing
from tests.support.market import BASE, Party, party

PLACES = 2
TAKING = (ApplicationStatus.ACCEPTED, ApplicationStatus.COMPLETED)

which = st.integers(0, 2)
verbs = st.sampled_from(["accept", "reject", "cancel", "withdraw", "complete"])
statuses = st.sampled_from(["LOCKED", "ACTIVE", "LIVE", "COMPLETED", "CANCELLED", "EXPIRED"])
moved = st.tuples(which, verbs)


class Market(RuleBasedStateMachine):
    """One brand with two campaigns of two places, three influencers, an admin, and the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(aws.system("stoory"))
        self.brand, self.admin = party("BRAND"), party("ADMIN")
        self.influencers = [party("INFLUENCER") for _ in range(3)]
        self.clock: FrozenClock = self.stack.enter_context(frozen(now()))
        self.campaigns = [self._published(60), self._published(90)]
        self.applications: list[str] = []
        self.past: dict[str, str] = {}
        # A story begins with one application decided upon and one not, so that every move has something to meet.
        self.applies(0, 0)
        self.applies(1, 0)
        self.moves(0, "accept")

    def teardown(self) -> None:
        self.stack.close()

    def _published(self, minutes: int) -> str:
        deadline = rfc3339(self.clock.at + timedelta(minutes=minutes))
        body = {"title": "A campaign", "status": "LIVE", "start_deadline": deadline, "max_influencers": PLACES}
        answer = self.brand.post(f"{BASE}/campaigns", body)
        assert answer.status == 201, answer
        return str(answer.body["campaign"]["id"])

    # What can happen, as calls that may also be slipped into another one.

    def applies(self, who: int, where: int) -> None:
        body = {"campaignId": self.campaigns[where % 2]}
        answer = self._answered(self.influencers[who].post(f"{BASE}/applications", body), 201)
        if answer.status == 201:
            self.applications.append(answer.body["application"]["id"])

    def moves(self, pick: int, verb: str) -> None:
        if not self.applications:
            return
        ident = self.applications[pick % len(self.applications)]
        application = store.get(Application, id=ident)
        assert application is not None
        path = f"{BASE}/applications/{ident}"
        owner = next(one for one in self.influencers if one.id == application.influencer_id)
        calls: dict[str, Callable[[], Answer]] = {
            "accept": lambda: self.brand.post(f"{path}/accept", {"agreedAmount": 99.99, "platformFeePercent": 7.5}),
            "reject": lambda: self.brand.post(f"{path}/reject"),
            "cancel": lambda: self.brand.post(f"{path}/cancel"),
            "withdraw": lambda: owner.post(f"{path}/cancel"),
            "complete": lambda: self.admin.post(f"{path}/complete"),
        }
        self._answered(calls[verb](), 200)

    def bulk(self, where: int) -> None:
        items = [{"applicationId": ident, "agreedAmount": 10, "platformFeePercent": 50} for ident in self.applications]
        if items:
            body = {"campaignId": self.campaigns[where % 2], "applications": items}
            answer = self.brand.post(f"{BASE}/applications/bulk-accept", body)
            assert answer.status in (200, 207, 400, 404), answer

    def changes(self, where: int, status: str) -> None:
        self._answered(self.brand.put(f"{BASE}/campaigns/{self.campaigns[where % 2]}", {"status": status}), 200)

    def deletes(self, where: int) -> None:
        self._answered(self.brand.delete(f"{BASE}/campaigns/{self.campaigns[where % 2]}"), 200)

    def ticks(self) -> None:
        expire(schedule_event())

    def _answered(self, answer: Answer, status: int) -> Answer:
        assert answer.status in (status, 400, 404), answer
        return answer

    # One thing after another, or one within another.

    @rule(who=which, where=which)
    def an_influencer_applies(self, who: int, where: int) -> None:
        self.applies(who, where)

    @rule(move=moved)
    def an_application_moves(self, move: tuple[int, str]) -> None:
        self.moves(*move)

    @rule(move=moved, other=moved)
    def two_moves_meet(self, move: tuple[int, str], other: tuple[int, str]) -> None:
        self._meeting(partial(self.moves, *move), partial(self.moves, *other))

    @rule(where=which, status=statuses, move=moved)
    def a_campaign_changes_within_a_move(self, where: int, status: str, move: tuple[int, str]) -> None:
        self._meeting(partial(self.moves, *move), partial(self.changes, where, status))

    @rule(who=which, where=which, end=st.sampled_from(["LOCKED", "delete", "CANCELLED"]))
    def a_campaign_ends_within_an_application(self, who: int, where: int, end: str) -> None:
        ending = partial(self.deletes, where) if end == "delete" else partial(self.changes, where, end)
        self._meeting(partial(self.applies, who, where), ending)

    @rule(where=which)
    def a_brand_accepts_in_bulk(self, where: int) -> None:
        self.bulk(where)

    @rule(where=which, status=statuses)
    def a_campaign_changes(self, where: int, status: str) -> None:
        self.changes(where, status)

    @rule(minutes=st.integers(1, 20), move=moved)
    def time_passes(self, minutes: int, move: tuple[int, str]) -> None:
        # Tokens live for an hour, which no story here outlasts by much.
        self.clock.advance(minutes=minutes)
        self._again()
        self._meeting(self.ticks, partial(self.moves, *move))

    def _again(self) -> None:
        for one in (self.brand, self.admin, *self.influencers):
            role = "BRAND" if one is self.brand else "ADMIN" if one is self.admin else "INFLUENCER"
            one.token = _token(one, role)

    def _meeting(self, work: Callable[[], None], happen: Callable[[], None]) -> None:
        done: list[bool] = []

        def before(_: object) -> None:
            if not done:
                done.append(True)
                happen()

        with crashing("TransactWriteItems", before):
            work()

    # What holds after each.

    @invariant()
    def every_move_was_legal(self) -> None:
        for ident in self.applications:
            found = store.get(Application, id=ident)
            assert found is not None
            self._check(ident, str(found.status), APPLICATIONS.moves, ApplicationStatus.PENDING)
        for ident in self.campaigns:
            campaign = store.get(Campaign, id=ident)
            if campaign is not None:
                self._check(ident, str(campaign.status), CAMPAIGNS.moves, CampaignStatus.LIVE)

    def _check(self, ident: str, status: str, moves: tuple, first: str) -> None:  # type: ignore[type-arg]
        """The status can be reached from the one before by legal moves."""
        reached = {self.past.get(ident, str(first))}
        while True:
            more = {str(move.after) for move in moves if reached & {str(one) for one in move.before}}
            if more <= reached:
                break
            reached |= more
        assert status in reached
        self.past[ident] = status

    @invariant()
    def no_place_is_given_twice(self) -> None:
        for ident in self.campaigns:
            campaign = store.get(Campaign, id=ident)
            applications = list(store.each(Application, "gsi1", campaign_id=ident))
            held = sum(one.status in TAKING for one in applications)
            assert held <= PLACES
            assert held == (campaign.accepted_count if campaign else 0)
            if campaign is None or CAMPAIGNS.final(campaign.status):
                assert all(one.status is not ApplicationStatus.PENDING for one in applications)

    @invariant()
    def amounts_add_up_and_chats_are_open(self) -> None:
        for ident in self.applications:
            found = store.get(Application, id=ident)
            assert found is not None
            if found.status in TAKING:
                assert store.get(Chat, application_id=ident) is not None
                assert found.phase is not None
            if found.agreed_amount is not None:
                assert found.agreed_amount == (found.platform_fee_amount or 0) + (found.net_amount or 0)

    @invariant()
    def claims_and_counts_are_those_of_the_applications(self) -> None:
        stored = [one for one in (store.get(Application, id=ident) for ident in self.applications) if one]
        pairs = Counter((one.campaign_id, one.influencer_id) for one in stored)
        assert set(pairs.values()) <= {1}
        for one in stored:
            claim = store.get(Applicant, campaign_id=one.campaign_id, influencer_id=one.influencer_id)
            assert claim is not None
            assert claim.application_id == one.id
        assert store.count(Application, "gsi3", brand_id=self.brand.id) == len(stored)

    @invariant()
    def deadlines_watch_the_live_campaigns(self) -> None:
        kept = [found for found in (store.get(Campaign, id=ident) for ident in self.campaigns) if found]
        live = {found.id for found in kept if found.status is CampaignStatus.LIVE}
        assert {due.campaign_id for due in store.each(Deadline)} == live
        assert list(store.each(Withdrawal)) == []
        counted = store.counts(Campaign, "gsi3", [{"status": status} for status in CampaignStatus])
        by_status = Counter(found.status for found in kept)
        assert counted == [by_status[status] for status in CampaignStatus]


def _token(one: Party, role: str) -> str:
    from quintet.auth import tokens

    return tokens.issue(one.id, {"role": role}, timedelta(hours=1))[0]


TestMarket = Market.TestCase
TestMarket.settings = settings(
    max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
