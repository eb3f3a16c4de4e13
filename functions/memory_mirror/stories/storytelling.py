"""Stories and poems for a person: worded by a language model or composed, and never the same twice in a row."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.eras.songs import suited
from memory_mirror.life import offers
from memory_mirror.life.portrait import Portrait
from memory_mirror.stories.composing import compose, default_theme
from memory_mirror.stories.tale_memory import tell, told
from memory_mirror.tales import quoting
from memory_mirror.tales.checking import check
from memory_mirror.tales.levels import measure
from memory_mirror.tales.telling import Remembered, Tale, Teller, Told, Wish
from quintet.answers import Answer, Prompt, ask

STORY = Prompt("memory_mirror", "story.v1", max_tokens=1500)
Form = Literal["story", "poem"]
LONGEST = 4000
MEMORIES, SONGS = 6, 4


class Worded(BaseModel):
    """A story in paragraphs, or a poem in stanzas."""

    model_config = ConfigDict(defer_build=True)

    title: Annotated[str, Field(min_length=1, max_length=150)]
    paragraphs: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1500)]], Field(min_length=1, max_length=12)
    ]


def teller_of(known: Portrait) -> Teller:
    """The person as stories see them, with the memories that may be told."""
    avoid = offers.avoids(known)
    return offers.teller(known, avoid, offers.good_memories(known, avoid))


def story(known: Portrait, form: Form, theme: str | None, mood: str | None) -> tuple[Tale, Mapping[str, str]]:
    """A story or poem that the person has not heard lately, and the header that says who wrote it."""
    teller, subject = teller_of(known), known.person.subject
    before = told(subject, form)
    wanted = theme or default_theme(teller, before.count)
    chosen = before.fresh_first(teller.memories)[:MEMORIES]

    def fit(worded: Worded) -> Worded:
        content = content_of(worded.paragraphs, form)
        check([worded.title, content], teller.language, teller.avoids, LONGEST)
        if form == "poem" and "\n" not in content:
            raise ValueError("a poem has more than one line")
        if before.again(content):
            raise ValueError("the person has heard this very text before")
        return worded

    facts = {
        "language": teller.language,
        "cognitive_level": teller.level,
        "form": form,
        "theme": wanted,
        "mood": mood,
        "name": teller.name,
        "memories": [shown(memory, teller) for memory in chosen],
        "interests": list(teller.interests),
        "era": teller.era,
        "songs": [f"{one.title} ({one.artist})" for one in suited(teller.era, language=teller.language, limit=SONGS)],
    }
    answer = ask(STORY, Worded, facts, fit)
    offered = None
    if answer.value:
        content = content_of(answer.value.paragraphs, form)
        offered = Tale(answer.value.title, content, wanted, tuple(chosen[: measure(teller.level).memories]))

    def composed(seen: Told) -> Tale:
        return compose(teller, Wish(wanted, mood, form, subject, seen))

    tale, taken = tell(subject, form, offered, composed)
    return tale, answer.headers if taken else Answer[Worded](None, "told before").headers


def content_of(parts: list[str], form: str) -> str:
    """Paragraphs or stanzas as one text; line breaks stay in poems alone."""
    return "\n\n".join(part.strip() if form == "poem" else " ".join(part.split()) for part in parts)


def shown(memory: Remembered, teller: Teller) -> dict[str, object]:
    """A memory as the language model sees it: without sentences that could hurt."""
    text = quoting.quote(memory.text, 400, teller.avoids, sentences=4)
    return {"title": quoting.title(memory.title), "text": text, "era": memory.era}
