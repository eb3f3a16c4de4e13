"""Memories: recalled when they fit the talk, shown with pictures and music, reflected upon, made into sessions.

Only what may be offered is looked at (life/offers); a language model chooses among that and words it, and without one
ranking and composed sentences do.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.accounts.access import person
from memory_mirror.eras.decades import Era
from memory_mirror.life.diary import ActivityLog
from memory_mirror.life.portrait import portrait
from memory_mirror.life.relevance import Match
from memory_mirror.memories import recalling, reflecting, session_plans
from memory_mirror.records.fields import FreeObject, Sentiment
from memory_mirror.records.record import create, new
from memory_mirror.service import User, api, not_found
from memory_mirror.tales.telling import Medium
from memory_mirror.times.moments import Moment
from quintet.api import Reply
from quintet.models import Length, Line, Text, new_id, now

Context = Annotated[Text, Length(1, 5000)]
Topics = Annotated[list[Annotated[Line, Length(1, 100)]], Field(max_length=50)]
PATIENT_NOT_FOUND = not_found("Patient")
NEEDS = frozenset({"table:write", "model"})


class Recall(BaseModel):
    model_config = ConfigDict(defer_build=True)

    context: Context
    sentiment_analysis: FreeObject | None = None
    detected_era: Era | None = None


class MediaItem(BaseModel):
    """A picture, a film or a piece of music; `era_songs` is the list of songs that the product ships."""

    model_config = ConfigDict(defer_build=True)

    id: str | None
    type: Literal["photo", "video", "music"]
    title: str
    url: str | None
    era: str | None
    artist: str = ""
    source: Literal["library", "era_songs"] = "library"


class RecalledMemory(BaseModel):
    """A memory that fits; `relevance` is its points, 0 for one that was chosen because nothing fitted."""

    model_config = ConfigDict(defer_build=True)

    id: str
    title: str
    content: str
    era: str | None
    tags: list[str]
    people: list[str]
    place: str
    sentiment: Sentiment | None
    photo_ids: list[str]
    relevance: float


class Recalled(BaseModel):
    model_config = ConfigDict(defer_build=True)

    memories: list[RecalledMemory]
    media_items: list[MediaItem]
    reasoning: str


class MediaQuery(BaseModel):
    model_config = ConfigDict(defer_build=True)

    context: Context
    current_era: Era | None = None
    conversation_topics: Topics = Field(default_factory=list)


class RelevantMedia(BaseModel):
    model_config = ConfigDict(defer_build=True)

    photos: list[MediaItem]
    music: list[MediaItem]
    videos: list[MediaItem]
    reasoning: str


class ReflectionQuery(BaseModel):
    model_config = ConfigDict(defer_build=True)

    reflection_type: Literal["daily", "weekly", "life_story"] = "daily"


class UsedMemory(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    title: str


class Reflection(BaseModel):
    model_config = ConfigDict(defer_build=True)

    reflection: str
    memories_used: list[UsedMemory]
    generated_at: Moment


class SessionQuery(BaseModel):
    model_config = ConfigDict(defer_build=True)

    sessionType: Literal["reminiscence", "life_review", "music_memory"] = "reminiscence"  # noqa: N815 (the document's)


class SessionPrompt(BaseModel):
    """One thing to talk about; `order` counts from 1."""

    model_config = ConfigDict(defer_build=True)

    order: int
    prompt: str
    memory_id: str | None
    media: list[MediaItem]
    follow_ups: list[str]


class MemorySession(BaseModel):
    """A session to be held with the person: prompts in their order, what to show, how to begin and to end."""

    model_config = ConfigDict(defer_build=True)

    session_id: str
    session_type: Literal["reminiscence", "life_review", "music_memory"]
    title: str
    opening: str
    prompts: list[SessionPrompt]
    media: list[MediaItem]
    conversation_starters: list[str]
    closing: str
    duration_minutes: int


@api.post(
    "/recallMemories",
    errors=[PATIENT_NOT_FOUND],
    needs=NEEDS,
    example={"context": "User is talking about baking", "detected_era": "1970s"},
)
def recall(body: Recall, caller: User) -> Reply[Recalled]:
    """Recall good memories that fit the conversation

    Only memories that are positive and safe, and that touch nothing the person avoids. When none fits closely, the
    newest good ones are offered, and `reasoning` says so.
    """
    known = portrait(person(caller))
    found = recalling.recall(known, body.context, body.sentiment_analysis or {}, body.detected_era)
    reply = Recalled(
        memories=[_recalled(match) for match in found.memories],
        media_items=[media_item(medium) for medium in found.media],
        reasoning=found.reasoning,
    )
    return Reply(reply, headers=found.headers)


@api.post(
    "/findRelevantMedia",
    errors=[PATIENT_NOT_FOUND],
    needs=NEEDS,
    example={"context": "User is talking about a beach holiday", "conversation_topics": ["holiday", "ocean"]},
)
def find_relevant_media(body: MediaQuery, caller: User) -> Reply[RelevantMedia]:
    """Find photos, music and videos that fit the conversation

    In the person's own library alone; nothing that is marked unsafe or sad, and nothing when nothing fits.
    """
    known = portrait(person(caller))
    found = recalling.find_media(known, [body.context, *body.conversation_topics], body.current_era)
    photos, music, videos = ([media_item(one) for one in kind] for kind in (found.photos, found.music, found.videos))
    reply = RelevantMedia(photos=photos, music=music, videos=videos, reasoning=found.reasoning)
    return Reply(reply, headers=found.headers)


@api.post("/generateMemoryReflection", errors=[PATIENT_NOT_FOUND], needs=NEEDS, example={"reflection_type": "daily"})
def generate_reflection(body: ReflectionQuery, caller: User) -> Reply[Reflection]:
    """Write a reflection on the person's memories

    `daily` (the default) is about what was written down since midnight in the person's time zone, `weekly` about the
    last seven days, `life_story` about their whole life, era by era. Too few memories are said kindly.
    """
    known, at = portrait(person(caller)), now()
    found = reflecting.reflect(known, body.reflection_type, _since(body.reflection_type, at, known.timezone), at)
    used = [UsedMemory(id=memory.id or "", title=memory.title) for memory in found.used]
    reply = Reflection(reflection=found.text, memories_used=used, generated_at=at)
    return Reply(reply, headers=found.headers)


@api.post(
    "/generateMemorySession",
    errors=[PATIENT_NOT_FOUND],
    needs=NEEDS,
    example={"sessionType": "reminiscence"},
)
def generate_session(body: SessionQuery, caller: User) -> Reply[MemorySession]:
    """Build a memory session

    `reminiscence` (the default) goes through good memories, `life_review` through the eras, `music_memory` begins with
    music. The number of prompts and the length suit the person's cognitive level. The session is kept as an
    ActivityLog record, whose id is `session_id`.
    """
    known, session_id = portrait(person(caller)), new_id()
    found, headers = session_plans.plan(known, body.sessionType, session_id)
    prompts = [
        SessionPrompt(
            order=number,
            prompt=step.prompt,
            memory_id=step.memory.id if step.memory else None,
            media=[media_item(medium) for medium in step.media],
            follow_ups=list(step.follow_ups),
        )
        for number, step in enumerate(found.steps, 1)
    ]
    media = {(one.type, one.id, one.title): one for prompt in prompts for one in prompt.media}
    reply = MemorySession(
        session_id=session_id,
        session_type=body.sessionType,
        title=found.title,
        opening=found.opening,
        prompts=prompts,
        media=list(media.values()),
        conversation_starters=list(found.starters),
        closing=found.closing,
        duration_minutes=found.minutes,
    )
    create(_logged(known.person.subject, caller.email, reply))
    return Reply(reply, headers=headers)


def media_item(medium: Medium) -> MediaItem:
    """A picture, a film or a piece of music as replies show it."""
    return MediaItem.model_validate(medium, from_attributes=True)


def _recalled(match: Match[Any]) -> RecalledMemory:
    shown = {name: getattr(match.item.of, name) for name in RecalledMemory.model_fields if name != "relevance"}
    return RecalledMemory(**shown, relevance=match.points)


def _since(kind: str, at: datetime, zone: str) -> datetime | None:
    """From when on memories count: local midnight, a week ago, or always."""
    if kind == "life_story":
        return None
    if kind == "weekly":
        return at - timedelta(days=7)
    return at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _logged(subject: str, by: str, session: MemorySession) -> ActivityLog:
    prompts = [{"order": one.order, "prompt": one.prompt, "memory_id": one.memory_id} for one in session.prompts]
    details = {"session_type": session.session_type, "prompts": prompts, "media": len(session.media)}
    record = new(
        ActivityLog, subject, by, activity_type="memory_session", description=session.title, details=details,
        duration_minutes=session.duration_minutes,
    )  # fmt: skip
    return record.model_copy(update={"id": session.session_id})
