"""Talking with the assistant: whose a session is, what is kept and listed, and what the model is told."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from caidence.activity.log import Activity
from caidence.chat import sessions
from caidence.chat.entities import Message, Session
from caidence.directory.entities import Organization
from caidence.service import store
from infra.local.converse import Step
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields
from tests.support.aws import in_threads
from tests.support.model import model

MESSAGE, SESSIONS = f"{BASE}/chat/message", f"{BASE}/chat/sessions"
MISSING = (404, "Chat session not found")


def history(session_id: str) -> str:
    return f"{BASE}/chat/history/{session_id}"


def talk(client: Client, message: str, session_id: str | None = None) -> Any:
    answer = client.post(MESSAGE, {"message": message, "session_id": session_id})
    assert answer.status == 200, answer
    return answer.body


def told(asked: dict[str, Any]) -> Any:
    """The facts that a model was told."""
    text = asked["messages"][0]["content"][0]["text"]
    (document,) = re.findall(r"<data-[0-9a-f]+>\n(.*)\n</data", text)
    return json.loads(document)


def test_without_a_token_nothing_is_to_be_had(platform: Client) -> None:
    for answer in (platform.post(MESSAGE, {"message": "Hi"}), platform.get(SESSIONS), platform.get(history(NOBODY))):
        assert answer.status == 401


def test_a_session_begins_with_the_first_message_and_keeps_both_sides(viewer: Client) -> None:
    with frozen() as clock:
        answer = viewer.post(MESSAGE, {"message": " How do I brief a creator? "})
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert set(answer.body) == {"response", "session_id"}
    session, at = answer.body["session_id"], rfc3339(clock.at)
    kept = viewer.get(history(session)).body
    assert kept == [
        {"id": kept[0]["id"], "session_id": session, "role": "user", "content": "How do I brief a creator?",
         "timestamp": at},
        {"id": kept[1]["id"], "session_id": session, "role": "assistant", "content": answer.body["response"],
         "timestamp": at},
    ]  # fmt: skip


def test_a_session_goes_on_and_the_one_talked_in_last_is_listed_first(viewer: Client) -> None:
    first, second = talk(viewer, "Hi")["session_id"], talk(viewer, "A subject line, please")["session_id"]
    assert viewer.get(SESSIONS).body == [second, first]
    assert talk(viewer, "And hashtags?", first)["session_id"] == first
    page = viewer.get(SESSIONS, query={"limit": 1})
    assert (page.body, page.headers["x-total-count"]) == ([first], "2")
    said = viewer.get(history(first)).body
    assert [(one["role"], one["content"]) for one in said if one["role"] == "user"] == [
        ("user", "Hi"), ("user", "And hashtags?"),
    ]  # fmt: skip
    assert [one["role"] for one in said] == ["user", "assistant"] * 2


def test_a_session_is_not_there_for_anybody_else(viewer: Client, sign_in: SignIn, super_admin: Client) -> None:
    session = talk(viewer, "Hi")["session_id"]
    for stranger in (sign_in("viewer"), super_admin):
        for wanted in (session, NOBODY):
            assert detail(stranger.get(history(wanted))) == MISSING
            assert detail(stranger.post(MESSAGE, {"message": "Hi", "session_id": wanted})) == MISSING
        assert stranger.get(SESSIONS).body == []
    assert len(viewer.get(history(session)).body) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": None}, "message"),
        ({"message": " \n "}, "message"),
        ({"message": "x" * 4001}, "message"),
        ({"message": "a\u0000"}, "message"),
        ({"message": 5}, "message"),
        ({"message": "Hi", "session_id": "mine"}, "session_id"),
    ],
)
def test_what_is_no_message_names_its_field(body: dict[str, Any], field: str, viewer: Client) -> None:
    assert fields(viewer.post(MESSAGE, body)) == [f"body.{field}"]
    assert viewer.get(SESSIONS).body == []


def test_a_session_id_that_is_none_names_itself(viewer: Client) -> None:
    assert fields(viewer.get(history("mine"))) == ["path.session_id"]


def test_a_beginning_is_an_activity_and_later_turns_are_not(
    viewer: Client, sign_in: SignIn, organization: Organization
) -> None:
    session = talk(viewer, "Our secret: a budget of $5,000")["session_id"]
    talk(viewer, "more", session)
    talk(sign_in("creator", None), "Hi")
    listed = [(one.type, one.description) for one in store.each(Activity, place=organization.id)]
    assert listed == [("chat.started", "Began a conversation with the assistant")]


def test_the_model_is_asked_with_the_turns_before(viewer: Client) -> None:
    with model(
        Step(input={"response": "Start with two creators."}), Step(input={"response": "Because it fits."})
    ) as it:
        answer = viewer.post(MESSAGE, {"message": "2000 clicks of 100000 impressions. Good?"})
        assert (answer.body["response"], answer.headers["x-answer-source"]) == ("Start with two creators.", "model")
        talk(viewer, "Why?", answer.body["session_id"])
        first, second = (told(asked.body) for asked in it.asked)
    assert first["worked_out"][0].startswith("Your click-through rate is 2 %")
    assert (first["talk_so_far"], first["role"]) == ([], "viewer")
    assert second["message"] == "Why?"
    assert second["talk_so_far"] == [
        {"by": "user", "text": "2000 clicks of 100000 impressions. Good?"},
        {"by": "you", "text": "Start with two creators."},
    ]


def test_a_model_that_fails_leaves_an_answer_all_the_same(viewer: Client) -> None:
    with model(Step(error="AccessDeniedException")):
        answer = viewer.post(MESSAGE, {"message": "Which subject line?"})
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert "subject line" in answer.body["response"]


def test_a_follow_up_stays_with_the_topic_and_says_something_new(viewer: Client) -> None:
    first = talk(viewer, "How do I find creators?")
    second = talk(viewer, "more", first["session_id"])
    third = talk(viewer, "Tell me more.", first["session_id"])
    assert len({first["response"], second["response"], third["response"]}) == 3
    assert "brief for a creator" in third["response"]


@pytest.mark.parametrize(("limit", "value"), [("MOST_MESSAGES", 2), ("MOST_BYTES", 40)])
def test_a_full_session_takes_no_more(limit: str, value: int, viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    session = talk(viewer, "Hi")["session_id"]
    monkeypatch.setattr(sessions, limit, value)
    answer = viewer.post(MESSAGE, {"message": "Hi again", "session_id": session})
    assert detail(answer) == (409, "This chat session is full: begin a new one")
    assert len(viewer.get(history(session)).body) == 2


def test_the_last_room_of_a_session_is_given_away_once(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    session = talk(viewer, "Hi")["session_id"]
    monkeypatch.setattr(sessions, "MOST_MESSAGES", 4)
    at_once = in_threads(4, lambda _: viewer.post(MESSAGE, {"message": "Me", "session_id": session}).status)
    assert sorted(map(str, at_once)) == ["200", "409", "409", "409"]
    assert len(viewer.get(history(session)).body) == 4


def test_messages_at_once_are_all_kept_and_counted(viewer: Client) -> None:
    session = talk(viewer, "Hi")["session_id"]
    answers = in_threads(6, lambda number: talk(viewer, f"Number {number}", session)["session_id"])
    assert answers == [session] * 6
    held = store.get(Session, user_id=account_of(viewer).id, id=session)
    kept = list(store.each(Message, user_id=account_of(viewer).id, session_id=session))
    assert held is not None
    assert (held.messages, held.latest) == (14, max(message.id for message in kept))
    assert held.size == sum(len(message.content.encode()) for message in kept)
    assert viewer.get(SESSIONS).body == [session]


def test_a_request_with_a_key_is_answered_once(viewer: Client) -> None:
    sent = [viewer.post(MESSAGE, {"message": "Hi"}, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert sent[0].body == sent[1].body
    assert viewer.get(SESSIONS).body == [sent[0].body["session_id"]]


def test_in_development_nobody_needs_to_sign_in(development: Client) -> None:
    session = talk(development, "Hi")["session_id"]
    assert development.get(SESSIONS).body == [session]
    assert len(development.get(f"{history(session)}/").body) == 2


def test_who_is_in_danger_is_answered_by_rule_whatever_the_model_would_say(viewer: Client) -> None:
    with model(Step(input={"response": "Have you tried a sale?"})) as asked:
        answer = viewer.post(MESSAGE, {"message": "I want to kill myself"})
    assert (answer.status, answer.headers["x-answer-source"], list(asked.asked)) == (200, "fallback", [])
    assert "988" in answer.body["response"]
    assert viewer.get(history(answer.body["session_id"])).body[1]["content"] == answer.body["response"]
