"""Purchases: twins buy once, what was bought is answered whoever is busy, and the books know what it cost us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from caidence.discovery import ledger, profiles
from caidence.discovery.accounts import HELD_FOR, Claim, Hold
from caidence.service import store
from infra.local.faulty import Faults
from infra.local.influencers_club import InfluencersClub, creators
from quintet.models.time import frozen
from quintet.net import patience
from quintet.providers import influencers_club
from quintet.store import BUSY, ConditionFailed
from quintet.store.errors import UNCONFIRMED
from quintet.testing.clock import Standing
from tests.functions.caidence.conftest import account_of, as_account
from tests.functions.caidence.discovery.conftest import DISCOVERY, Rich, at_once, check_books

HANDLE = creators("instagram")[0]["username"]
ENRICH = f"{DISCOVERY}/enrich?platform=instagram&handle={HANDLE}"
POST = f"{DISCOVERY}/post-details?platform=tiktok&post_id=7301"
SIMILAR = f"{DISCOVERY}/similar?platform=instagram&handle={HANDLE}&limit=2"
KEY = profiles.key_of("instagram", HANDLE, "raw")


def test_the_same_profile_asked_for_at_one_moment_is_bought_and_paid_once(rich: Rich, club: InfluencersClub) -> None:
    """Even where there is credit for one alone."""
    client, club.faults = rich(0.03), Faults(delay=0.3)
    answers = at_once(6, lambda _: client.post(ENRICH))
    assert [answer.status for answer in answers] == [200] * 6
    assert sorted(answer.body["credits_used"] for answer in answers) == [0, 0, 0, 0, 0, 0.03]
    assert {answer.body["profile"]["handle"] for answer in answers} == {HANDLE}
    assert len(club.asked) == 1
    assert (check_books(client).balance, check_books(client).held) == (0, 0)


def test_who_waits_too_long_for_a_twin_is_told_when_to_ask_again(rich: Rich, club: InfluencersClub) -> None:
    client = rich(2.0)
    user = account_of(client)
    with frozen() as clock:
        with profiles.claimed(user.id, KEY), patience.timed_by(Standing().clock):
            refused = client.post(ENRICH)
            assert client.post(f"{ENRICH}&mode=full").status == 200, "another mode is another profile"
        assert (refused.status, refused.headers["retry-after"]) == (409, "2")
        assert profiles._claim(user.id, KEY), "a process dies with its turn"
        clock.at += timedelta(seconds=profiles.LEASE)
        bought = as_account(client, user).post(ENRICH)
        assert bought.body["credits_used"] == 0.03, bought.body
    assert not list(store.each(Claim, user_id=user.id))
    assert len(club.asked) == 2


def test_a_purchase_that_fails_lets_the_next_one_try(rich: Rich, club: InfluencersClub) -> None:
    client, club.faults = rich(1.0), Faults(status=404, requests=1)
    assert client.post(ENRICH).status == 502
    assert client.post(ENRICH).body["credits_used"] == 0.03


def test_what_nobody_is_charged_for_is_in_the_books(
    rich: Rich, club: InfluencersClub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody whose lease was over bought it, too."""
    client = rich(1.0)
    user_id, send = account_of(client).id, influencers_club.enrich

    def overtaken(*args: Any) -> influencers_club.Told:
        tx = store.transaction()
        profiles.keep(tx, user_id, KEY, {"handle": HANDLE})
        tx.commit()
        return send(*args)

    monkeypatch.setattr(influencers_club, "enrich", overtaken)
    answer = client.post(ENRICH)
    assert (answer.status, answer.body["credits_used"], answer.body["credits_remaining"]) == (200, 0, 1)
    assert (check_books(client).balance, check_books(client).held) == (100, 0)
    stats = client.get(f"{DISCOVERY}/credits").body["usage_stats"]
    assert (stats["upstream_cost"], stats["drift"], stats["credits_used"]) == (0.03, -0.03, 0)


def contended(*_: object) -> None:
    raise ConditionFailed


def unconfirmed(*_: object) -> None:
    raise UNCONFIRMED()


@pytest.mark.parametrize("trouble", [contended, unconfirmed])
@pytest.mark.parametrize("call", [POST, ENRICH])
def test_what_was_bought_is_answered_and_charged_by_the_clock_where_the_account_is_too_busy(
    rich: Rich, club: InfluencersClub, monkeypatch: pytest.MonkeyPatch, trouble: Callable[..., None], call: str
) -> None:
    client = rich(1.0)
    user = account_of(client)
    with frozen() as clock:
        with monkeypatch.context() as broken, patience.timed_by(Standing().clock):
            broken.setattr(ledger, "_give_back", trouble)
            answer = client.post(call)
        assert (answer.status, answer.body["credits_used"], answer.body["credits_remaining"]) == (200, 0.03, 0.97)
        assert (check_books(client).balance, check_books(client).held) == (97, 3)
        clock.at += timedelta(seconds=HELD_FOR)
        assert ledger.sweep().model_dump() == {"released": 0, "charged": 1, "left": 0}
        client = as_account(client, user)
        assert (check_books(client).balance, check_books(client).held) == (97, 0)
        stats = client.get(f"{DISCOVERY}/credits").body["usage_stats"]
        assert (stats["requests"], stats["credits_used"], stats["upstream_cost"]) == (1, 0.03, 0.03)
        if call == ENRICH:
            assert client.post(ENRICH).body["cached"] is True


def test_a_charge_waits_for_its_turn_nearly_as_long_as_the_invocation_lasts(
    rich: Rich, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, standing, enter = rich(1.0), Standing(), ledger._give_back
    began = standing.now

    def busy_for_twenty_seconds(*args: Any) -> None:
        if standing.now < began + 20:
            raise ConditionFailed
        enter(*args)

    monkeypatch.setattr(ledger, "_give_back", busy_for_twenty_seconds)
    with patience.timed_by(standing.clock):
        assert client.post(POST).status == 200
    assert (check_books(client).balance, check_books(client).held) == (97, 0)


def test_an_answer_that_costs_nothing_is_given_whoever_is_busy(rich: Rich, monkeypatch: pytest.MonkeyPatch) -> None:
    client = rich(1.0)
    monkeypatch.setattr(ledger, "_charge", contended)
    with patience.timed_by(Standing().clock):
        answer = client.post(SIMILAR)
    assert (answer.status, len(answer.body["results"]), answer.body["credits_remaining"]) == (200, 2, 1)


def test_an_answer_that_comes_after_its_hold_is_given_and_costs_nothing(
    rich: Rich, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = rich(1.0)
    user_id, send = account_of(client).id, influencers_club.post_details

    def late(*args: Any) -> influencers_club.Told:
        (held,) = store.each(Hold, user_id=user_id)
        ledger.release(held)
        return send(*args)

    monkeypatch.setattr(influencers_club, "post_details", late)
    answer = client.post(POST)
    assert (answer.status, answer.body["credits_used"], answer.body["credits_remaining"]) == (200, 0, 1)
    assert check_books(client).balance == 100


def test_a_sweep_goes_on_after_an_account_that_is_busy(rich: Rich, monkeypatch: pytest.MonkeyPatch) -> None:
    users = [account_of(rich(1.0)).id for _ in range(2)]
    end = ledger.release

    def busy(held: Hold) -> None:
        if held.user_id == users[0]:
            raise BUSY()
        end(held)

    with frozen() as clock:
        for user_id in users:
            ledger.hold(user_id, "search", 10)
        clock.at += timedelta(seconds=HELD_FOR)
        monkeypatch.setattr(ledger, "release", busy)
        assert ledger.sweep().model_dump() == {"released": 1, "charged": 0, "left": 1}
        monkeypatch.undo()
        assert ledger.sweep().released == 1
