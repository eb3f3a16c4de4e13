"""Credits as their owner sees them, and the ledger behind: never wrong, whoever calls, fails or dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings as properties
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from caidence.activity.log import Activity
from caidence.discovery import ledger
from caidence.discovery.accounts import HELD_FOR, Bill, CreditAccount, Day, Hold, Transaction
from caidence.discovery.credit_operations import release_expired_holds
from caidence.discovery.ledger import HoldGone
from caidence.service import store
from infra.local.influencers_club import InfluencersClub
from quintet.errors import ApiError
from quintet.models import new_id
from quintet.models.time import frozen
from quintet.net import patience
from quintet.settings import settings
from quintet.testing import Client, LambdaContext
from quintet.testing.clock import Standing
from quintet.testing.events import schedule_event
from tests.functions.caidence.conftest import SignIn, account_of, as_account
from tests.functions.caidence.discovery.conftest import DISCOVERY, Rich, at_once, check_books
from tests.support.aws import in_threads
from tests.support.faulty import FAULTS, Fault, Plan, faulty

CREDITS = f"{DISCOVERY}/credits"
NOTHING = {"requests": 0, "results": 0, "credits_used": 0}


def opened(credits: int) -> str:
    """The id of a user with an account of so many hundredths."""
    user_id = new_id()
    tx = store.transaction()
    account = CreditAccount(user_id=user_id, balance=credits, monthly_limit=credits, transactions=1)
    tx.create(account)
    tx.create(
        Transaction(
            user_id=user_id, number="000000000001", type="grant", amount=credits, balance_after=credits,
            operation="initialize",
        )
    )  # fmt: skip
    tx.commit()
    return user_id


def test_an_account_is_opened_with_a_thousand_credits(club: InfluencersClub, member: Client) -> None:
    answer = member.post(f"{CREDITS}/initialize")
    assert answer.status == 200, answer.body
    (entry,) = answer.body.pop("transactions")
    assert {name: entry[name] for name in entry if name not in ("id", "created_at")} == {
        "type": "grant",
        "amount": 1000,
        "balance_after": 1000,
        "operation": "initialize",
        "upstream_cost": None,
    }
    assert answer.body == {
        "balance": 1000,
        "held": 0,
        "monthly_limit": 1000,
        "percent_used": 0,
        "usage_stats": {
            "days": 30, "requests": 0, "results": 0, "credits_used": 0, "upstream_cost": 0, "drift": 0,
            "by_operation": dict.fromkeys(("search", "similar", "enrich", "post-details"), NOTHING),
        },
    }  # fmt: skip
    (activity,) = store.each(Activity, place=account_of(member).organization_id)
    assert (activity.type, activity.description) == ("credits.opened", "Opened a discovery account with 1000 credits")


def test_an_account_is_opened_once_whoever_asks_again(club: InfluencersClub, member: Client) -> None:
    answers = at_once(5, lambda n: member.post(f"{CREDITS}/initialize?initial_balance={n + 1}"))
    assert [answer.status for answer in answers] == [200] * 5
    assert len({answer.body["balance"] for answer in answers}) == 1
    assert check_books(member).transactions == 1


@pytest.mark.parametrize("value", ["0", "-1", "0.001", "1000001", "nan", "inf", "much"])
def test_what_is_no_balance_is_refused(member: Client, value: str) -> None:
    answer = member.post(f"{CREDITS}/initialize?initial_balance={value}")
    assert (answer.status, answer.body["detail"][0]["loc"]) == (422, ["query", "initial_balance"])


def test_more_than_a_thousand_needs_a_super_admin(member: Client, super_admin: Client) -> None:
    assert member.post(f"{CREDITS}/initialize?initial_balance=1000.01").status == 403
    assert super_admin.post(f"{CREDITS}/initialize?initial_balance=1000.01").body["balance"] == 1000.01


def test_credits_tell_of_balance_use_and_transactions(rich: Rich) -> None:
    client = rich(2.0)
    client.post(f"{DISCOVERY}/search?limit=7")
    client.post(f"{DISCOVERY}/post-details?platform=tiktok&post_id=1")
    found = client.get(CREDITS).body
    assert [(one["type"], one["amount"], one["balance_after"], one["operation"]) for one in found["transactions"]] == [
        ("charge", -0.03, 1.9, "post-details"),
        ("release", 0.03, 1.93, "post-details"),
        ("hold", -0.03, 1.9, "post-details"),
        ("charge", -0.07, 1.93, "search"),
        ("release", 0.07, 2.0, "search"),
        ("hold", -0.07, 1.93, "search"),
        ("grant", 2.0, 2.0, "initialize"),
    ]
    assert [one["upstream_cost"] for one in found["transactions"]] == [0.03, None, None, None, None, None, None]
    assert (found["balance"], found["held"], found["monthly_limit"], found["percent_used"]) == (1.9, 0, 2, 5)
    assert found["usage_stats"] == {
        "days": 30, "requests": 2, "results": 8, "credits_used": 0.1, "upstream_cost": 0.03, "drift": 0,
        "by_operation": {
            "search": {"requests": 1, "results": 7, "credits_used": 0.07},
            "similar": NOTHING,
            "enrich": NOTHING,
            "post-details": {"requests": 1, "results": 1, "credits_used": 0.03},
        },
    }  # fmt: skip


def test_a_bill_of_the_services_own_that_differs_shows_as_drift(rich: Rich, club: InfluencersClub) -> None:
    client, club.overcharge = rich(2.0), 2
    client.post(f"{DISCOVERY}/search?limit=5")
    client.post(f"{DISCOVERY}/post-details?platform=tiktok&post_id=1")
    found = client.get(CREDITS).body
    assert [one["upstream_cost"] for one in found["transactions"] if one["type"] == "charge"] == [0.05, 0.07]
    assert (found["usage_stats"]["upstream_cost"], found["usage_stats"]["drift"]) == (0.12, -0.04)
    assert found["usage_stats"]["credits_used"] == 0.08


def test_figures_are_of_the_days_and_the_month_asked_for(platform: Client, sign_in: SignIn) -> None:
    client = sign_in("agency_member")
    user = account_of(client)
    with frozen(datetime(2026, 1, 30, 12, tzinfo=UTC)) as clock:
        ledger.open_account(user, 1000)
        for day, cost in ((30, 100), (31, 200), (32, 50)):
            clock.at = datetime(2026, 1, 1, 23, 59, tzinfo=UTC) + timedelta(days=day - 1)
            ledger.settle(ledger.hold(user.id, "search", 300), Bill(cost=cost, results=cost))
        client = as_account(client, user)
        used = {days: client.get(f"{CREDITS}?days={days}").body["usage_stats"]["credits_used"] for days in (1, 2, 3)}
        assert used == {1: 0.5, 2: 2.5, 3: 3.5}
        assert client.get(CREDITS).body["percent_used"] == 5
        clock.at = datetime(2026, 3, 1, tzinfo=UTC)
        client = as_account(client, user)
        assert client.get(CREDITS).body["percent_used"] == 0
        assert client.get(f"{CREDITS}?days=365").body["usage_stats"]["credits_used"] == 3.5


@pytest.mark.parametrize("days", ["0", "366", "x"])
def test_days_that_nobody_has_are_refused(rich: Rich, days: str) -> None:
    answer = rich().get(f"{CREDITS}?days={days}")
    assert (answer.status, answer.body["detail"][0]["loc"]) == (422, ["query", "days"])


def test_the_latest_twenty_transactions_are_shown_newest_first(rich: Rich) -> None:
    client = rich(1.0)
    user_id = account_of(client).id
    for _ in range(8):
        ledger.settle(ledger.hold(user_id, "search", 1), Bill(cost=1, results=1))
    shown = client.get(CREDITS).body["transactions"]
    assert len(shown) == 20
    assert [one["balance_after"] for one in shown[:4]] == [0.92, 0.93, 0.92, 0.93]


def test_balance_and_transactions_are_of_one_moment(rich: Rich, monkeypatch: pytest.MonkeyPatch) -> None:
    client, read = rich(1.0), ledger.account_of

    def account_of_before_another_call(user_id: str) -> CreditAccount:
        found = read(user_id)
        monkeypatch.setattr(ledger, "account_of", read)
        ledger.hold(user_id, "search", 7)
        return found

    monkeypatch.setattr(ledger, "account_of", account_of_before_another_call)
    shown = client.get(CREDITS).body
    assert (shown["balance"], shown["held"]) == (1, 0)
    assert [one["balance_after"] for one in shown["transactions"]] == [1]
    assert client.get(CREDITS).body["transactions"][0]["balance_after"] == 0.93


def test_a_hundred_searches_at_one_moment_never_spend_more_than_there_is(rich: Rich, club: InfluencersClub) -> None:
    client = rich(0.37)
    answers = at_once(100, lambda _: client.post(f"{DISCOVERY}/search?limit=2"))
    statuses = [answer.status for answer in answers]
    account = check_books(client)
    paid = sum(answer.body["credits_used"] for answer in answers if answer.status == 200)
    assert set(statuses) <= {200, 402, 503}, statuses
    assert round(paid * 100) == 37 - account.balance <= club.billed <= 37
    assert account.held == 0
    if 503 not in statuses:  # a machine too slow for a hundred at once may say so, and nothing is paid for that
        assert (statuses.count(200), account.balance) == (18, 1)


def test_holds_whose_process_died_are_given_back_by_the_clock(rich: Rich) -> None:
    client = rich(1.0)
    user_id = account_of(client).id
    with frozen() as clock:
        dead = [ledger.hold(user_id, "search", 10) for _ in range(9)]
        assert (check_books(client).balance, check_books(client).held) == (10, 90)
        clock.at += timedelta(seconds=HELD_FOR - 1)
        living = ledger.hold(user_id, "enrich", 10)
        assert ran() == {"released": 0, "charged": 0, "left": 0}
        clock.at += timedelta(seconds=1)
        assert ran() == {"released": 9, "charged": 0, "left": 0}
        assert ran() == {"released": 0, "charged": 0, "left": 0}
        assert (check_books(client).balance, check_books(client).held) == (90, 10)
        for held in dead:
            with pytest.raises(HoldGone):
                ledger.settle(held, Bill(cost=10, results=10))
        assert ledger.settle(living, Bill(cost=3, results=1, upstream=3)).balance == 97
    check_books(client)


def ran() -> Any:
    return release_expired_holds(schedule_event(), LambdaContext())


def test_a_sweep_is_bounded_and_says_what_is_left(rich: Rich) -> None:
    user_id = account_of(rich(1.0)).id
    with frozen() as clock:
        for _ in range(5):
            ledger.hold(user_id, "search", 1)
        clock.at += timedelta(seconds=HELD_FOR)
        first = ledger.sweep(limit=2)
        assert (first.released, first.left > 0) == (2, True)
        assert ledger.sweep(seconds=0).model_dump() == {"released": 0, "charged": 0, "left": 3}


@pytest.mark.parametrize(
    "ends", [("settle", "settle"), ("settle", "release"), ("release", "sweep"), ("settle", "sweep")]
)
def test_a_hold_ends_once_whoever_ends_it(platform: Client, ends: tuple[str, str]) -> None:
    user_id = opened(100)
    with frozen() as clock:
        held = ledger.hold(user_id, "enrich", 30)
        clock.at += timedelta(seconds=HELD_FOR)
        ways: dict[str, Callable[[], object]] = {
            "settle": lambda: ledger.settle(held, Bill(cost=20, results=1)),
            "release": lambda: ledger.release(held),
            "sweep": ledger.sweep,
        }

        def end(number: int) -> str:
            try:
                found = ways[ends[number % 2]]()
            except HoldGone:
                return ""
            return ends[number % 2] if not isinstance(found, ledger.Swept) or found.released else ""

        (winner,) = [one for one in in_threads(6, end) if one]
    account = store.get(CreditAccount, user_id=user_id)
    assert account is not None
    assert (account.balance, account.held) == ((80 if winner == "settle" else 100), 0)


def test_a_charge_above_its_hold_is_a_fault_of_ours(platform: Client) -> None:
    held = ledger.hold(opened(100), "search", 5)
    with pytest.raises(ValueError, match="above"):
        ledger.settle(held, Bill(cost=6, results=6))


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_to_a_write_a_call_is_charged_once_or_not_at_all(platform: Client, fault: Fault) -> None:
    for send in range(4):  # account and hold, account and charge: two reads, two transactions
        user_id = opened(100)
        with frozen() as clock:
            with faulty(Plan({send: fault})), patience.timed_by(Standing().clock):
                charged = _charged(user_id)
            clock.at += timedelta(seconds=HELD_FOR)
            ledger.sweep()
        account = ledger.account_of(user_id)
        assert (account.held, 100 - account.balance in (0, 3)) == (0, True), (send, account)
        assert charged in (None, 100 - account.balance), (send, account)
        entries = list(store.each(Transaction, user_id=user_id))
        assert (len(entries), sum(one.amount for one in entries)) == (account.transactions, account.balance)


def _charged(user_id: str) -> int | None:
    """What one call is said to have cost; None where nobody can tell."""
    try:
        ledger.settle(ledger.hold(user_id, "post-details", 3), Bill(cost=3, results=1, upstream=3))
    except ApiError as error:
        return {"unconfirmed": None, "busy": 0}[error.code]
    return 3


class Books(RuleBasedStateMachine):
    """Any calls in any order, with processes that die and a clock that comes late: the ledger always adds up."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = frozen()
        self._clock = self._stack.__enter__()
        self.user_id = opened(500)
        self.open: dict[str, Hold] = {}
        self.charged = 0

    def teardown(self) -> None:
        self._stack.__exit__(None, None, None)

    @rule(most=st.integers(1, 200))
    def call_begins(self, most: int) -> None:
        before = self._account()
        if before.balance >= most:
            held = ledger.hold(self.user_id, "search", most)
            self.open[held.id] = held
            return
        with pytest.raises(ApiError) as refused:
            ledger.hold(self.user_id, "search", most)
        assert refused.value.status == 402
        assert self._account() == before

    @precondition(lambda self: self.open)
    @rule(data=st.data(), part=st.floats(0, 1), upstream=st.none() | st.integers(0, 300))
    def call_succeeds(self, data: st.DataObject, part: float, upstream: int | None) -> None:
        held = self.open.pop(data.draw(st.sampled_from(sorted(self.open))))
        cost = round(held.amount * part)
        if store.get(Hold, user_id=held.user_id, id=held.id) is None:
            with pytest.raises(HoldGone):
                ledger.settle(held, Bill(cost=cost, results=cost, upstream=upstream))
        else:
            ledger.settle(held, Bill(cost=cost, results=cost, upstream=upstream))
            self.charged += cost

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def call_fails(self, data: st.DataObject) -> None:
        ledger.abandon(self.open.pop(data.draw(st.sampled_from(sorted(self.open)))))

    @rule(results=st.integers(0, 50))
    def free_call(self, results: int) -> None:
        ledger.note_free(self.user_id, "similar", results, results)

    @rule(seconds=st.integers(1, HELD_FOR))
    def time_passes_and_the_clock_sweeps(self, seconds: int) -> None:
        self._clock.at += timedelta(seconds=seconds)
        ledger.sweep()

    @invariant()
    def the_transactions_add_up_to_the_balance(self) -> None:
        account = self._account()
        entries = list(store.each(Transaction, user_id=self.user_id))[::-1]
        balance = 0
        for number, entry in enumerate(entries, 1):
            balance += entry.amount
            assert (int(entry.number), entry.balance_after) == (number, balance)
            assert balance >= 0
        assert (len(entries), balance) == (account.transactions, account.balance)
        holds = list(store.each(Hold, user_id=self.user_id))
        assert account.held == sum(held.amount for held in holds)
        assert account.balance + account.held == 500 - self.charged
        charges = -sum(entry.amount for entry in entries if entry.type == "charge")
        days = list(store.each(Day, user_id=self.user_id))
        assert charges == self.charged == sum(day.counted("search", "charged") for day in days)
        told = [entry for entry in entries if entry.upstream_cost is not None]
        assert sum(day.upstream for day in days) == sum(entry.upstream_cost or 0 for entry in told)
        assert sum(day.drift for day in days) == sum(-entry.amount - (entry.upstream_cost or 0) for entry in told)

    def _account(self) -> CreditAccount:
        return ledger.account_of(self.user_id)


def test_the_sum_of_the_transactions_is_the_balance_at_every_moment(platform: Client) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    assert settings().table
    run_state_machine_as_test(Books, settings=properties(max_examples=6, stateful_step_count=16, deadline=None))
