"""Content of each type, for whoever the request describes: stories, poems, starters, prompts, affirmations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.eras.decades import decade, normalised
from memory_mirror.languages.spoken import supported
from memory_mirror.life import offers
from memory_mirror.life.portrait import Portrait
from memory_mirror.stories.composing import compose, default_theme
from memory_mirror.stories.storytelling import content_of, shown, teller_of
from memory_mirror.stories.tale_memory import tell, told
from memory_mirror.tales import prompting, quoting
from memory_mirror.tales.checking import check
from memory_mirror.tales.dice import Dice
from memory_mirror.tales.levels import Level, measure
from memory_mirror.tales.prompting import Invitation
from memory_mirror.tales.sentences import lines
from memory_mirror.tales.telling import Tale, Teller, Told, Wish, told_before
from quintet.answers import Answer, Prompt, ask

CONTENT = Prompt("memory_mirror", "content.v1", max_tokens=1500)
Type = Literal["story", "poem", "conversation_starter", "memory_prompt", "affirmation"]
TYPES: tuple[Type, ...] = get_args(Type)
TELLING = ("story", "poem")
LONGEST, TITLE, AFFIRMATIONS, EARLIER, MEMORIES = 1500, 150, 3, 20, 6
HEARD, NAMED = 5000, 60
"""Characters of an earlier text, and of a name or an interest, that count."""
_LEVELS: tuple[Level, ...] = get_args(Level)


class Worded(BaseModel):
    """Content of any type: a title for stories and poems, and its texts."""

    model_config = ConfigDict(defer_build=True)

    title: Annotated[str, Field(max_length=TITLE)]
    texts: Annotated[list[Annotated[str, Field(min_length=1, max_length=LONGEST)]], Field(min_length=1, max_length=20)]


@dataclass(frozen=True)
class Content:
    """What was made: a tale for stories and poems, texts (prompts with their memories) for the other types."""

    tale: Tale
    texts: Sequence[Invitation]
    headers: Mapping[str, str]


def type_of(name: str) -> Type | None:
    """The type a request names, in any case, spelt with spaces or hyphens, or in the plural; None for no type."""
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_")
    for known in TYPES:
        if plain in (known, known + "s", "stories" if known == "story" else known):
            return known
    return None


def described(known: Portrait, profile: Mapping[str, Any], memories: Sequence[Any], level: Level | None) -> Teller:
    """The person as the request describes them; what it leaves open is taken from their own records."""
    own = teller_of(known)
    given = offers.given_memories(memories, own.avoids)
    language, name = _text(profile, "language"), _text(profile, "preferred_name", "name", "full_name")
    interests = [one for one in _texts(profile.get("interests")) if not own.avoids(one)]
    era = _text(profile, "favourite_era", "favorite_era", "era")
    own_level = _text(profile, "cognitive_level", "cognitiveLevel")
    told_level: Level = next((one for one in _LEVELS if one == own_level), own.level)
    return replace(
        own,
        language=supported(language) if language else own.language,
        level=level or told_level,
        name=quoting.title(name.split()[0])[:NAMED] if name else own.name,
        interests=tuple(interests) or own.interests,
        memories=tuple(given) or own.memories,
        era=normalised(era) if decade(era) is not None else own.era,
    )


def generate(known: Portrait, kind: Type, teller: Teller, earlier: Sequence[Any]) -> Content:
    """Content of a type that repeats neither `earlier` nor what was made before for this person."""
    subject, heard = known.person.subject, told_before(_heard(earlier))
    channel = f"content-{kind}"
    before = _both(told(subject, channel), heard)

    def fit(worded: Worded) -> Worded:
        title = [worded.title] if kind in TELLING else []
        check([*title, *worded.texts], teller.language, teller.avoids, LONGEST)
        if len(worded.texts) != _wanted(kind, teller) and kind not in TELLING:
            raise ValueError(f"there must be {_wanted(kind, teller)} texts")
        if before.again(_content(kind, worded.texts)):
            raise ValueError("the person has heard this very text before")
        return worded

    answer = ask(CONTENT, Worded, _facts(kind, teller, before, earlier), fit)
    offered = _offered(kind, teller, before, answer.value.title, answer.value.texts) if answer.value else None
    made: dict[str, Sequence[Invitation]] = {}

    def composed(seen: Told) -> Tale:
        tale, made["texts"] = _composed(kind, teller, _both(seen, heard), subject)
        return tale

    tale, taken = tell(subject, channel, offered, composed)
    if not taken or answer.value is None:
        return Content(tale, made["texts"], Answer[Worded](None, "told before").headers)
    memories = [*_fresh(teller, before), *([None] * len(answer.value.texts))]
    texts = [
        Invitation(text, memory if kind == "memory_prompt" else None, prompting.follow_ups(teller, Dice(subject, text)))
        for text, memory in zip(answer.value.texts, memories, strict=False)
    ]
    return Content(tale, texts, answer.headers)


def _composed(kind: Type, teller: Teller, seen: Told, subject: str) -> tuple[Tale, Sequence[Invitation]]:
    if kind == "story" or kind == "poem":
        return compose(teller, Wish(None, None, kind, subject, seen)), ()
    tale, texts = _texts_of(kind, teller, seen, Dice(subject, kind, seen.count, 0))
    for number in range(1, 20):
        if not seen.again(tale.content):
            break
        tale, texts = _texts_of(kind, teller, seen, Dice(subject, kind, seen.count, number))
    return tale, texts


def _texts_of(kind: Type, teller: Teller, seen: Told, dice: Dice) -> tuple[Tale, Sequence[Invitation]]:
    count = _wanted(kind, teller)
    if kind == "memory_prompt":
        texts = prompting.invitations(teller, dice, _fresh(teller, seen), count)
    elif kind == "conversation_starter":
        texts = [Invitation(one, None, ()) for one in prompting.starters(teller, dice)]
    else:
        kind_words = [*lines(teller.language, "open.comforting"), *lines(teller.language, "close.comforting"),
                      *lines(teller.language, "close.calm")]  # fmt: skip
        texts = [Invitation(one, None, ()) for one in dice.some(kind_words, count)]
    used = tuple(one.memory for one in texts if one.memory)
    return Tale("", "\n".join(one.prompt for one in texts), "", used), texts


def _offered(kind: Type, teller: Teller, before: Told, title: str, texts: Sequence[str]) -> Tale:
    used = tuple(_fresh(teller, before)[: measure(teller.level).memories])
    theme = default_theme(teller, before.count) if kind in TELLING else ""
    return Tale(title, _content(kind, texts), theme, used)


def _content(kind: Type, texts: Sequence[str]) -> str:
    return content_of(list(texts), "story") if kind == "story" else "\n".join(texts)


def _fresh(teller: Teller, seen: Told) -> list[Any]:
    """The memories to write about, those not used lately first."""
    return seen.fresh_first(teller.memories)[:MEMORIES]


def _facts(kind: Type, teller: Teller, before: Told, earlier: Sequence[Any]) -> dict[str, Any]:
    return {
        "language": teller.language,
        "cognitive_level": teller.level,
        "type": kind,
        "wanted": _wanted(kind, teller),
        "name": teller.name,
        "era": teller.era,
        "interests": list(teller.interests),
        "memories": [shown(memory, teller) for memory in _fresh(teller, before)],
        "earlier": [text[:150] for text in _heard(earlier)[:EARLIER]],
    }


def _wanted(kind: Type, teller: Teller) -> int:
    """How many texts a type has at a level; paragraphs and lines are not counted."""
    size = measure(teller.level)
    return {"conversation_starter": size.starters, "memory_prompt": size.prompts}.get(kind, AFFIRMATIONS)


def _both(one: Told, other: Told) -> Told:
    return Told(
        one.texts | other.texts, one.sentences | other.sentences, one.memories, one.latest, one.count + other.count
    )


def _heard(earlier: Sequence[Any]) -> list[str]:
    """Earlier texts of a request: plain ones, or objects with a title and a content."""
    found = []
    for one in earlier:
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, Mapping):
            found.append(_text(one, "content", "text", "story") or _text(one, "title"))
    return [text[:HEARD] for text in found if text]


def _text(one: Mapping[str, Any], *names: str) -> str:
    return next((found.strip() for name in names if isinstance(found := one.get(name), str) and found.strip()), "")


def _texts(value: Any) -> list[str]:
    listed = value[:50] if isinstance(value, list) else []
    return [" ".join(one.split())[:NAMED] for one in listed if isinstance(one, str) and one.strip()]
