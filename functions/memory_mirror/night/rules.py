"""How the night functions read their inputs and grade their verdicts: pure rules over the safety floor.

`detectNightEmergency` and `nightModeChat` grade a `Verdict` as it is; `nightWatchAI` adds up what it is told of the
situation: the context, signals of anxiety, earlier incidents.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Literal

from memory_mirror.safety import ALERTING, MOST_READ, WORST, Kind, Verdict, assess, fold, name_of

AlertLevel = Literal["low", "medium", "high", "critical"]
Action = Literal["continue_monitoring", "play_comfort_audio", "check_in_verbally", "alert_caregiver"]
Context = Literal["ambient", "active", "distressed"]

SUGGESTING = 6
"""The level from which a caregiver should hear of it, though nobody is called."""

_CONTEXT_LEVELS: dict[Context, int] = {"ambient": 2, "active": 3, "distressed": 6}
_MOST_FOR_INDICATORS = 2
_HINTS = {
    "disorientation": (Kind.DISORIENTATION, 4),
    "confusion": (Kind.DISORIENTATION, 4),
    "wandering": (Kind.WANDERING, 5),
    "anxiety": (Kind.DISTRESS, 4),
    "distress": (Kind.DISTRESS, 5),
    "pain": (Kind.PAIN, SUGGESTING),
    "fall": (Kind.FALL, SUGGESTING),
    "physical": (Kind.PAIN, SUGGESTING),
}
"""What an app believes is going on, when the words show nothing: heeded, but nobody is called for it."""

_TEXT_FIELDS = ("text", "transcript", "message", "content", "utterance", "said", "speech", "userMessage")

# Sentences by which a model would promise help that nobody called, by the stems that all their forms share.
_CLAIMS = (
    r"help is (?:on its|on the|coming|being)|(?:called|calling|told|telling|alerted) (?:your|the|a|for|for help)|"
    r"(?:ayuda|alguien) (?:viene|esta en camino|ya viene|llega)|he (?:llamado|avisado)|estoy (?:llamando|avisando)|"
    r"l'aide arrive|les secours|j'ai (?:appele|prevenu)|j'appelle|quelqu'un arrive|"
    r"hilfe (?:kommt|ist unterwegs|wird)|(?:bescheid gesagt|gerufen|benachrichtigt|verstandigt)|"
    r"(?:已经|正在)(?:叫|通知|告诉|联系|呼叫)|救援|(?:助け|救急|誰か)(?:が|を)(?:来|呼)|(?:呼び|知らせ|連絡し|伝え)ました|"
    r"(?:알려|불러|연락)\s?(?:드렸|했|드릴)|도움이 오|المساعده (?:قادمه|في الطريق)|(?:اتصلت|ابلغت|اخبرت)(?!\w)"
)


def graded(verdict: Verdict) -> AlertLevel:
    """The document's word for a verdict. A body in danger is never below `high`."""
    if verdict.level >= 9:
        return "critical"
    if verdict.alerting:
        return "high"
    return "medium" if verdict.level >= 5 else "low"


def hinted(verdict: Verdict, incident_type: str | None) -> Verdict:
    """A verdict with what the app believes is going on, where the words themselves show no danger."""
    kind, level = _HINTS.get(name_of(incident_type), (Kind.NONE, 0))
    if verdict.kind is not Kind.NONE or kind is Kind.NONE:
        return verdict
    return replace(verdict, kind=kind, level=max(verdict.level, level), evidence=(*verdict.evidence, "told by the app"))


def watched(
    context: Context,
    interaction: Mapping[str, Any] | None,
    indicators: Sequence[Any],
    incidents: Sequence[Any],
    local_time: str,
    language: str,
) -> Verdict:
    """The situation at night. Words in the interaction and the indicators are judged as words, labels as sounds."""
    words = words_of(interaction)
    labels = [label for one in list(indicators)[:MOST_READ] if (label := _label(one))]
    spoken = ". ".join([words, *(label.replace("_", " ") for label in labels)])
    verdict = assess(spoken, language, sounds=labels, movement=interaction, local_time=local_time)
    level = _CONTEXT_LEVELS[context] + min(_MOST_FOR_INDICATORS, len(labels))
    if context != "ambient" and any(_was_serious(incident) for incident in list(incidents)[:MOST_READ]):
        level += 1
    level = min(WORST, max(level, verdict.level))
    kind = Kind.DISTRESS if verdict.kind is Kind.NONE and level >= 5 else verdict.kind
    evidence = (*verdict.evidence, f"context: {context}", *(f"indicator: {label}" for label in labels))
    return replace(verdict, kind=kind, level=level, evidence=evidence, language=verdict.language if words else None)


def words_of(interaction: Mapping[str, Any] | None) -> str:
    """What was said in an interaction, whichever of the usual fields holds it."""
    said = (interaction.get(name) for name in _TEXT_FIELDS) if interaction else ()
    return ". ".join(text for text in said if isinstance(text, str))


def action_for(verdict: Verdict) -> Action:
    """The one thing to do."""
    if verdict.alerting:
        return "alert_caregiver"
    if verdict.level >= 5:
        return "check_in_verbally"
    return "play_comfort_audio" if verdict.level >= 3 else "continue_monitoring"


def unpromising(text: str) -> str:
    """The text as it is. Raises ValueError when it says that help was called or comes: nobody was called."""
    if _claims().search(fold(text)):
        raise ValueError("do not say that help was called or is coming: nobody was called")
    return text


@cache
def _claims() -> re.Pattern[str]:
    return re.compile(_CLAIMS)


def _label(indicator: object) -> str:
    """An indicator in one spelling; text that is no label, such as words in another script, stays as it is."""
    if isinstance(indicator, Mapping):
        keys: Iterable[str] = ("label", "type", "name", "indicator", "signal")
        return next((label for key in keys if (label := _label(indicator.get(key)))), "")
    if not isinstance(indicator, str):
        return ""
    return name_of(indicator) or indicator[:200].strip()


def _was_serious(incident: object) -> bool:
    """Whether an earlier incident is one that somebody had to be called for, or that is still open."""
    if not isinstance(incident, Mapping):
        return bool(incident)
    level = incident.get("distress_level", incident.get("distressLevel", 0))
    serious = isinstance(level, int | float) and level >= ALERTING
    return serious or incident.get("resolved") is False
