"""Conversation: the companion's replies, feelings in words, and help with talking.

Danger is looked for by rules before anything else; a language model may word a reply, and what it words is checked.
Without one, replies are composed from the person's own words, memories, era and safe memory zones.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.accounts.access import person
from memory_mirror.accounts.people import Cognition
from memory_mirror.conversation.acquaintance import acquainted, zone_facts
from memory_mirror.conversation.cognition import Assessment, Direction, assess, trend
from memory_mirror.conversation.cognition_words import adaptations, indicators, reasoning
from memory_mirror.conversation.exchange import (
    ANXIOUS,
    Exchange,
    calming_reply,
    composed_reply,
    keep,
    recall_prompt,
    understood,
)
from memory_mirror.eras.detection import ChatEra
from memory_mirror.feelings import Feeling, analyse
from memory_mirror.guards.replies import checked
from memory_mirror.guards.wording import Worded, faithful
from memory_mirror.languages.spoken import spoken, supported
from memory_mirror.life.diary import CognitiveAssessment
from memory_mirror.life.portrait import portrait
from memory_mirror.night.incidents import report
from memory_mirror.records.record import create, new, recent
from memory_mirror.service import User, api, bad_field, not_found
from memory_mirror.times.moments import Moment
from quintet.answers import Prompt, answered, ask
from quintet.api import Reply
from quintet.models import Length, Text, now
from quintet.models.locale import Language
from quintet.store import BUSY

CHAT = Prompt("memory_mirror", "chat.v1")
SENTIMENT = Prompt("memory_mirror", "sentiment.v1")
COGNITION = Prompt("memory_mirror", "cognition.v1")

LONGEST_TEXT = 5000
LAST_TURNS = 12
"""Turns of the history that a reply looks back on."""
GRAVE = 7.0
"""The anxiety of the words below which a model's estimate may not fall."""

LEVELS: Final[tuple[Cognition, ...]] = ("mild", "moderate", "advanced", "severe")

Said = Annotated[Text, Length(1, LONGEST_TEXT)]
Scale = Annotated[float, Field(ge=0, le=10)]


class Turn(BaseModel):
    """One turn of a conversation; `user` is the person, anything else whoever answered."""

    model_config = ConfigDict(defer_build=True)

    role: Annotated[str, Field(min_length=1, max_length=40)]
    content: Annotated[Text, Length(0, LONGEST_TEXT)]

    @property
    def is_own(self) -> bool:
        """Whether the person said it."""
        return self.role.casefold() in {"user", "patient", "person", "human"}


History = Annotated[list[Turn], Field(max_length=500)]


class SentimentRequest(BaseModel):
    model_config = ConfigDict(defer_build=True)

    text: Said


class SentimentReply(BaseModel):
    """The feeling of a text; `emotional_tone` such as anxious, calm, nostalgic."""

    model_config = ConfigDict(defer_build=True)

    sentiment: Literal["positive", "negative", "neutral", "mixed"]
    emotional_tone: Annotated[str, Field(min_length=1, max_length=40)]
    anxiety_level: Scale
    detected_themes: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=12)]
    recommended_approach: Annotated[str, Field(min_length=1, max_length=200)]
    trigger_words: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=12)]


@api.post("/analyzeSentiment", needs={"model"})
def analyze_sentiment(body: SentimentRequest, caller: User) -> Reply[SentimentReply]:
    """Tell mood, anxiety and themes of a text, tuned to what people with dementia say

    Trigger words are phrases of the text itself, in its own language and spelling.
    """
    rules = analyse(body.text)
    facts = {"text": body.text, "language": rules.language, "themes_found": rules.themes}
    return answered(
        SENTIMENT, SentimentReply, facts, lambda: _felt(rules), lambda reply: _plausible(reply, rules, body.text)
    )


def _felt(feeling: Feeling) -> SentimentReply:
    return SentimentReply(
        sentiment=feeling.sentiment,
        emotional_tone=feeling.tone,
        anxiety_level=feeling.anxiety,
        detected_themes=list(feeling.themes),
        recommended_approach=feeling.approach,
        trigger_words=list(feeling.triggers),
    )


def _plausible(reply: SentimentReply, rules: Feeling, text: str) -> SentimentReply:
    """A model's reading: its phrases must stand in the text, and grave words stay grave."""
    quoted = [phrase for phrase in reply.trigger_words if phrase.casefold() in text.casefold()]
    floor = rules.anxiety if rules.anxiety >= GRAVE else 0.0
    themes = ["_".join(theme.casefold().split()) for theme in reply.detected_themes]
    return reply.model_copy(
        update={
            "trigger_words": list(dict.fromkeys(quoted)) or list(rules.triggers),
            "anxiety_level": round(max(reply.anxiety_level, floor), 1),
            "detected_themes": list(dict.fromkeys(themes)),
            "emotional_tone": reply.emotional_tone.strip().casefold(),
        }
    )


class ChatRequest(BaseModel):
    """What the person says, as `message` or `userMessage`; both may be given when they are the same."""

    model_config = ConfigDict(defer_build=True)

    message: Said | None = None
    userMessage: Said | None = None  # noqa: N815 (the document's spelling)
    conversationHistory: History = Field(default_factory=list)  # noqa: N815
    detectedEra: ChatEra | None = None  # noqa: N815
    userLanguage: Language = "en"  # noqa: N815

    @property
    def said(self) -> str:
        found = self.message or self.userMessage
        if found is None:
            raise bad_field("message", "Field required")
        return found


class RecallSuggestion(BaseModel):
    """One of the person's own memories that fits, and how to offer it."""

    model_config = ConfigDict(defer_build=True)

    memory_id: str
    title: str
    era: str | None
    prompt: str


class ChatReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    response: str
    detectedEra: ChatEra  # noqa: N815 (the document's spelling)
    anxietyDetected: bool  # noqa: N815
    recallSuggestion: RecallSuggestion | None  # noqa: N815
    timestamp: Moment


class WordedReply(BaseModel):
    """What a model says to the person, and how anxious it finds them."""

    model_config = ConfigDict(defer_build=True)

    response: Annotated[str, Field(min_length=1, max_length=700)]
    anxiety_level: Scale = 0


@api.post("/chatWithAI", errors=[not_found("Patient"), BUSY], needs={"table:write", "model", "email"})
def chat_with_ai(body: ChatRequest, caller: User) -> Reply[ChatReply]:
    """Answer a message kindly, and keep the talk

    Rules look for danger first; caregivers are told at once. Talk is led to the person's safe memory zones, and never
    to what they avoid. `recallSuggestion` offers a good memory of their own that fits, or is null.
    """
    message, language, at = body.said, supported(body.userLanguage), now()
    someone = person(caller)
    last = body.conversationHistory[: -LAST_TURNS - 1 : -1]
    replies = tuple(turn.content for turn in last if not turn.is_own and turn.content)
    before = tuple(turn.content for turn in last if turn.is_own and turn.content)
    said = understood(acquainted(someone), message, language, body.detectedEra, replies, before)
    if said.verdict.alerting:
        incident = report(someone, said.verdict, message, "chatWithAI", by=caller.email)
        response, anxiety, headers = (
            calming_reply(said, told=incident.told),
            said.anxiety,
            {"X-Answer-Source": "fallback"},
        )
    else:
        response, anxiety, headers = _worded(said, body.conversationHistory)
    keep(said, response, anxiety, caller.email, at)
    reply = ChatReply(
        response=response,
        detectedEra=said.era,
        anxietyDetected=anxiety >= ANXIOUS,
        recallSuggestion=_suggestion(said),
        timestamp=at,
    )
    return Reply(reply, headers=headers)


def _worded(said: Exchange, history: list[Turn]) -> tuple[str, float, dict[str, str]]:
    """The reply, the anxiety (a model may only raise it), and the header that says who worded it."""
    memories = [said.memory] if said.memory else []
    facts = {
        "message": said.message,
        "language": said.language,
        "feeling": {"tone": said.feeling.tone, "themes": said.feeling.themes, "approach": said.feeling.approach},
        "era_they_are_in": said.era,
        "zones": zone_facts(said.guidance),
        **said.known.facts(memories),
        "talk_so_far": [
            {"by": "person" if turn.is_own else "you", "text": turn.content} for turn in history[-LAST_TURNS:]
        ],
        "do_not_repeat": said.earlier[:3],
    }

    def acceptable(reply: WordedReply) -> WordedReply:
        text = checked(reply.response, said.language)
        if said.guidance.harms(text):
            raise ValueError("it speaks of something that must never be mentioned")
        if text in said.earlier:
            raise ValueError("it was said before in the same words")
        return reply.model_copy(update={"response": text})

    answer = ask(CHAT, WordedReply, facts, acceptable)
    if answer.value is None:
        return composed_reply(said), said.anxiety, answer.headers
    return answer.value.response, round(max(said.anxiety, answer.value.anxiety_level), 1), answer.headers


def _suggestion(said: Exchange) -> RecallSuggestion | None:
    if said.memory is None:
        return None
    prompt = recall_prompt(said, said.memory)
    return RecallSuggestion(memory_id=said.memory.id, title=said.memory.title, era=said.memory.era, prompt=prompt)


class CognitionRequest(BaseModel):
    """Turns of conversations, oldest first, and other records of interactions: texts, or objects with a text."""

    model_config = ConfigDict(defer_build=True)

    conversation_history: History
    recent_interactions: Annotated[list[Any], Field(max_length=200)] = Field(default_factory=list)

    @property
    def turns(self) -> list[tuple[str, str]]:
        """Everything said, by `user` or `assistant`."""
        said = [("user" if turn.is_own else "assistant", turn.content) for turn in self.conversation_history]
        return [*((role, text) for one in self.recent_interactions for role, text in _said_in(one)), *said]


class CognitionReply(BaseModel):
    """The level, what it rests on, and how to talk at that level; `trend` compares with earlier assessments."""

    model_config = ConfigDict(defer_build=True)

    cognitive_level: Cognition
    indicators: list[dict[str, Any]]
    adaptations: list[str]
    trend: Direction
    reasoning: str


class JudgedLevel(BaseModel):
    """A model's view of the measured signs."""

    model_config = ConfigDict(defer_build=True)

    cognitive_level: Cognition
    reasoning: Annotated[str, Field(min_length=1, max_length=1200)]
    adaptations: Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(min_length=1, max_length=6)]


@api.post("/assessCognitiveLevel", errors=[not_found("Patient")], needs={"table:write", "model"})
def assess_cognitive_level(body: CognitionRequest, caller: User) -> Reply[CognitionReply]:
    """Estimate from how the person speaks how to talk with them, and compare with earlier assessments

    Measured: repetition, searching for words, variety of words, disorientation, the thread of the talk. Too little to
    judge by is said, and not stored. The estimate is no diagnosis.
    """
    someone = person(caller)
    known = portrait(someone)
    language = spoken(" ".join(text for role, text in body.turns if role == "user")[:LONGEST_TEXT], known.language)
    found = assess(body.turns, language)
    scores = [one.score for one in recent(CognitiveAssessment, someone.subject, 10) if one.score is not None]
    direction = trend(found.score, scores)
    level = found.level or known.level
    if found.score is None:
        reply = _estimated(level, found, direction, len(scores))
        return Reply(reply, headers={"X-Answer-Source": "fallback"})
    reply, headers = _judged(_estimated(level, found, direction, len(scores)), found)
    create(
        new(
            CognitiveAssessment,
            someone.subject,
            caller.email,
            score=found.score,
            turns=found.turns,
            **reply.model_dump(include={"cognitive_level", "trend", "indicators", "reasoning"}),
        )
    )
    return Reply(reply, headers=headers)


def _estimated(level: Cognition, found: Assessment, direction: Direction, earlier: int) -> CognitionReply:
    return CognitionReply(
        cognitive_level=level,
        indicators=indicators(found),
        adaptations=adaptations(level, found),
        trend=direction,
        reasoning=reasoning(level, found, direction, earlier),
    )


def _judged(measured: CognitionReply, found: Assessment) -> tuple[CognitionReply, dict[str, str]]:
    """The measured reply as a model words it; its level may differ by one step, its numbers not at all."""
    facts = measured.model_dump() | {"score": found.score, "turns": found.turns, "words": found.words}

    def acceptable(judged: JudgedLevel) -> JudgedLevel:
        if abs(LEVELS.index(judged.cognitive_level) - LEVELS.index(measured.cognitive_level)) > 1:
            raise ValueError("the level is more than one step from the measured one")
        faithful(Worded(summary=judged.reasoning, recommendations=judged.adaptations[:5]), facts)
        return judged

    answer = ask(COGNITION, JudgedLevel, facts, acceptable)
    reply = measured if answer.value is None else measured.model_copy(update=answer.value.model_dump())
    return reply, answer.headers


def _said_in(one: Any) -> list[tuple[str, str]]:
    """What an interaction record says: a text, or an object with `content`, `message` or `text`; else nothing."""
    if isinstance(one, str):
        return [("user", one[:LONGEST_TEXT])]
    if not isinstance(one, dict):
        return []
    text = next((one[name] for name in ("content", "message", "text") if isinstance(one.get(name), str)), "")
    role = one.get("role", "user")
    return [("user" if role in ("user", None) else "assistant", text[:LONGEST_TEXT])] if text.strip() else []
