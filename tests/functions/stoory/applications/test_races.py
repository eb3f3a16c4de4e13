"""What must be impossible: more accepted than places, two applications of one influencer, two outcomes of one race."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from quintet.testing.client import Answer
from stoory.applications.entities import Application
from stoory.applications.states import ApplicationStatus
from stoory.campaigns.entities import Campaign, Withdrawal
from stoory.service import store
from tests.conftest import Systems
from tests.support.aws import in_threads
from tests.support.calls import crashing, losing_answers
from tests.support.market import BASE, Party, accept, accepted, applied, apply, campaign, party, said, status_of

FULL = "Campaign has reached its maximum number of influencers"


@pytest.fixture(autouse=True)
def market(system: Systems) -> None:
    system("stoory")


@pytest.fixture
def brand() -> Party:
    return party("BRAND")


def told(answers: list[Any]) -> Counter[tuple[int, str]]:
    return Counter(said(answer) for answer in answers)


def post(client: Party, ident: str, verb: str) -> Answer:
    return client.post(f"{BASE}/applications/{ident}/{verb}")


def taken(campaign_id: str) -> tuple[int, int]:
    """The campaign's own count of taken places, and the number of applications that take one."""
    found = store.get(Campaign, id=campaign_id)
    assert found is not None
    holders = (ApplicationStatus.ACCEPTED, ApplicationStatus.COMPLETED)
    held = [one for one in store.each(Application, "gsi1", campaign_id=campaign_id) if one.status in holders]
    return found.accepted_count, len(held)


def test_sixteen_accepted_at_once_take_five_places(brand: Party) -> None:
    ident = campaign(brand, max_influencers=5)["id"]
    pending = [applied(party("INFLUENCER"), ident)["id"] for _ in range(16)]
    answers = in_threads(16, lambda n: accept(brand, pending[n]))
    assert told(answers) == {(200, "Application accepted successfully"): 5, (400, FULL): 11}
    assert taken(ident) == (5, 5)
    for one, answer in zip(pending, answers, strict=True):
        assert isinstance(answer, Answer)
        assert status_of(brand, one) == ("ACCEPTED" if answer.status == 200 else "PENDING")
        assert brand.get(f"{BASE}/chat/{one}").status == (200 if answer.status == 200 else 404)


def test_bulks_at_once_take_no_more_than_there_is(brand: Party) -> None:
    ident = campaign(brand, max_influencers=4)["id"]
    pending = [applied(party("INFLUENCER"), ident)["id"] for _ in range(9)]

    def bulk(number: int) -> Answer:
        items = [
            {"applicationId": one, "agreedAmount": 1, "platformFeePercent": 0}
            for one in pending[number * 3 : number * 3 + 3]
        ]
        return brand.post(f"{BASE}/applications/bulk-accept", {"campaignId": ident, "applications": items})

    answers = in_threads(3, bulk)
    assert sum(answer.body["succeeded"] for answer in answers if isinstance(answer, Answer)) == 4
    assert taken(ident) == (4, 4)


def test_one_accepted_by_many_clicks_takes_one_place(brand: Party) -> None:
    ident = campaign(brand)["id"]
    one = applied(party("INFLUENCER"), ident)["id"]
    answers = in_threads(8, lambda _: accept(brand, one))
    again = "Cannot accept application. Current status: ACCEPTED"
    assert told(answers) == {(200, "Application accepted successfully"): 1, (400, again): 7}
    assert taken(ident) == (1, 1)


def test_ten_applications_of_one_influencer_at_once_are_one(brand: Party) -> None:
    ident, influencer = campaign(brand)["id"], party("INFLUENCER")
    answers = in_threads(10, lambda _: apply(influencer, ident))
    assert told(answers) == {
        (201, "Application submitted successfully"): 1,
        (400, "Already applied to this campaign"): 9,
    }
    assert influencer.get(f"{BASE}/applications").body["pagination"]["total"] == 1


@pytest.mark.parametrize("repeat", range(3))
def test_accepting_and_cancelling_at_once_end_in_one_story(brand: Party, repeat: int) -> None:
    """Both may succeed only in the order accept, cancel; a cancelled application is never accepted."""
    ident, influencer = campaign(brand)["id"], party("INFLUENCER")
    one = applied(influencer, ident)["id"]
    first, second = in_threads(2, lambda n: accept(brand, one) if n else post(influencer, one, "cancel"))
    assert said(first) == (200, "Application cancelled successfully")
    assert said(second) in (
        (200, "Application accepted successfully"),
        (400, "Cannot accept application. Current status: CANCELLED"),
    )
    assert status_of(brand, one) == "CANCELLED"
    assert taken(ident) == (0, 0)


@pytest.mark.parametrize("repeat", range(3))
def test_accepting_and_rejecting_at_once_exactly_one_wins(brand: Party, repeat: int) -> None:
    ident = campaign(brand)["id"]
    one = applied(party("INFLUENCER"), ident)["id"]
    answers = in_threads(2, lambda n: accept(brand, one) if n else post(brand, one, "reject"))
    assert sorted(said(answer)[0] for answer in answers) == [200, 400]
    won = said(answers[1])[0] == 200
    assert status_of(brand, one) == ("ACCEPTED" if won else "REJECTED")
    assert taken(ident) == (int(won), int(won))


@pytest.mark.parametrize("repeat", range(3))
def test_completing_and_cancelling_at_once_exactly_one_wins(brand: Party, repeat: int) -> None:
    ident, influencer, admin = campaign(brand)["id"], party("INFLUENCER"), party("ADMIN")
    one = accepted(brand, applied(influencer, ident)["id"])["id"]
    movers = [(admin, "complete"), (influencer, "cancel"), (brand, "cancel")]
    answers = in_threads(3, lambda n: post(movers[n][0], one, movers[n][1]))
    assert sorted(said(answer)[0] for answer in answers) == [200, 400, 400]
    completed = said(answers[0])[0] == 200
    assert status_of(brand, one) == ("COMPLETED" if completed else "CANCELLED")
    assert taken(ident) == (int(completed), int(completed))


def between(happen: Callable[[], Any]) -> Callable[[dict[str, Any]], None]:
    """Do something once, just before a transaction is sent: after all it rests upon was read."""
    done: list[bool] = []

    def before(_: dict[str, Any]) -> None:
        if not done:
            done.append(True)
            happen()

    return before


def test_a_cancellation_that_comes_first_is_not_accepted(brand: Party) -> None:
    ident, influencer = campaign(brand)["id"], party("INFLUENCER")
    one = applied(influencer, ident)["id"]
    with crashing("TransactWriteItems", between(lambda: post(influencer, one, "cancel"))):
        answer = accept(brand, one)
    assert said(answer) == (400, "Cannot accept application. Current status: CANCELLED")
    assert taken(ident) == (0, 0)


def test_the_last_place_taken_meanwhile_is_not_given_twice(brand: Party) -> None:
    ident = campaign(brand, max_influencers=1)["id"]
    one, other = (applied(party("INFLUENCER"), ident)["id"] for _ in range(2))
    with crashing("TransactWriteItems", between(lambda: accept(brand, other))):
        answer = accept(brand, one)
    assert said(answer) == (400, FULL)
    assert taken(ident) == (1, 1)


@pytest.mark.parametrize("end", ["delete", "cancel", "limit"])
def test_a_campaign_that_ends_while_it_is_applied_to(brand: Party, end: str) -> None:
    ident, influencer = campaign(brand)["id"], party("INFLUENCER")
    path = f"{BASE}/campaigns/{ident}"
    ends: dict[str, Callable[[], Answer]] = {
        "delete": lambda: brand.delete(path),
        "cancel": lambda: brand.put(path, {"status": "CANCELLED"}),
        "limit": lambda: brand.put(path, {"status": "LOCKED"}),
    }
    with crashing("TransactWriteItems", between(ends[end])):
        answer = apply(influencer, ident)
    expected = (404, "Campaign not found") if end == "delete" else (400, "Campaign is not accepting applications")
    assert said(answer) == expected
    assert influencer.get(f"{BASE}/applications").body["pagination"]["total"] == 0


def test_applying_while_the_campaign_is_deleted_leaves_nothing_undecided(brand: Party) -> None:
    ident = campaign(brand)["id"]
    influencers = [party("INFLUENCER") for _ in range(6)]
    path = f"{BASE}/campaigns/{ident}"
    answers = in_threads(7, lambda n: apply(influencers[n], ident) if n < 6 else brand.delete(path))
    assert said(answers[6]) == (200, "Campaign deleted successfully")
    assert set(told(answers[:6])) <= {(201, "Application submitted successfully"), (404, "Campaign not found")}
    statuses = {one.status for one in store.each(Application, "gsi1", campaign_id=ident)}
    assert statuses <= {ApplicationStatus.CANCELLED}
    assert list(store.each(Withdrawal)) == []


def test_a_lost_reply_of_the_table_goes_unnoticed(brand: Party) -> None:
    ident, influencer = campaign(brand, max_influencers=1)["id"], party("INFLUENCER")
    with losing_answers("TransactWriteItems"):
        one = applied(influencer, ident)["id"]
    with losing_answers("TransactWriteItems"):
        assert accept(brand, one).status == 200
    assert taken(ident) == (1, 1)


def test_changes_of_a_campaign_at_once_all_count(brand: Party) -> None:
    ident = campaign(brand)["id"]
    fields = [{"budget": 5}, {"language": "hi"}, {"title": "Changed at once"}, {"description": "New words"}]
    pending = applied(party("INFLUENCER"), ident)["id"]
    path = f"{BASE}/campaigns/{ident}"
    answers = in_threads(5, lambda n: brand.put(path, fields[n]) if n < 4 else accept(brand, pending))
    assert [said(answer)[0] for answer in answers] == [200] * 5
    shown = brand.get(path).body["campaign"]
    assert {**shown, "budget": 5, "language": "hi", "title": "Changed at once", "description": "New words"} == shown
    assert shown["accepted_count"] == 1
    assert brand.get(f"{BASE}/campaigns?search=changed%20words").body["pagination"]["total"] == 1
