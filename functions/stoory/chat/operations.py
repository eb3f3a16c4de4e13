"""Chats between a brand and an influencer about an application."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Once
from quintet.models import Length, Text, Timestamp, new_id, now
from quintet.store import BUSY, Transaction, equals
from quintet.store.contention import until_settled
from stoory.chat.entities import Chat, ChatMessage, numbered
from stoory.envelope import Id
from stoory.service import User, api, store

CHAT_NOT_FOUND = ErrorType(404, "chat_not_found", "Chat not found")


class NewMessage(BaseModel):
    model_config = ConfigDict(defer_build=True)

    content: Annotated[Text, Length(1, 5000)]


class HistoryQuery(BaseModel):
    """Which messages: `limit` of them after the first `offset`."""

    model_config = ConfigDict(defer_build=True)

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000_000)] = 0


class ChatReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    application_id: str
    campaign_id: str
    brand_id: str
    influencer_id: str
    message_count: int
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, chat: Chat) -> Self:
        return cls.model_validate(chat, from_attributes=True)


class MessageReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    chat_id: str
    sender_id: str
    content: str
    created_at: Timestamp

    @classmethod
    def of(cls, message: ChatMessage) -> Self:
        return cls.model_validate(message, from_attributes=True)


class OneChat(BaseModel):
    model_config = ConfigDict(defer_build=True)

    chat: ChatReply


class SentMessage(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    chat_message: MessageReply


class Window(BaseModel):
    """Where messages stand in their history."""

    model_config = ConfigDict(defer_build=True)

    limit: int
    offset: int
    total: int


class History(BaseModel):
    model_config = ConfigDict(defer_build=True)

    messages: list[MessageReply]
    pagination: Window


@api.get("/chat/{applicationId}", errors=[CHAT_NOT_FOUND], needs={"table:read"})
def get(applicationId: Id, caller: User) -> OneChat:  # noqa: N803 (the document's spelling)
    """Get the chat of an application

    For its brand, its influencer and admins; to others it does not exist.
    """
    return OneChat(chat=ChatReply.of(_open(applicationId, caller)))


@api.get("/chat/{applicationId}/history", errors=[CHAT_NOT_FOUND], needs={"table:read"})
def history(applicationId: Id, query: HistoryQuery, caller: User) -> History:  # noqa: N803
    """List the messages of an application's chat, oldest first"""
    chat = _open(applicationId, caller)
    wanted = min(query.limit, chat.message_count - query.offset)
    found: list[ChatMessage] = []
    if wanted > 0:
        before = ChatMessage.key(application_id=applicationId, number=numbered(query.offset)).attributes()
        found = store.query(ChatMessage, limit=wanted, after=before, consistent=True,
                            application_id=applicationId).items  # fmt: skip
    window = Window(limit=query.limit, offset=query.offset, total=chat.message_count)
    return History(messages=[MessageReply.of(message) for message in found], pagination=window)


@api.post(
    "/chat/{applicationId}/messages",
    status=201,
    errors=[CHAT_NOT_FOUND, BUSY],
    needs={"table:write"},
    extension=True,
)
def send(applicationId: Id, body: NewMessage, caller: User, once: Once) -> SentMessage:  # noqa: N803
    """Send a message to the chat of an application"""

    def attempt() -> SentMessage:
        chat = _open(applicationId, caller)
        message = _next(chat, caller.id, body.content)
        reply = SentMessage(message="Message sent successfully", chat_message=MessageReply.of(message))
        tx = store.transaction()
        _append(tx, chat, message)
        once.record(tx, reply)
        tx.commit()
        return reply

    return until_settled(attempt)


def _open(application_id: str, caller: User) -> Chat:
    chat = store.get(Chat, application_id=application_id)
    if chat is None or not caller.is_party_or_admin(chat):
        raise CHAT_NOT_FOUND()
    return chat


def _next(chat: Chat, sender_id: str, content: str) -> ChatMessage:
    return ChatMessage(
        id=new_id(),
        application_id=chat.application_id,
        chat_id=chat.id,
        number=numbered(chat.message_count + 1),
        sender_id=sender_id,
        content=content,
        created_at=now(),
    )


def _append(tx: Transaction, chat: Chat, message: ChatMessage) -> None:
    """The message at its number, on condition that nobody else has taken that number."""
    counted = chat.model_copy(update={"message_count": chat.message_count + 1, "updated_at": message.created_at})
    tx.replace(chat, counted, [equals("message_count", chat.message_count)], refused=None)
    tx.create(message)
