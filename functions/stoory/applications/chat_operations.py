"""Opening the chat of an application, which an application that came to nothing no longer does."""

from pydantic import BaseModel, ConfigDict

from quintet.api import ErrorType, Once
from quintet.models import now
from quintet.store import BUSY
from stoory.applications.entities import APPLICATION_NOT_FOUND, Application
from stoory.applications.moves import ILLEGAL_MOVE, new_chat
from stoory.applications.states import ApplicationStatus
from stoory.chat.entities import Chat
from stoory.chat.operations import ChatReply
from stoory.envelope import Id
from stoory.lifecycle.transitions import IllegalMove
from stoory.service import User, api, store

chat = api.section("chat")

CHAT_EXISTS = ErrorType(400, "chat_exists", "Chat already exists")

_OVER = frozenset({ApplicationStatus.CANCELLED, ApplicationStatus.REJECTED})


class CreatedChat(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    chat: ChatReply


@chat.post(
    "/chat/{applicationId}",
    status=201,
    errors=[CHAT_EXISTS, ILLEGAL_MOVE, APPLICATION_NOT_FOUND, BUSY],
    needs={"table:write"},
)
def create(applicationId: Id, caller: User, once: Once) -> CreatedChat:  # noqa: N803
    """Open the chat of an application

    Accepting an application opens its chat already; before that either party or an admin may.
    """
    application = store.get(Application, id=applicationId)
    if application is None or not caller.is_party_or_admin(application):
        raise APPLICATION_NOT_FOUND()
    if application.status in _OVER:
        if store.get(Chat, application_id=applicationId):
            raise CHAT_EXISTS()
        raise ILLEGAL_MOVE(str(IllegalMove("open a chat for", "application", application.status)))
    opened = new_chat(application, now())
    reply = CreatedChat(message="Chat created successfully", chat=ChatReply.of(opened))
    tx = store.transaction()
    tx.create(opened, CHAT_EXISTS)
    once.record(tx, reply)
    tx.commit()
    return reply
