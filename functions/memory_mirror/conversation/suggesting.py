"""A suggestion made concrete: from what is known of the last days to a sentence and something of the person's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from memory_mirror.conversation.acquaintance import Acquaintance
from memory_mirror.conversation.engaging import Circumstances, Suggestion
from memory_mirror.conversation.phrases import distinct, filled, phrases, pick, seed_of
from memory_mirror.conversation.suggested import Suggested
from memory_mirror.languages.spoken import supported
from memory_mirror.life.diary import ActivityLog, AnxietyTrend
from memory_mirror.life.offers import Library
from memory_mirror.records.record import recent
from quintet.models import now

LOOKED_BACK = timedelta(days=3)
READ = 50
"""Activities and readings that are looked at, the newest."""
_LATELY = timedelta(hours=2)


@dataclass(frozen=True)
class Offer:
    """A suggestion: its kind, the sentence without a model, and what goes with it."""

    kind: Suggestion
    message: str
    language: str
    title: str = ""
    media: dict[str, Any] | None = None
    tension: float = 0.0
    is_thin: bool = False

    @property
    def media_id(self) -> str | None:
        return str(self.media["id"]) if self.media else None


def circumstances(known: Acquaintance, before: Suggested, stock: Library) -> Circumstances:
    """What is known of the last three days."""
    subject, at = known.portrait.person.subject, now()
    since = at - LOOKED_BACK
    moods = [one.level for one in recent(AnxietyTrend, subject, READ, since)]
    done = [one.created_date for one in recent(ActivityLog, subject, READ, since)]
    talks = [one.said_at or one.created_date for one in known.earlier]
    return Circumstances(
        hour=known.local.hour,
        moods=tuple(moods),
        idle_hours=_hours_since(done, at),
        silent_hours=_hours_since(talks, at),
        lately=sum(1 for moment in done if moment >= at - _LATELY),
        suggested=tuple(before.kinds),
        has_music=bool(stock.music),
        has_memories=bool(known.good_memories),
        has_photos=bool(stock.photos),
        has_interests=bool(_interests(known)),
    )


def offer(known: Acquaintance, kind: Suggestion, before: Suggested, stock: Library, seen: Circumstances) -> Offer:
    """The suggestion of a kind, in the person's language, with something that was not offered lately."""
    language = supported(known.portrait.language)
    media = _media(known, kind, before, stock)
    topics = _interests(known) if kind == "activity" else ()
    is_thin = seen.is_thin and not before.kinds  # said once: the first time
    turn = len(before.kinds) + known.local.toordinal()
    title = media["title"] if media else topics[turn % len(topics)] if topics else ""
    variants: Sequence[str] = phrases(language)["proactive"][_variant(kind, title)]

    def worded(attempt: int) -> str:
        variant = pick(variants, seed_of(kind, title) + attempt, before.messages)
        text = filled(variant, language, title=title, topic=title)
        return _joined(text, phrases(language)["thin"], language) if is_thin else text

    message = distinct(worded, before.messages)
    return Offer(kind, message, language, title, media, seen.tension, is_thin)


def _variant(kind: Suggestion, title: str) -> str:
    return kind if title or kind in ("rest", "conversation") else f"{kind}_plain"


def _interests(known: Acquaintance) -> tuple[str, ...]:
    """Things to do that they like and nothing speaks against."""
    profile, guide = known.portrait.profile, known.guidance("")
    return tuple(one for one in profile.interests if not guide.harms(one)) if profile else ()


def _media(known: Acquaintance, kind: Suggestion, before: Suggested, stock: Library) -> dict[str, Any] | None:
    """Something of the person's own for a suggestion: what was not offered lately first."""
    choices: list[dict[str, Any]] = []
    if kind == "music":
        choices = [
            {"artist": one.of.artist or None, "url": one.of.url, **_named("music", one.of)} for one in stock.music
        ]
    elif kind == "photo":
        choices = [{"url": one.of.url, **_named("photo", one.of)} for one in stock.photos]
    elif kind == "memory":
        choices = [_named("memory", one.of) for one in known.good_memories]
    fresh = [one for one in choices if one["id"] not in before.media]
    # When all were offered, the one that was offered the longest ago.
    by_age = sorted(choices, key=lambda one: -before.media.index(one["id"]) if one["id"] in before.media else 0)
    return next(iter(fresh or by_age), None)


def _named(kind: str, one: Any) -> dict[str, Any]:
    return {"type": kind, "id": one.id, "title": one.title, "era": one.era}


def _hours_since(moments: Sequence[datetime], at: datetime) -> float | None:
    return max(0.0, (at - max(moments)).total_seconds() / 3600) if moments else None


def _joined(first: str, second: str, language: str) -> str:
    return f"{second}{first}" if language in ("zh", "ja") else f"{second} {first}"
