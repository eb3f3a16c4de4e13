"""Offline data: what an app captured without a connection, merged when it has one again.

Access patterns are in merging.py. Round trips: a batch read and a transaction for every 40 items, two or
three for a setting.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from memory_mirror.accounts.access import person
from memory_mirror.accounts.people import AppSetting
from memory_mirror.life.diary import Conversation
from memory_mirror.life.entities import Music
from memory_mirror.records.record import Record
from memory_mirror.service import User, api, bad_field
from memory_mirror.sync import merging, offline
from memory_mirror.sync.offline import Captured, InvalidItem
from quintet.api.errors import field_errors
from quintet.models import now

MOST_ITEMS = 500
MOST_SETTINGS = 100


class Upload(BaseModel):
    model_config = ConfigDict(defer_build=True)

    sync_type: Literal["full", "partial"]
    offline_conversations: Annotated[list[Any], Field(max_length=MOST_ITEMS)] | None = None
    audio_library_metadata: Annotated[list[Any], Field(max_length=MOST_ITEMS)] | None = None
    settings: dict[str, Any] | None = None


class Conflict(BaseModel):
    """What the server and the device have differently, and neither is known to be later."""

    model_config = ConfigDict(defer_build=True)

    section: Literal["offline_conversations", "audio_library_metadata", "settings"]
    id: Annotated[str, Field(description="The device's id of the item, or the setting's name")]
    server: Any
    client: Any


class Synced(BaseModel):
    model_config = ConfigDict(defer_build=True)

    success: bool
    conversations_synced: Annotated[int, Field(description="Of the conversations sent, those the server now has")]
    conflicts: list[Conflict]


@api.post(
    "/syncOfflineData",
    needs={"table:write"},
    example={
        "sync_type": "full",
        "offline_conversations": [
            {
                "client_id": "c1",
                "message": "Where is Paul?",
                "response": "He is at work.",
                "timestamp": "2026-11-20T21:00:00Z",
            }
        ],
        "audio_library_metadata": [{"client_id": "a1", "title": "Blue Moon", "duration_seconds": 171}],
        "settings": {"font_size": {"value": 20, "updated_at": "2026-11-20T21:00:00Z"}},
    },
)
def offline_data(body: Upload, caller: User) -> Synced:
    """Merge what was captured offline

    Every item carries the id its device gave it: sent again it changes nothing, and the answer is the same. Of two
    values of a setting the later wins. What differs and cannot be ordered in time comes back with both values, and
    the server's stays. All items are checked before anything is written. `partial` touches only the sections sent;
    `full` counts an absent section as an empty one, and deletes nothing either.
    """
    conversations = _read("offline_conversations", body.offline_conversations, offline.conversation, Conversation)
    audio = _read("audio_library_metadata", body.audio_library_metadata, offline.audio, Music)
    settings = _settings(body.settings or {})
    who = person(caller)
    synced, conflicts = merging.store_conversations(who.subject, caller.email, conversations)
    conflicts += merging.store_audio(who.subject, caller.email, audio)
    conflicts += merging.store_settings(caller.id, caller.email, settings)
    return Synced(
        success=True,
        conversations_synced=synced,
        conflicts=[Conflict.model_validate(conflict) for conflict in conflicts],
    )


def _read(
    section: str, items: Sequence[Any] | None, read: Callable[[Any], Captured], kind: type[Record]
) -> list[Captured]:
    found = []
    for number, item in enumerate(items or []):
        try:
            captured = read(item)
            kind.model_validate({"subject": "-", **captured.fields})
        except InvalidItem as error:
            raise bad_field(".".join(filter(None, (section, str(number), error.field))), str(error)) from None
        except ValidationError as error:
            problems = field_errors(error, kind, (section, str(number)))
            raise api.errors.invalid_body(details=problems) from None
        found.append(captured)
    return found


def _settings(delta: dict[str, Any]) -> list[offline.Setting]:
    if len(delta) > MOST_SETTINGS:
        raise bad_field("settings", f"at most {MOST_SETTINGS} at once")
    try:
        found = offline.settings_of(delta, now())
        for one in found:
            AppSetting(subject="-", setting=one.name, value=one.value)
        return found
    except ValidationError as error:
        problems = field_errors(error, AppSetting, ("settings",))
        raise api.errors.invalid_body(details=problems) from None
    except InvalidItem as error:
        raise bad_field(error.field, str(error)) from None
