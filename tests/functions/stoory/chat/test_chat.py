"""Chats: opened once, seen by the two parties and admins alone, read from any place."""

from datetime import timedelta
from itertools import chain, pairwise

import pytest

from quintet.models import new_id, now, rfc3339
from quintet.models.time import frozen
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.conftest import Systems
from tests.support.aws import in_threads
from tests.support.calls import recorded
from tests.support.market import (
    BASE,
    UNSIGNED,
    Party,
    accepted,
    anyone,
    applied,
    campaign,
    failure,
    party,
    refused,
    said,
    wrong,
)

NOT_FOUND = (404, failure("Chat not found"))


@pytest.fixture(autouse=True)
def market(system: Systems) -> None:
    system("stoory")


@pytest.fixture
def brand() -> Party:
    return party("BRAND")


@pytest.fixture
def influencer() -> Party:
    return party("INFLUENCER")


@pytest.fixture
def pending(brand: Party, influencer: Party) -> str:
    """An application nobody has decided upon."""
    return str(applied(influencer, campaign(brand)["id"])["id"])


@pytest.fixture
def open_chat(brand: Party, pending: str) -> str:
    """An accepted application, so that its chat is open."""
    return str(accepted(brand, pending)["id"])


def chat(id: str) -> str:
    return f"{BASE}/chat/{id}"


def send(sender: Client, id: str, content: str, **options: dict[str, str]) -> Answer:
    return sender.post(f"{chat(id)}/messages", {"content": content}, **options)


def contents(reader: Client, id: str, query: str = "") -> list[str]:
    return [str(message["content"]) for message in reader.get(f"{chat(id)}/history{query}").body["messages"]]


def test_accepting_opens_the_chat(brand: Party, influencer: Party, pending: str) -> None:
    assert refused(influencer.get(chat(pending))) == NOT_FOUND
    with frozen(now() + timedelta(seconds=5)) as clock:
        application = accepted(brand, pending)
        moment = rfc3339(clock.at)
    for viewer in (brand, influencer, party("ADMIN")):
        answer = viewer.get(chat(pending))
        assert (answer.status, answer.body) == (
            200,
            {
                "success": True,
                "chat": {
                    "id": answer.body["chat"]["id"], "application_id": pending,
                    "campaign_id": application["campaign_id"], "brand_id": brand.id,
                    "influencer_id": influencer.id, "message_count": 0, "created_at": moment, "updated_at": moment,
                },
            },
        )  # fmt: skip


@pytest.mark.parametrize("who", ["BRAND", "INFLUENCER", "ADMIN"])
def test_a_chat_can_be_opened_before_the_decision_but_once(
    brand: Party, influencer: Party, pending: str, who: str
) -> None:
    opener = {"BRAND": brand, "INFLUENCER": influencer, "ADMIN": party("ADMIN")}[who]
    answer = opener.post(chat(pending))
    assert answer.status == 201
    found = opener.get(chat(pending)).body["chat"]
    assert answer.body == {"success": True, "message": "Chat created successfully", "chat": found}
    assert (found["brand_id"], found["influencer_id"]) == (brand.id, influencer.id)
    for again in (brand, influencer):
        assert refused(again.post(chat(pending))) == (400, failure("Chat already exists"))
    accepted(brand, pending)
    assert brand.get(chat(pending)).body["chat"] == found


def test_an_accepted_application_has_its_chat_already(brand: Party, open_chat: str) -> None:
    assert refused(brand.post(chat(open_chat))) == (400, failure("Chat already exists"))


def test_an_application_that_came_to_nothing_opens_no_chat(brand: Party, influencer: Party, pending: str) -> None:
    brand.post(f"{BASE}/applications/{pending}/reject")
    expected = (400, failure("Cannot open a chat for application. Current status: REJECTED"))
    assert refused(influencer.post(chat(pending))) == expected


def test_a_chat_that_was_opened_outlives_its_application(brand: Party, influencer: Party, open_chat: str) -> None:
    influencer.post(f"{BASE}/applications/{open_chat}/cancel")
    assert refused(brand.post(chat(open_chat))) == (400, failure("Chat already exists"))
    assert send(brand, open_chat, "Why?").status == 201


def test_to_others_a_chat_does_not_exist(open_chat: str, pending: str) -> None:
    for stranger in (party("BRAND"), party("INFLUENCER")):
        assert refused(stranger.get(chat(open_chat))) == NOT_FOUND
        assert refused(stranger.get(chat(open_chat) + "/history")) == NOT_FOUND
        assert refused(send(stranger, open_chat, "Hello?")) == NOT_FOUND
        assert refused(stranger.post(chat(open_chat))) == (404, failure("Application not found"))


@pytest.mark.parametrize(
    ("method", "tail", "message"),
    [("GET", "", "Chat"), ("GET", "/history", "Chat"), ("POST", "/messages", "Chat"), ("POST", "", "Application")],
)
def test_unknown_and_malformed_ids_and_strangers(brand: Party, method: str, tail: str, message: str) -> None:
    body = {"content": "Hi"} if tail == "/messages" else None
    missing = brand.request(method, chat(new_id()) + tail, body)
    assert refused(missing) == (404, failure(f"{message} not found"))
    malformed = brand.request(method, chat("12") + tail, body)
    assert refused(malformed) == (400, wrong("applicationId", "applicationId is malformed", "params"))
    assert refused(anyone().request(method, chat(new_id()) + tail, body)) == (401, UNSIGNED)


def test_a_message_reaches_the_other_side(brand: Party, influencer: Party, open_chat: str) -> None:
    with frozen(now() + timedelta(seconds=5)) as clock:
        answer = send(brand, open_chat, "  Hello!\r\nWhen can you start? ")
        moment = rfc3339(clock.at)
    sent = answer.body["chat_message"]
    found = brand.get(chat(open_chat)).body["chat"]
    assert (answer.status, answer.body) == (
        201,
        {
            "success": True,
            "message": "Message sent successfully",
            "chat_message": {
                "id": sent["id"], "chat_id": found["id"], "sender_id": brand.id,
                "content": "Hello!\nWhen can you start?", "created_at": moment,
            },
        },
    )  # fmt: skip
    assert (found["message_count"], found["updated_at"]) == (1, moment)
    history = influencer.get(chat(open_chat) + "/history")
    assert (history.status, history.body) == (
        200,
        {"success": True, "messages": [sent], "pagination": {"limit": 50, "offset": 0, "total": 1}},
    )


def test_history_is_oldest_first_from_any_place(brand: Party, influencer: Party, open_chat: str) -> None:
    texts = [f"message {n}" for n in range(12)]
    for number, text in enumerate(texts):
        assert send((brand, influencer)[number % 2], open_chat, text).status == 201
    assert contents(brand, open_chat) == texts
    for limit, offset in ((5, 0), (5, 5), (5, 10), (1, 11), (100, 3), (5, 12), (5, 900)):
        answer = brand.get(f"{chat(open_chat)}/history?limit={limit}&offset={offset}")
        assert [one["content"] for one in answer.body["messages"]] == texts[offset : offset + limit]
        assert answer.body["pagination"] == {"limit": limit, "offset": offset, "total": 12}


def test_a_page_deep_in_the_history_costs_two_calls(brand: Party, open_chat: str) -> None:
    for number in range(6):
        send(brand, open_chat, str(number))
    with recorded() as calls:
        assert contents(brand, open_chat, "?offset=4&limit=2") == ["4", "5"]
    assert calls.names == ["GetItem", "Query"]
    assert calls.of("Query")[0].params["Limit"] == 2


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=101", "limit"), ("offset=-1", "offset"), ("offset=x", "offset")]
)
def test_a_window_that_does_not_fit_is_named(brand: Party, open_chat: str, query: str, field: str) -> None:
    answer = brand.get(f"{chat(open_chat)}/history?{query}")
    assert said(answer) == (400, "Validation failed")
    assert [(one["param"], one["location"]) for one in answer.body["errors"]] == [(field, "query")]


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": "  "}, {"content": "x" * 5001}, {"content": 5}])
def test_a_message_has_content(brand: Party, open_chat: str, body: dict[str, object]) -> None:
    answer = brand.post(chat(open_chat) + "/messages", body)
    assert said(answer) == (400, "Validation failed")
    assert [one["param"] for one in answer.body["errors"]] == ["content"]
    assert contents(brand, open_chat) == []


def test_the_same_key_sends_once(brand: Party, open_chat: str) -> None:
    key = {"Idempotency-Key": "k"}
    first, second = (send(brand, open_chat, "Once", headers=key) for _ in range(2))
    assert (first.status, second.status, second.body) == (201, 201, first.body)
    assert contents(brand, open_chat) == ["Once"]


def test_messages_sent_at_once_all_arrive_in_one_order(brand: Party, influencer: Party, open_chat: str) -> None:
    answers = in_threads(10, lambda n: send((brand, influencer)[n % 2], open_chat, str(n)))
    assert [said(answer)[0] for answer in answers] == [201] * 10
    told = contents(brand, open_chat)
    assert sorted(told, key=int) == [str(n) for n in range(10)]
    assert contents(influencer, open_chat) == told
    assert brand.get(chat(open_chat)).body["chat"]["message_count"] == 10
    pages = [contents(brand, open_chat, f"?limit=3&offset={offset}") for offset in range(0, 10, 3)]
    assert list(chain.from_iterable(pages)) == told
    assert all(set(one).isdisjoint(other) for one, other in pairwise(pages))


def test_a_chat_opened_at_once_by_both_is_one(brand: Party, influencer: Party, pending: str) -> None:
    answers = in_threads(6, lambda n: (brand, influencer)[n % 2].post(chat(pending)))
    assert sorted(said(answer) for answer in answers) == [
        (201, "Chat created successfully"), *[(400, "Chat already exists")] * 5,
    ]  # fmt: skip
