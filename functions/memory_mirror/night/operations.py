"""The night: is it an emergency, what to say to somebody awake, what the watch should do.

Rules decide first (safety). An alarm does not wait for a language model: the caregivers are told and the person
gets the composed words. Where the rules see none, a model words the reply and may raise the level, never lower it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.accounts.access import Person, person
from memory_mirror.guards.replies import checked
from memory_mirror.languages.spoken import detect, supported
from memory_mirror.life.portrait import portrait
from memory_mirror.night import incidents
from memory_mirror.night.comfort import Known, comforting, known
from memory_mirror.night.rules import (
    SUGGESTING,
    Action,
    AlertLevel,
    Context,
    action_for,
    graded,
    hinted,
    unpromising,
    watched,
    words_of,
)
from memory_mirror.records.fields import ClockTime, FreeObject, FreeValue, Words
from memory_mirror.safety import Kind, Verdict, assess, raised
from memory_mirror.service import User, api
from memory_mirror.times.moments import Moment
from quintet.answers import Prompt, ask
from quintet.answers.asking import HEADER
from quintet.api import Reply
from quintet.models import Length, Text, now
from quintet.store import BUSY

EMERGENCY = Prompt("memory_mirror", "night_emergency.v1", max_tokens=400)
CHAT = Prompt("memory_mirror", "night_chat.v1", max_tokens=400)
WATCH = Prompt("memory_mirror", "night_watch.v1", max_tokens=400)

LONGEST = 4000
"""Characters of what was said."""
MOST_TURNS = 50
MOST_SIGNALS = 100
SOME_TIME_AT_NIGHT = "02:00"
"""What the hour is taken for where the request says none: these functions run at night."""
NEEDS = {"table:write", "model", "email"}

Spoken = Annotated[Text, Length(0, LONGEST)]
Signals = Annotated[list[FreeValue], Field(max_length=MOST_SIGNALS)]
Level = Annotated[int, Field(ge=0, le=10)]


class NightReadings(BaseModel):
    """What the night watch hears and senses; all of it may be missing."""

    model_config = ConfigDict(defer_build=True)

    voiceTranscript: Spoken | None = None  # noqa: N815 (the document's spelling, here and below)
    voicePatterns: FreeObject | None = None  # noqa: N815
    environmentalSounds: Signals | None = None  # noqa: N815
    movementData: FreeObject | None = None  # noqa: N815
    timeOfNight: ClockTime | None = None  # noqa: N815


class EmergencyReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    emergencyType: Kind  # noqa: N815
    distressLevel: Level  # noqa: N815
    comfortResponse: str  # noqa: N815
    alertCaregiver: bool  # noqa: N815
    timestamp: Moment


class ChatTurn(BaseModel):
    model_config = ConfigDict(defer_build=True)

    role: Words
    content: Spoken


class NightMessage(BaseModel):
    """What somebody awake at night says, and what the app knows of it."""

    model_config = ConfigDict(defer_build=True)

    userMessage: Annotated[Text, Length(1, LONGEST)]  # noqa: N815
    conversationHistory: Annotated[list[ChatTurn], Field(max_length=MOST_TURNS)] | None = None  # noqa: N815
    incidentType: Words | None = None  # noqa: N815
    userProfile: FreeObject | None = None  # noqa: N815


class NightChatReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    response: str
    alertLevel: AlertLevel  # noqa: N815
    suggestCaregiver: bool  # noqa: N815


class Watch(BaseModel):
    """The situation that the overnight monitoring sees."""

    model_config = ConfigDict(defer_build=True)

    context: Context | None = None
    user_interaction: FreeObject | None = None
    time_of_night: ClockTime | None = None
    detected_anxiety_indicators: Signals | None = None
    previous_incidents: Signals | None = None


class WatchReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    distress_level: Level
    recommended_action: Action
    comfort_message: str | None
    alert_caregiver: bool


class NightView(BaseModel):
    """What a model is asked for: how it sees the situation, and words for the person."""

    model_config = ConfigDict(defer_build=True)

    emergency_type: Literal[
        "NONE", "FALL", "PAIN", "BREATHING", "FIRE", "INTRUDER", "WANDERING", "SELF_HARM", "DISORIENTATION", "DISTRESS"
    ]
    distress_level: Level
    words: Annotated[str, Field(min_length=1, max_length=700)]


@dataclass(frozen=True, slots=True)
class Night:
    """One situation: whom it is about, what was said, and what the rules made of it."""

    person: Person
    by: str
    source: str
    said: str
    floor: Verdict
    known: Known
    before: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """The language of the words that were spoken, else the person's own."""
        spoken = self.floor.language if self.floor.kind is not Kind.NONE else detect(self.said)
        return supported(spoken or self.known.language)


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    words: str
    headers: dict[str, str]


@api.post("/detectNightEmergency", errors=[BUSY], needs=NEEDS)
def detect_night_emergency(caller: User, body: NightReadings | None = None) -> Reply[EmergencyReply]:
    """Classify what the night watch hears and senses

    A body in danger, or distress of 7 and more, tells the caregivers at once, in the app and by e-mail, and is written
    down as an incident: once while the signs go on.
    """
    at, who, given = now(), person(caller), body or NightReadings()
    about = known(portrait(who))
    floor = assess(
        given.voiceTranscript,
        about.language,
        sounds=given.environmentalSounds or (),
        voice=given.voicePatterns,
        movement=given.movementData,
        local_time=given.timeOfNight or SOME_TIME_AT_NIGHT,
    )
    night = Night(who, caller.email, "detectNightEmergency", given.voiceTranscript or "", floor, about)
    facts = given.model_dump(mode="json", exclude_none=True)
    found = _answered(night, EMERGENCY, facts)
    return Reply(_emergency(found, at), headers=found.headers)


@api.post("/nightModeChat", errors=[BUSY], needs=NEEDS)
def night_mode_chat(body: NightMessage, caller: User) -> Reply[NightChatReply]:
    """Answer somebody who is awake at night, softly and with safety first

    `alertLevel` is low up to level 4, medium up to 6, high from 7 or with a body in danger, critical from 9; high and
    critical tell the caregivers.
    """
    who = person(caller)
    about = _introduced(known(portrait(who)), body.userProfile or {})
    floor = hinted(assess(body.userMessage, about.language, local_time=SOME_TIME_AT_NIGHT), body.incidentType)
    turns = body.conversationHistory or []
    before = tuple(turn.content for turn in turns if turn.role == "assistant")[-6:]
    night = Night(who, caller.email, "nightModeChat", body.userMessage, floor, about, before)
    facts = {
        "message": body.userMessage,
        "incident_type": body.incidentType,
        "history": [turn.model_dump() for turn in turns[-10:]],
        "profile": body.userProfile,
    }
    found = _answered(night, CHAT, facts)
    reply = NightChatReply(
        response=found.words,
        alertLevel=graded(found.verdict),
        suggestCaregiver=found.verdict.alerting or found.verdict.level >= SUGGESTING,
    )
    return Reply(reply, headers=found.headers)


@api.post("/nightWatchAI", errors=[BUSY], needs=NEEDS)
def night_watch_ai(caller: User, body: Watch | None = None) -> Reply[WatchReply]:
    """Rate the situation overnight and recommend the one thing to do

    `recommended_action` is continue_monitoring, play_comfort_audio, check_in_verbally or alert_caregiver; the last one
    tells the caregivers.
    """
    who, given = person(caller), body or Watch()
    about = known(portrait(who))
    context = given.context or "ambient"
    time_of_night = given.time_of_night or SOME_TIME_AT_NIGHT
    indicators = given.detected_anxiety_indicators or []
    floor = watched(
        context,
        given.user_interaction,
        indicators,
        given.previous_incidents or [],
        time_of_night,
        about.language,
    )
    night = Night(who, caller.email, "nightWatchAI", words_of(given.user_interaction), floor, about)
    found = _answered(night, WATCH, given.model_dump(mode="json", exclude_none=True))
    action = action_for(found.verdict)
    reply = WatchReply(
        distress_level=found.verdict.level,
        recommended_action=action,
        comfort_message=None if action == "continue_monitoring" else found.words,
        alert_caregiver=found.verdict.alerting,
    )
    return Reply(reply, headers=found.headers)


def _answered(night: Night, prompt: Prompt, facts: dict[str, Any]) -> Outcome:
    """The verdict and the words for the person; the caregivers are told when it alarms."""
    if night.floor.alerting:
        return Outcome(night.floor, _alarmed(night, night.floor), {HEADER: "fallback"})
    answer = ask(
        prompt,
        NightView,
        {"language": night.language, "floor": night.floor.kind.value, "floor_level": night.floor.level, **facts,
         "name": night.known.name, "comforts": night.known.comforts, "loved_ones": night.known.loved_ones},
        lambda view: _acceptable(view, night),
    )  # fmt: skip
    if answer.value is None:
        words = comforting(night.floor.kind, night.language, night.known, said=night.said, before=night.before)
        return Outcome(night.floor, words, answer.headers)
    view = answer.value
    verdict = raised(night.floor, Verdict(Kind(view.emergency_type), view.distress_level))
    words = _alarmed(night, verdict) if verdict.alerting else view.words.strip()
    return Outcome(verdict, words, answer.headers)


def _alarmed(night: Night, verdict: Verdict) -> str:
    """Tell the caregivers, and the words for the person, which say so only when somebody was told."""
    if verdict.kind is Kind.NONE:
        verdict = raised(verdict, Verdict(Kind.DISTRESS, verdict.level))
    incident = incidents.report(night.person, verdict, night.said, night.source, by=night.by)
    return comforting(
        verdict.kind, night.language, night.known, told=incident.told, said=night.said, before=night.before
    )


def _acceptable(view: NightView, night: Night) -> NightView:
    """The view as it is. Raises ValueError when its words are not fit to be said (they are not, in an alarm)."""
    if not raised(night.floor, Verdict(Kind(view.emergency_type), view.distress_level)).alerting:
        unpromising(checked(view.words, night.language))
    return view


def _introduced(about: Known, profile: dict[str, Any]) -> Known:
    """What is known of the person, with the name and language that the request's profile gives where none is stored."""
    names = (profile.get(key) for key in ("preferred_name", "preferredName", "name", "full_name"))
    first = next((name.split()[0][:60] for name in names if isinstance(name, str) and name.strip()), "")
    spoken = profile.get("language")
    stored = about.name or not isinstance(spoken, str)
    return Known(
        name=about.name or first,
        language=about.language if stored else supported(spoken),
        comforts=about.comforts,
        loved_ones=about.loved_ones,
        memories=about.memories,
    )


def _emergency(found: Outcome, at: datetime) -> EmergencyReply:
    return EmergencyReply(
        emergencyType=found.verdict.kind,
        distressLevel=found.verdict.level,
        comfortResponse=found.words,
        alertCaregiver=found.verdict.alerting,
        timestamp=at,
    )
