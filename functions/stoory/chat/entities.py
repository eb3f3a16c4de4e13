"""Chats, one per application, and their messages in the order they were sent."""

from typing import ClassVar

from quintet.models import Timestamp
from quintet.store import Entity, Keys


class Chat(Entity):
    """Where a brand and an influencer talk about an application."""

    kind: ClassVar[str] = "chat"
    keys: ClassVar[Keys] = Keys("CHAT#{application_id}", "CHAT")

    id: str
    application_id: str
    campaign_id: str
    brand_id: str
    influencer_id: str
    message_count: int = 0
    created_at: Timestamp
    updated_at: Timestamp


class ChatMessage(Entity):
    """One message; `number` counts from 1 within its chat, in ten digits, so that text sorts as number."""

    kind: ClassVar[str] = "chat_message"
    keys: ClassVar[Keys] = Keys("CHAT#{application_id}#MESSAGES", "{number}", order="ascending")

    id: str
    application_id: str
    chat_id: str
    number: str
    sender_id: str
    content: str
    created_at: Timestamp


def numbered(number: int) -> str:
    """A message's number as its sort key has it."""
    return f"{number:010d}"
