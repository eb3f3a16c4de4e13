"""Brand, influencers, admin, provider and clock act in any order: no illegal state, no lost place, no lost paisa.

The world below keeps what a table would keep and leaves every decision to the rules, so that whatever
hypothesis interleaves is decided by them alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stoory.applications.states import APPLICATIONS, ApplicationStatus, accepted_change
from stoory.applications.states import transition as move_application
from stoory.campaigns.rules import CampaignClosed, CampaignType, Facts, check_applicable, check_place, expires
from stoory.campaigns.states import CAMPAIGNS, CampaignStatus
from stoory.campaigns.states import transition as move_campaign
from stoory.lifecycle.transitions import Actor, IllegalMove
from stoory.money.fees import Split, split_fee
from stoory.payments import ledger
from stoory.payments.states import (
    Capture,
    Payment,
    PaymentMismatch,
    PaymentStatus,
    check_orderable,
    released,
    verified,
)
from tests.support.books import statuses

INFLUENCERS = ["asha", "bina", "chan", "devi", "esha"]

someone = st.sampled_from(INFLUENCERS)
picks = st.integers(0, len(INFLUENCERS) - 1)


def mostly(*actors: Actor) -> st.SearchStrategy[Actor]:
    """Those whose business it is, five times of six; a story told by strangers alone gets nowhere."""
    return st.sampled_from([*actors * (30 // len(actors)), *Actor])


@dataclass
class Application:
    status: ApplicationStatus = ApplicationStatus.PENDING
    split: Split | None = None
    payment: Payment | None = None


class Marketplace(RuleBasedStateMachine):
    """One campaign of one brand, five influencers, and everybody who may have a say."""

    @initialize(
        places=st.integers(1, 3),
        progress=st.lists(st.integers(0, 4), min_size=3, max_size=3),
        agreed=st.integers(0, 100_000),
        percent=st.decimals(0, 100, places=2),
    )
    def post_a_campaign(self, places: int, progress: list[int], agreed: int, percent: Decimal) -> None:
        """Some influencers are further than others when the story begins; the same rules brought them there."""
        self.now = datetime(2025, 1, 1, tzinfo=UTC)
        self.campaign = Facts(
            "brand", CampaignStatus.LIVE, CampaignType.NORMAL, None, self.now + timedelta(days=30), 0, places
        )
        self.applications: dict[str, Application] = {}
        self.books: list[ledger.Entry] = []
        for who, steps in zip(INFLUENCERS, progress, strict=False):
            if steps and not self._full():
                self.apply(who)
                pick = len(self.applications) - 1
                rest = (
                    partial(self.accept, pick, Actor.BRAND, agreed, percent),
                    partial(self.complete, pick, Actor.ADMIN),
                    partial(self.order_payment, pick),
                )
                for step in rest[: steps - 1]:
                    step()

    # Influencers apply; anybody tries every verb on any application.

    @rule(who=someone)
    def apply(self, who: str) -> None:
        try:
            check_applicable(self.campaign, self.now)
        except CampaignClosed:
            assert self.campaign.status != "LIVE" or self.now >= self.campaign.start_deadline or self._full()
            return
        self.applications.setdefault(who, Application())

    @precondition(lambda self: self.applications)
    @rule(
        pick=picks,
        actor=mostly(Actor.BRAND),
        agreed=st.integers(0, 100_000),
        percent=st.decimals(0, 100, places=2),
    )
    def accept(self, pick: int, actor: Actor, agreed: int, percent: Decimal) -> None:
        _, application = self._picked(pick)
        try:
            after = move_application(application.status, "accept", actor)
            check_place(self.campaign)
        except (IllegalMove, CampaignClosed):
            assert actor is not Actor.BRAND or application.status != "PENDING" or self._full()
            return
        application.split = split_fee(agreed, percent)
        self._become(application, after)

    @precondition(lambda self: self.applications)
    @rule(pick=picks, verb=st.sampled_from(["reject", "cancel", "withdraw"]), actor=st.sampled_from(Actor))
    def turn_away(self, pick: int, verb: str, actor: Actor) -> None:
        self._try(pick, verb, actor)

    @precondition(lambda self: self.applications)
    @rule(pick=picks, actor=mostly(Actor.ADMIN))
    def complete(self, pick: int, actor: Actor) -> None:
        self._try(pick, "complete", actor)

    # The brand works the campaign, the clock ends it.

    @rule(wanted=st.sampled_from(CampaignStatus), actor=st.sampled_from(Actor))
    def move_the_campaign(self, wanted: CampaignStatus, actor: Actor) -> None:
        if actor is Actor.CLOCK:  # the clock has a rule of its own, which looks at the deadline
            return
        before = self.campaign.status
        try:
            after = move_campaign(before, wanted, actor)
        except IllegalMove:
            return
        assert not CAMPAIGNS.final(before) or after is before
        self._move_campaign(after)

    @rule(days=st.integers(0, 2))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        if expires(self.campaign, self.now):
            self._move_campaign(move_campaign(self.campaign.status, CampaignStatus.EXPIRED, Actor.CLOCK))

    # Money: orders, proofs by checkout and webhook in any order, payouts by whoever tries.

    @precondition(lambda self: self.applications)
    @rule(pick=picks)
    def order_payment(self, pick: int) -> None:
        who, application = self._picked(pick)
        if application.payment is not None:
            return
        try:
            check_orderable(application.status)
        except IllegalMove:
            assert application.status != "COMPLETED"
            return
        assert application.split is not None
        application.payment = Payment(f"order_{who}", application.split.agreed)

    @precondition(lambda self: self._ordered())
    @rule(
        pick=picks,
        another=picks,
        pay=st.sampled_from(["pay_1", "pay_1", "pay_2"]),
        off=st.sampled_from([None, 0, 0, 1]),
        actor=mostly(Actor.BRAND, Actor.PROVIDER),
    )
    def prove_payment(self, pick: int, another: int, pay: str, off: int | None, actor: Actor) -> None:
        (who, application), (of, _) = self._picked(pick, self._ordered()), self._picked(another, self._ordered())
        assert application.payment is not None
        assert application.split is not None
        amount = None if off is None else application.split.agreed + off
        capture = Capture(f"order_{of}", f"{pay}_{of}", amount, None if off is None else "INR")
        before = application.payment
        try:
            application.payment = verified(before, capture, actor)
        except (IllegalMove, PaymentMismatch):
            return
        assert who == of
        assert not off
        assert before.paid_by in {None, capture.payment_id}
        if application.payment != before:
            self.books += ledger.paid_in(who, "brand", who, application.split)

    @precondition(lambda self: self._ordered())
    @rule(pick=picks, actor=mostly(Actor.ADMIN))
    def release(self, pick: int, actor: Actor) -> None:
        who, application = self._picked(pick, self._ordered())
        assert application.payment is not None
        assert application.split is not None
        try:
            application.payment = released(application.payment, actor)
        except IllegalMove:
            return
        assert actor is Actor.ADMIN
        self.books += ledger.paid_out(who, who, who, application.split)

    # What holds whatever happened.

    @invariant()
    def every_place_is_counted_and_none_is_given_twice(self) -> None:
        taken = sum(each.status in {"ACCEPTED", "COMPLETED"} for each in self.applications.values())
        assert taken == self.campaign.accepted
        assert self.campaign.max_influencers is not None
        assert taken <= self.campaign.max_influencers

    @invariant()
    def a_campaign_past_its_deadline_is_not_live_and_a_closed_one_leaves_nobody_waiting(self) -> None:
        assert self.campaign.status != "LIVE" or self.now < self.campaign.start_deadline
        if self.campaign.status in {"EXPIRED", "CANCELLED"}:
            assert all(each.status != "PENDING" for each in self.applications.values())

    @invariant()
    def the_books_balance_and_tell_every_payment(self) -> None:
        assert sum(entry.amount for entry in self.books) == 0
        told = statuses(self.books)
        for who, each in self.applications.items():
            if each.payment is None or each.split is None or not each.split.agreed:
                assert who not in told
                continue
            assert told.get(who, PaymentStatus.PENDING) is each.payment.status
            assert each.status is ApplicationStatus.COMPLETED
            held = each.split.agreed if each.payment.status is PaymentStatus.VERIFIED else 0
            earned = each.split.net if each.payment.status is PaymentStatus.RELEASED else 0
            assert ledger.balance(self.books, ledger.escrow(who)) == held
            assert ledger.balance(self.books, ledger.wallet(who)) == earned

    @invariant()
    def money_is_agreed_on_before_it_moves(self) -> None:
        for each in self.applications.values():
            assert each.split is None or each.split.fee + each.split.net == each.split.agreed
            assert each.status not in {"ACCEPTED", "COMPLETED"} or each.split is not None

    def _ordered(self) -> dict[str, Application]:
        return {who: each for who, each in self.applications.items() if each.payment is not None}

    def _picked(self, pick: int, among: dict[str, Application] | None = None) -> tuple[str, Application]:
        choice = list((self.applications if among is None else among).items())
        return choice[pick % len(choice)]

    def _try(self, pick: int, verb: str, actor: Actor) -> None:
        _, application = self._picked(pick)
        try:
            after = move_application(application.status, verb, actor)
        except IllegalMove:
            return
        self._become(application, after)

    def _full(self) -> bool:
        return self.campaign.max_influencers == self.campaign.accepted

    def _become(self, application: Application, after: ApplicationStatus) -> None:
        assert not APPLICATIONS.final(application.status)
        change = accepted_change(application.status, after)
        self.campaign = replace(self.campaign, accepted=self.campaign.accepted + change)
        application.status = after

    def _move_campaign(self, after: CampaignStatus) -> None:
        self.campaign = replace(self.campaign, status=after)
        if after in {CampaignStatus.EXPIRED, CampaignStatus.CANCELLED}:
            for application in self.applications.values():
                if application.status is ApplicationStatus.PENDING:
                    self._become(application, move_application(application.status, "withdraw", Actor.CLOCK))


Marketplace.TestCase.settings = settings(max_examples=120, stateful_step_count=60, deadline=None)
TestMarketplace = Marketplace.TestCase
