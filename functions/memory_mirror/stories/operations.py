"""Content made for the person: stories and poems from their own life, conversation starters, memory prompts."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror import service
from memory_mirror.accounts.access import person
from memory_mirror.life.portrait import portrait
from memory_mirror.records.fields import FreeObject
from memory_mirror.service import User, bad_field, not_found
from memory_mirror.stories import content_kinds, storytelling
from memory_mirror.stories.content_kinds import TELLING, TYPES, Content
from memory_mirror.tales.levels import Level
from quintet.api import Reply
from quintet.models import Length, Line

api = service.api.section("content")

PATIENT_NOT_FOUND = not_found("Patient")
NEEDS = frozenset({"table:write", "model"})
Theme = Annotated[Line, Length(1, 100)]
Listed = Annotated[list[Any], Field(max_length=200)]


class ContentQuery(BaseModel):
    """What to make, and for whom; what is left out is taken from the person's own records."""

    model_config = ConfigDict(defer_build=True)

    type: Annotated[Line, Length(1, 60), Field(examples=["story", "conversation_starter"])]
    userProfile: FreeObject | None = None  # noqa: N815 (the document's spelling)
    existingStories: Listed = Field(default_factory=list)  # noqa: N815
    existingMemories: Listed = Field(default_factory=list)  # noqa: N815
    cognitiveLevel: Level | None = None  # noqa: N815


class TaleContent(BaseModel):
    """A story, or a poem with a line break after every line."""

    model_config = ConfigDict(defer_build=True)

    type: Literal["story", "poem"]
    title: str
    content: str
    theme: str
    cognitive_level: Level


class StartersContent(BaseModel):
    """Ways to begin a conversation."""

    model_config = ConfigDict(defer_build=True)

    type: Literal["conversation_starter"]
    conversation_starters: list[str]
    cognitive_level: Level


class MemoryPrompt(BaseModel):
    """An invitation to dwell on a memory; `memory_id` is null when it is about a theme."""

    model_config = ConfigDict(defer_build=True)

    prompt: str
    memory_id: str | None
    follow_ups: list[str]


class PromptsContent(BaseModel):
    """Invitations to dwell on memories."""

    model_config = ConfigDict(defer_build=True)

    type: Literal["memory_prompt"]
    memory_prompts: list[MemoryPrompt]
    cognitive_level: Level


class AffirmationsContent(BaseModel):
    """Kind sentences to hear."""

    model_config = ConfigDict(defer_build=True)

    type: Literal["affirmation"]
    affirmations: list[str]
    cognitive_level: Level


AIContent = Annotated[TaleContent | StartersContent | PromptsContent | AffirmationsContent, Field(discriminator="type")]


class StoryQuery(BaseModel):
    model_config = ConfigDict(defer_build=True)

    contentType: Literal["story", "poem"] = "story"  # noqa: N815 (the document's spelling)
    theme: Theme | None = None
    mood: Annotated[Line, Length(1, 60)] | None = None


class StoryReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    title: str
    content: str
    theme: str


@api.post(
    "/generateAIContent",
    errors=[PATIENT_NOT_FOUND],
    needs=NEEDS,
    example={"type": "story", "existingStories": [], "cognitiveLevel": "mild"},
)
def generate(body: ContentQuery, caller: User) -> Reply[AIContent]:
    """Make content of a type

    `type` is `story`, `poem`, `conversation_starter`, `memory_prompt` or `affirmation`, and the reply's shape follows
    it. The texts repeat neither `existingStories` nor what was made before; length and sentences suit the level.
    """
    kind = content_kinds.type_of(body.type)
    if kind is None:
        raise bad_field("type", f"must be one of {', '.join(TYPES)}")
    known = portrait(person(caller))
    teller = content_kinds.described(known, body.userProfile or {}, body.existingMemories, body.cognitiveLevel)
    made = content_kinds.generate(known, kind, teller, body.existingStories)
    return Reply(_shaped(kind, made, teller.level), headers=made.headers)


@api.post(
    "/generatePersonalizedStory",
    errors=[PATIENT_NOT_FOUND],
    needs=NEEDS,
    example={"contentType": "story", "theme": "garden", "mood": "calm"},
)
def generate_story(body: StoryQuery, caller: User) -> Reply[StoryReply]:
    """Tell a short story or poem

    From the person's own good memories, their time and interests; without a `theme` one of their interests is taken.
    The last twenty are kept in mind, so that the next one is another one.
    """
    tale, headers = storytelling.story(portrait(person(caller)), body.contentType, body.theme, body.mood)
    return Reply(StoryReply(title=tale.title, content=tale.content, theme=tale.theme), headers=headers)


def _shaped(kind: str, made: Content, level: Level) -> AIContent:
    """Content as its type is replied."""
    if kind in TELLING:
        tale = made.tale
        shape = {"type": kind, "title": tale.title, "content": tale.content, "theme": tale.theme}
        return TaleContent.model_validate({**shape, "cognitive_level": level})
    texts = [one.prompt for one in made.texts]
    if kind == "conversation_starter":
        return StartersContent(type=kind, conversation_starters=texts, cognitive_level=level)
    if kind == "affirmation":
        return AffirmationsContent(type=kind, affirmations=texts, cognitive_level=level)
    prompts = [
        MemoryPrompt(
            prompt=one.prompt, memory_id=one.memory.id if one.memory else None, follow_ups=list(one.follow_ups)
        )
        for one in made.texts
    ]
    return PromptsContent(type="memory_prompt", memory_prompts=prompts, cognitive_level=level)
