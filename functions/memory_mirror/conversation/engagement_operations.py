"""Engagement: how to begin a talk, what to show, and what to suggest unasked.

Composed from the person's profile, safe memory zones, memories, pictures and music; a language model may word it
better, and what it words is checked. In the language of the person's profile.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror import service
from memory_mirror.accounts.access import person
from memory_mirror.conversation.acquaintance import Acquaintance, acquainted, zone_facts
from memory_mirror.conversation.engaging import Suggestion, chosen
from memory_mirror.conversation.openers import Openers, Situation, openers, tone_of
from memory_mirror.conversation.suggested import remember, suggested
from memory_mirror.conversation.suggesting import Offer, circumstances, offer
from memory_mirror.conversation.visuals import Scene, Visual, visuals
from memory_mirror.eras.decades import Era
from memory_mirror.guards.replies import checked
from memory_mirror.languages.spoken import supported
from memory_mirror.life.zones import Guidance
from memory_mirror.service import User, not_found
from quintet.answers import Prompt, answered, ask
from quintet.api import Reply
from quintet.models import Length, Text
from quintet.store import BUSY
from quintet.store.contention import until_settled

api = service.api.section("engagement")

PERSONALIZED = Prompt("memory_mirror", "personalized.v1")
VISUAL = Prompt("memory_mirror", "visual.v1")
PROACTIVE = Prompt("memory_mirror", "proactive.v1", max_tokens=300)

Label = Annotated[Text, Length(1, 100)]
Scale = Annotated[float, Field(ge=0, le=10)]
Sentence = Annotated[str, Field(min_length=1, max_length=400)]
Topic = Annotated[str, Field(min_length=1, max_length=200)]
Shown = Annotated[Text, Length(1, 100)]


class PersonalizedRequest(BaseModel):
    model_config = ConfigDict(defer_build=True)

    emotionalState: Label  # noqa: N815 (the document's spelling)
    anxietyLevel: Scale  # noqa: N815
    currentContext: Annotated[Text, Length(0, 2000)] = ""  # noqa: N815


class PersonalizedReply(BaseModel):
    """Sentences to begin with, how to go about it, and what to stay away from."""

    model_config = ConfigDict(defer_build=True)

    conversation_starters: Annotated[list[Sentence], Field(min_length=1, max_length=6)]
    approach: Annotated[str, Field(min_length=1, max_length=600)]
    topics_to_avoid: Annotated[list[Topic], Field(max_length=40)]


@api.post("/generatePersonalizedConversation", errors=[not_found("Patient")], needs={"table:read", "model"})
def generate_personalized_conversation(body: PersonalizedRequest, caller: User) -> Reply[PersonalizedReply]:
    """Suggest how to begin a talk with the person as they feel now

    In the language of their profile. What their safe memory zones and profile avoid is always among the topics to
    avoid.
    """
    known = acquainted(person(caller))
    language, level = supported(known.portrait.language), known.portrait.level
    guide = known.guidance(body.currentContext)
    turn = known.local.toordinal()
    memory = known.recall([body.currentContext], None) or known.favourite(turn)
    tone = tone_of(body.emotionalState, body.anxietyLevel)
    situation = Situation(
        tone, body.anxietyLevel, body.currentContext, known.local.hour, language, guide, level, known.topics,
        memory.title if memory else None, turn,
    )  # fmt: skip
    composed = openers(situation)
    facts = {
        "emotional_state": body.emotionalState,
        "anxiety_level": body.anxietyLevel,
        "context": body.currentContext,
        "language": language,
        "zones": zone_facts(guide),
        **known.facts([memory] if memory else []),
    }
    return answered(
        PERSONALIZED,
        PersonalizedReply,
        facts,
        lambda: _opening(composed),
        lambda reply: _kind(reply, composed, guide, language),
    )


def _opening(found: Openers) -> PersonalizedReply:
    return PersonalizedReply(
        conversation_starters=list(found.starters), approach=found.approach, topics_to_avoid=list(found.avoid)[:40]
    )


def _kind(reply: PersonalizedReply, composed: Openers, guide: Guidance, language: str) -> PersonalizedReply:
    starters = [checked(starter, language) for starter in reply.conversation_starters]
    if any(guide.harms(starter) for starter in starters):
        raise ValueError("a starter speaks of something that must never be mentioned")
    avoid = list(dict.fromkeys([*composed.avoid, *reply.topics_to_avoid]))[:40]
    return reply.model_copy(update={"conversation_starters": starters, "topics_to_avoid": avoid})


class VisualRequest(BaseModel):
    model_config = ConfigDict(defer_build=True)

    conversation_context: Annotated[Text, Length(1, 5000)]
    detected_emotion: Annotated[Text, Length(0, 100)] | None = None
    detected_era: Era | None = None
    anxiety_level: Scale | None = None
    conversation_topics: Annotated[list[Shown], Field(max_length=30)] = Field(default_factory=list)


class VisualSuggestion(BaseModel):
    """Something to show or do: an image (described), a set of emoji, or a gesture."""

    model_config = ConfigDict(defer_build=True)

    type: Literal["image", "emoji", "gesture"]
    content: Annotated[str, Field(min_length=1, max_length=300)]
    description: Annotated[str, Field(min_length=1, max_length=500)]

    @classmethod
    def of(cls, visual: Visual) -> Self:
        return cls(type=visual.type, content=visual.content[:300], description=visual.description[:500])


class VisualReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    visual_suggestions: Annotated[list[VisualSuggestion], Field(min_length=1, max_length=6)]
    rationale: Annotated[str, Field(min_length=1, max_length=600)]


@api.post("/suggestVisualResponses", errors=[not_found("Patient")], needs={"table:read", "model"})
def suggest_visual_responses(body: VisualRequest, caller: User) -> Reply[VisualReply]:
    """Suggest pictures, emoji and gestures to answer with

    Pictures of the person's own that fit come first; when they are very anxious, little and calm things.
    """
    known = acquainted(person(caller))
    language = supported(known.portrait.language)
    guide = known.guidance(" ".join([body.conversation_context, *body.conversation_topics]))
    tone = tone_of(body.detected_emotion or body.conversation_context, body.anxiety_level)
    topics = tuple(topic for topic in body.conversation_topics if not guide.harms(topic))
    scene = Scene(
        body.conversation_context, tone, language, body.anxiety_level or 0.0, body.detected_era, topics,
        known.photos([body.conversation_context, *topics], body.detected_era), guide,
    )  # fmt: skip
    facts = {
        "conversation": body.conversation_context,
        "emotion": tone,
        "anxiety_level": body.anxiety_level,
        "era": body.detected_era,
        "topics": topics,
        "language": language,
        "zones": zone_facts(guide),
        **known.facts(),
    }
    return answered(
        VISUAL, VisualReply, facts, lambda: _shown(scene), lambda reply: _fit_to_see(reply, guide, language)
    )


def _shown(scene: Scene) -> VisualReply:
    found, why = visuals(scene)
    return VisualReply(visual_suggestions=[VisualSuggestion.of(one) for one in found], rationale=why[:600])


def _fit_to_see(reply: VisualReply, guide: Guidance, language: str) -> VisualReply:
    for one in reply.visual_suggestions:
        checked(one.description, language)
        if guide.harms(f"{one.content} {one.description}"):
            raise ValueError("it shows something that must never be mentioned")
    return reply


class MediaReply(BaseModel):
    """What goes with a suggestion: a piece of music, a picture or a memory of the person's own."""

    model_config = ConfigDict(defer_build=True)

    type: Literal["music", "photo", "memory"]
    id: str
    title: str
    url: str | None = None
    artist: str | None = None
    era: str | None = None


class SuggestionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    suggestion_type: Suggestion
    message: str
    media: MediaReply | None


class WordedSuggestion(BaseModel):
    """A suggestion in words."""

    model_config = ConfigDict(defer_build=True)

    message: Annotated[str, Field(min_length=1, max_length=300)]


@api.post("/proactiveEngagement", errors=[not_found("Patient"), BUSY], needs={"table:write", "model"})
def proactive_engagement(caller: User) -> Reply[SuggestionReply]:
    """Suggest one thing to do now, never the same kind twice in a row

    Weighed from the hour on the person's own clock, their last moods, talks and activities, and what there is in
    their library. Where next to nothing is known yet, the first message says so.
    """
    known = acquainted(person(caller))
    found = until_settled(lambda: _suggested(known))
    facts = {
        "kind_of_suggestion": found.kind,
        "what_to_offer": found.title,
        "plain_wording": found.message,
        "language": found.language,
        "tension": found.tension,
        "zones": zone_facts(known.guidance("")),
        **known.facts(),
    }
    guide = known.guidance("")

    def acceptable(reply: WordedSuggestion) -> WordedSuggestion:
        text = checked(reply.message, found.language)
        if guide.harms(text) or (found.title and found.title.casefold() not in text.casefold()):
            raise ValueError("it must name what is offered, and nothing that is never to be mentioned")
        return WordedSuggestion(message=text)

    # The first time, the sentence that says how little is known stays.
    answer = None if found.is_thin else ask(PROACTIVE, WordedSuggestion, facts, acceptable)
    message = answer.value.message if answer and answer.value else found.message
    media = MediaReply.model_validate(found.media) if found.media else None
    reply = SuggestionReply(suggestion_type=found.kind, message=message, media=media)
    return Reply(reply, headers=answer.headers if answer else {"X-Answer-Source": "fallback"})


def _suggested(known: Acquaintance) -> Offer:
    """Choose and remember a suggestion; raises ConditionFailed when another one was remembered meanwhile."""
    before = suggested(known.portrait.person.subject)
    stock = known.stock
    seen = circumstances(known, before, stock)
    found = offer(known, chosen(seen), before, stock, seen)
    remember(before, before.after(found.kind, found.media_id, found.message))
    return found
