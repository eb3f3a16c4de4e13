"""Telling people of a new chat message: each of them once, ever, in the app where they have an account and by e-mail.

Item (access pattern): that somebody was told of a message      CHAT#<sender>#<message> / <hash of the address>
"""

import hashlib
import time
from typing import ClassVar

from memory_mirror.accounts.entities import account_of
from memory_mirror.languages.spoken import detect
from memory_mirror.messages.notices import Notice, deliver, tell
from memory_mirror.service import store
from memory_mirror.times.moments import Moment
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.models import now
from quintet.store import ConditionFailed, Entity, Keys

SHOWN = 200
"""Characters of a message's preview that are passed on."""
PATIENCE = 15.0
"""Seconds within which another e-mail is begun; the outbox's sweep sends the rest."""

_TITLES = {
    "en": "New message from {name}",
    "es": "Nuevo mensaje de {name}",
    "fr": "Nouveau message de {name}",
    "de": "Neue Nachricht von {name}",
    "zh": "{name} 发来新消息",
    "ja": "{name}さんからの新しいメッセージ",
    "ko": "{name} 님의 새 메시지",
    "ar": "رسالة جديدة من {name}",
}


class ChatTold(Entity):
    """That one person was told of one message."""

    kind: ClassVar[str] = "chat_told"
    keys: ClassVar[Keys] = Keys("CHAT#{sender}#{message_id}", "{recipient}")

    sender: str
    message_id: str
    recipient: str
    told_at: Moment


def notify(sender: str, by: str, message_id: str, name: str, preview: str, recipients: list[str]) -> int:
    """Tell everybody who was not told yet; answers how many have been told, now or before.

    `sender` is the account that tells, whose message ids are its own; `by` its address. An e-mail that cannot be sent
    at once is sent later.
    """
    title, text = title_of(name, preview), shown(preview)
    ends = time.monotonic() + PATIENCE
    for recipient in recipients:
        told = ChatTold(sender=sender, message_id=message_id, recipient=_hidden(recipient), told_at=now())
        if store.get(ChatTold, **told.model_dump(include={"sender", "message_id", "recipient"})):
            continue
        _tell(told, recipient, by, title, text, in_time=time.monotonic() < ends)
    return len(recipients)


def title_of(name: str, preview: str) -> str:
    """The notice's title, in the language the message is written in."""
    return _TITLES[detect(preview) or "en"].format(name=name)


def shown(preview: str) -> str:
    """As much of a message as is passed on, on one line."""
    line = " ".join(preview.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1].rstrip()}…"


def _tell(told: ChatTold, recipient: str, by: str, title: str, text: str, *, in_time: bool) -> None:
    account = account_of(recipient)
    tx = store.transaction()
    tx.create(told)
    notice: Notice | None = None
    mail: Message | None = None
    if account is not None:
        notice = tell(tx, account, recipient, title, text, "chat", related_id=told.message_id, by=by)
    else:
        mail = Message.email(recipient, title, text).join(tx)
    try:
        tx.commit()
    except ConditionFailed:
        return  # told meanwhile by another request
    if not in_time:
        return
    if notice is not None:
        deliver([notice])
    elif mail is not None:
        outbox.deliver(store, mail)


def _hidden(recipient: str) -> str:
    return hashlib.sha256(recipient.encode()).hexdigest()[:40]
