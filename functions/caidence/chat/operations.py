"""Talking with the assistant, and reading what was said."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.chat import sessions
from caidence.chat.advice import advised, urged
from caidence.chat.context import within_budget
from caidence.chat.entities import Message, Session
from caidence.chat.figures import mentioned, worked_out
from caidence.chat.sessions import SESSION_FULL, SESSION_NOT_FOUND
from caidence.chat.stored import stored
from caidence.envelope import Id
from caidence.service import api, store
from quintet.answers import Answer, Prompt, ask
from quintet.api import Reply
from quintet.models import Length, Page, SkipQuery, Text, Timestamp, new_id, now

CHAT = Prompt("caidence", "chat.v1", rules="rules.v1")
LONGEST = 4000
"""Characters of a message."""


class ChatMessage(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: Annotated[Text, Length(1, LONGEST)]
    session_id: Annotated[Id | None, Field(description="A new session begins when absent")] = None


class ChatReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    response: str
    session_id: str


class MessageReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    session_id: str
    role: str
    content: str
    timestamp: Timestamp


class Worded(BaseModel):
    """What a model answers."""

    model_config = ConfigDict(defer_build=True)

    response: Annotated[Text, Length(1, LONGEST)]


@api.get("/chat/history/{session_id}", errors=[SESSION_NOT_FOUND], needs={"table:read"})
def get_history(session_id: Id, caller: User) -> list[MessageReply]:
    """All messages of a session, oldest first

    A session belongs to the user who began it, and to nobody else.
    """
    held = sessions.found(caller, session_id)
    return [
        MessageReply.model_validate(message.model_dump(exclude={"version", "user_id"}))
        for message in sessions.history(held)
    ]


@api.get("/chat/sessions", needs={"table:read"})
def list_sessions(query: SkipQuery, caller: User) -> Page[str]:
    """The ids of the caller's sessions, the one that was talked in last first"""
    return store.page(Session, "gsi1", query, user_id=caller.id).map(lambda session: session.id)


@api.post(
    "/chat/message",
    errors=[SESSION_NOT_FOUND, SESSION_FULL],
    needs={"table:write", "model"},
    idempotent=True,
    example={"message": "How should I split a budget of $5,000 for a juice launch?"},
)
def send_message(body: ChatMessage, caller: User) -> Reply[ChatReply]:
    """Send a message to the assistant

    A session begins with the first message. What was said before is taken into account as far back as a budget of
    tokens allows. `X-Answer-Source` says who answered: the language model, or advice by rules, as always where
    somebody's life is in danger.
    """
    session = sessions.found(caller, body.session_id) if body.session_id else Session(user_id=caller.id)
    sessions.require_room(session)
    asked = _message(session, "user", body.message)
    earlier = sessions.last_turns(session) if session.messages else []
    urgent = urged(body.message)
    known = [] if urgent else stored(caller, body.message)
    answer: Answer[Worded]
    answer = Answer(None, "urgent") if urgent else ask(CHAT, Worded, _facts(caller, body.message, earlier, known))
    if urgent:
        response = urgent
    elif answer.value is None and known:
        response = "\n\n".join(known)[:LONGEST]
    elif answer.value is None:
        written, said = ([m.content for m in earlier if m.role == role] for role in ("user", "assistant"))
        response = advised(body.message, written, said)
    else:
        response = answer.value.response
    sessions.keep(caller, session, [asked, _message(session, "assistant", response)])
    return Reply(ChatReply(response=response, session_id=session.id), headers=answer.headers)


def _message(session: Session, role: str, content: str) -> Message:
    values: dict[str, Any] = {"id": new_id(), "role": role, "content": content, "timestamp": now()}
    return Message(user_id=session.user_id, session_id=session.id, **values)


def _facts(caller: User, message: str, earlier: list[Message], known: list[str]) -> dict[str, Any]:
    return {
        "message": message,
        "worked_out": worked_out(mentioned(message)),
        **({"stored": known} if known else {}),
        "role": caller.account.role.replace("_", " "),
        "talk_so_far": within_budget(message, earlier),
    }
