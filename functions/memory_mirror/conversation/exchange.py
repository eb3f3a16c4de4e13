"""One exchange between a person and the companion: from what was said to what is kept of it."""

from dataclasses import dataclass
from datetime import datetime

from memory_mirror.conversation.acquaintance import Acquaintance
from memory_mirror.conversation.phrases import filled, phrases, pick, seed_of
from memory_mirror.conversation.replies import Moment, composed
from memory_mirror.eras.detection import ChatEra, in_chat
from memory_mirror.feelings import Feeling, analyse
from memory_mirror.life.diary import ActivityLog, AnxietyTrend, Conversation
from memory_mirror.life.entities import Memory
from memory_mirror.life.zones import Guidance
from memory_mirror.night.comfort import comforting
from memory_mirror.night.comfort import known as known_comforts
from memory_mirror.records.record import join, new
from memory_mirror.safety import Verdict, assess
from memory_mirror.service import store

ANXIOUS = 5.0
"""The anxiety from which a message counts as anxious."""
CHAT = "chat"
"""The activity and the source that an exchange is kept as."""


@dataclass(frozen=True)
class Exchange:
    """What is understood of a message before it is answered."""

    known: Acquaintance
    message: str
    language: str
    feeling: Feeling
    verdict: Verdict
    guidance: Guidance
    era: ChatEra
    earlier: tuple[str, ...]
    """The last replies, newest first."""
    memory: Memory | None

    @property
    def anxiety(self) -> float:
        """0–10: that of the words, and no less than the distress of a danger that the safety rules saw.

        Their milder levels do not count: who sets off to fetch the children may be watched, and yet be calm.
        """
        distress = self.verdict.level if self.verdict.alerting else 0
        return max(self.feeling.anxiety, float(distress))


def understood(
    known: Acquaintance,
    message: str,
    language: str,
    era: ChatEra | None,
    replies: tuple[str, ...] = (),
    before: tuple[str, ...] = (),
) -> Exchange:
    """Read a message: danger first, then feeling, era, zones and what it may remind of.

    `era` is what the request says, `replies` and `before` what the companion and the person said before in this
    conversation, newest first.
    """
    feeling = analyse(message, language)
    guide = known.guidance(message)
    found = era or known.era([message], language) or guide.era or known.era(before[:4], language)
    detected = in_chat(found)
    earlier = (*replies, *(one.response for one in known.earlier if one.response))
    verdict = assess(message, language, local_time=f"{known.local:%H:%M}", era_context=detected)
    fits = not (verdict.alerting or guide.astray or feeling.tone in ("afraid", "angry") or "pain" in feeling.themes)
    memory = known.recall([message], found, earlier) if fits else None
    return Exchange(known, message, language, feeling, verdict, guide, detected, earlier, memory)


def composed_reply(said: Exchange) -> str:
    """The reply without a language model."""
    return composed(
        Moment(
            said.message,
            said.feeling,
            said.language,
            said.guidance,
            said.era,
            said.known.portrait.level,
            said.known.portrait.name,
            said.known.loved,
            said.memory.title if said.memory else None,
            said.earlier,
            said.known.local.weekday(),
        )
    )


def calming_reply(said: Exchange, *, told: bool) -> str:
    """The reply to somebody in danger: calm words for what is happening; that others know only when they do."""
    mine = known_comforts(said.known.portrait)
    return comforting(said.verdict.kind, said.language, mine, told=told, said=said.message, before=said.earlier)


def recall_prompt(said: Exchange, memory: Memory) -> str:
    """The offer of a memory as a sentence."""
    variant = pick(phrases(said.language)["recall"], seed_of(memory.id), said.earlier)
    return filled(variant, said.language, title=memory.title)


def keep(said: Exchange, reply: str, anxiety: float, by: str, at: datetime) -> None:
    """Store the exchange, the anxiety it showed, and that there was a talk: all of it or nothing."""
    subject = said.known.portrait.person.subject
    tx = store.transaction()
    kept = new(
        Conversation,
        subject,
        by,
        message=said.message,
        response=reply,
        detected_era=said.era,
        language=said.language,
        anxiety_level=anxiety,
        emotional_tone=said.feeling.tone,
        said_at=at,
    )
    join(tx, kept)
    trigger = said.feeling.triggers[0] if said.feeling.triggers and anxiety >= ANXIOUS else ""
    join(tx, new(AnxietyTrend, subject, by, level=anxiety, recorded_at=at, trigger=trigger[:500], source=CHAT))
    details = {"conversation_id": kept.id, "emotional_tone": said.feeling.tone, "detected_era": said.era}
    join(
        tx, new(ActivityLog, subject, by, activity_type=CHAT, description="A talk with the companion", details=details)
    )
    tx.commit()


__all__ = ["ANXIOUS", "Exchange", "calming_reply", "composed_reply", "keep", "recall_prompt", "understood"]
