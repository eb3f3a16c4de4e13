"""Money is neither made nor lost, whatever comes in whichever order: proofs, webhooks, payouts, faults and replays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.razorpay import WEBHOOK_SECRET, Faults, Razorpay
from stoory.applications.entities import Application
from stoory.applications.states import ApplicationStatus
from stoory.service import store
from tests.support.aws import in_threads
from tests.support.market import BASE, Party, party
from tests.support.till import check_books, events, finished, order, release, verify, webhook

STEPS = (
    "order", "lose an order", "order while razorpay is down", "pay", "verify", "verify with a wrong signature",
    "verify with the other's proof", "webhook", "webhook backwards", "webhook wrongly signed", "release", "cancel",
    "complete",
)  # fmt: skip


class Story:
    """Two applications to one influencer, and everybody who moves their money."""

    def __init__(self, razorpay: Razorpay) -> None:
        self.razorpay = razorpay
        self.brand, self.influencer, self.admin = party("BRAND"), party("INFLUENCER"), party("ADMIN")
        accepted = ApplicationStatus.ACCEPTED
        self.applications = [finished(self.brand, self.influencer, paise, accepted) for paise in (10_001, 777)]
        self.proofs: dict[int, dict[str, str]] = {}
        self.before = len(events(razorpay))

    def orders(self, application: Application) -> list[dict[str, object]]:
        return self.razorpay.book.all("order", receipt=application.id)

    def take(self, step: str, which: int) -> int:
        """One step of one application; the status answered, 0 when there was nothing to do."""
        application, proof, others = self.applications[which], self.proofs.get(which), self.proofs.get(1 - which)
        brand, admin = self.brand, self.admin
        ends: dict[str, Callable[[], int]] = {
            "order": lambda: self._order(application, Faults()),
            "lose an order": lambda: self._order(application, Faults(requests=1, lost=True)),
            "order while razorpay is down": lambda: self._order(application, Faults(status=503)),
            "pay": lambda: self._pay(application, which),
            "verify": lambda: verify(admin if which else brand, application, proof).status if proof else 0,
            "verify with a wrong signature": lambda: (
                verify(brand, application, proof, razorpay_signature="0" * 64).status if proof else 0
            ),
            "verify with the other's proof": lambda: verify(brand, application, others).status if others else 0,
            "webhook": lambda: self._deliver(1, WEBHOOK_SECRET, 200),
            "webhook backwards": lambda: self._deliver(-1, WEBHOOK_SECRET, 200),
            "webhook wrongly signed": lambda: self._deliver(1, "another secret", 400),
            "release": lambda: release(admin, application).status,
            "cancel": lambda: self._move(self.influencer if which else brand, application, "cancel"),
            "complete": lambda: self._move(admin, application, "complete"),
        }
        return ends[step]()

    def _order(self, application: Application, faults: Faults) -> int:
        self.razorpay.faults = faults
        try:
            return order(self.brand, application).status
        finally:
            self.razorpay.faults = Faults()

    def _pay(self, application: Application, which: int) -> int:
        made = self.orders(application)
        if made and which not in self.proofs:
            self.proofs[which] = self.razorpay.pay(str(made[0]["id"]))
        return 0

    def _deliver(self, direction: int, secret: str, expected: int) -> int:
        for event in events(self.razorpay)[self.before :][::direction]:
            assert webhook(event, secret).status == expected
        return 0

    def _move(self, client: Party, application: Application, verb: str) -> int:
        return client.post(f"{BASE}/applications/{application.id}/{verb}").status

    def check(self) -> None:
        check_books(self.applications)
        for application in self.applications:
            assert len(self.orders(application)) <= 1
            stands = store.get(Application, id=application.id)
            assert stands is not None
            if stands.status is not ApplicationStatus.COMPLETED:
                assert self.orders(application) == []


steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 1)), min_size=5, max_size=25)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_any_sequence_of_steps_conserves_money(razorpay: Razorpay, sequence: list[tuple[str, int]]) -> None:
    story = Story(razorpay)
    story.take("complete", 0)
    for step, which in sequence:
        status = story.take(step, which)
        assert status in {0, 200, 201, 400, 404, 503}, (step, status)
        story.check()


def test_the_whole_way_pays_both(razorpay: Razorpay) -> None:
    story = Story(razorpay)
    for step in ("complete", "order", "pay", "webhook", "verify", "release"):
        for which in (0, 1):
            assert story.take(step, which) in {0, 200, 201}, step
    story.check()
    assert story.influencer.get(f"{BASE}/wallet").body["wallet"] == {"balance_paise": 9001 + 699}


def test_cancelling_and_completing_at_one_moment_leave_one_winner(razorpay: Razorpay) -> None:
    for _ in range(3):
        story = Story(razorpay)
        answers = in_threads(4, partial(_cancel_or_complete, story))
        assert sorted(answers, key=str) == [200, 200, 400, 400], answers
        for which in (0, 1):
            story.take("order", which)
        story.check()


def _cancel_or_complete(story: Story, number: int) -> int:
    return story.take(("cancel", "complete")[number % 2], number // 2)


def test_everything_at_one_moment_conserves_money(razorpay: Razorpay) -> None:
    story = Story(razorpay)
    for step in ("complete", "order", "pay"):
        for which in (0, 1):
            story.take(step, which)
    moves = ("verify", "webhook", "release", "webhook backwards", "verify with the other's proof", "release", "verify")
    answers = in_threads(14, lambda n: story.take(moves[n % 7], n // 7))
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    story.check()
    for which in (0, 1):
        story.take("release", which)
    assert story.influencer.get(f"{BASE}/wallet").body["wallet"] == {"balance_paise": 9001 + 699}
    story.check()
