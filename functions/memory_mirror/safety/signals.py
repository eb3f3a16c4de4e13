"""Signs of danger in what is heard and sensed besides words: sounds, the voice itself, motion in the room.

All input comes from devices of many makers, so it is read leniently: labels and fields that are not known, and values
of another type, are no sign; nothing raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_READ = 100
"""Labels, and fields of a reading, that are looked at."""

SURE_ENOUGH = 0.3
"""A detector that gives its confidence is believed from here: a false alarm is better than a miss."""

_SOUNDS: dict[str, tuple[str, ...]] = {
    "fire": ("fire_alarm", "fire", "flames", "crackling_fire"),
    "smoke": ("smoke_alarm", "smoke_detector", "smoke"),
    "gas": ("gas_alarm", "gas_leak", "carbon_monoxide", "co_alarm"),
    "glass": ("glass_breaking", "glass_break", "breaking_glass", "broken_glass", "glass_shatter", "window_breaking"),
    "intruder": ("gunshot", "break_in", "forced_entry", "intruder"),
    "short_of_breath": ("gasping", "wheezing", "choking", "labored_breathing", "laboured_breathing"),
    "thud": ("thud", "thump", "heavy_fall", "fall", "body_fall", "crash", "impact"),
    "scream": ("scream", "screaming"),
    "moaning": ("groaning", "groan", "moaning", "moan"),
    "crying": ("crying", "sobbing", "whimpering", "weeping", "shouting", "yelling", "calling_out"),
    "door": ("door_open", "door_opened", "door_opening", "front_door", "exit_door", "door_alarm", "gate_open"),
}
"""Class of signs → labels of sounds; a label counts when its words begin or end so (`loud_thud`, `thud_upstairs`)."""

_AGITATED_SOUNDS = ("banging", "knocking", "pounding", "rattling", "hitting", "slamming", "loud_voice", "pacing")

_TRUE_VOICES = {"crying": "crying", "sobbing": "crying", "screaming": "scream", "gasping": "short_of_breath"}
_BREATHING_FIELDS = ("breathing", "breath", "respiration")
_BAD_BREATHING = ("labored", "laboured", "gasping", "wheezing", "difficult", "shallow", "choking", "irregular")
_AGITATED_WORDS = ("rapid", "fast", "very_fast", "high", "very_high", "loud", "shaky", "trembling", "strong", "tense")
_AGITATED_FIELDS = ("speech_rate", "pitch", "tremor", "tone", "intensity", "emotion", "stress")
_AGITATED_EMOTIONS = ("fear", "fearful", "panic", "panicked", "anxious", "distressed", "angry", "sad")

_LOUD = 80.0  # of 100
_WORDS_A_MINUTE = 180.0
_PITCH_HERTZ = 320.0
_TREMOR = 0.5  # of 1

_MOTION_FLAGS: dict[str, tuple[str, ...]] = {
    "fall": ("fall_detected", "fall", "fallen", "impact_detected"),
    "outside": ("left_house", "left_home", "outside", "geofence_exit", "outdoors"),
    "door": ("exit_door_opened", "door_opened", "door_open", "front_door_opened", "exit_opened", "front_door"),
    "pacing": ("pacing", "wandering_indoors", "restless"),
}
_STILL_FIELDS = ("no_movement_minutes", "minutes_without_movement", "still_minutes", "inactive_minutes")
_OUTSIDE_PLACES = ("outside", "outdoors", "street", "garden", "yard", "driveway", "road")
_BEDS = ("bed", "in_bed", "asleep", "sleeping")
_STILL_MINUTES = 20.0
_PLACE_FIELDS = ("location", "room", "zone", "place", "position")


@dataclass(frozen=True, slots=True)
class Signals:
    """Classes of signs with the evidence for each, and how much points to agitation without saying why."""

    signs: tuple[tuple[str, str], ...] = ()
    agitation: tuple[str, ...] = ()


def heard(sounds: object, voice: object, movement: object) -> Signals:
    """What sounds, voice and motion show; door signs are `door`, which only means something at night."""
    signs: list[tuple[str, str]] = []
    agitation: list[str] = []
    for label in _labels(sounds):
        _hear(label, signs, agitation)
    _listen(_fields(voice), signs, agitation)
    _sense(_fields(movement), signs)
    return Signals(tuple(dict.fromkeys(signs)), tuple(dict.fromkeys(agitation)))


def name_of(label: object) -> str:
    """A label in one spelling: `Glass breaking!` → `glass_breaking`; empty when it is no text."""
    if not isinstance(label, str):
        return ""
    return re.sub(r"[^a-z0-9]+", "_", label[:200].casefold()).strip("_")


def _hear(label: str, signs: list[tuple[str, str]], agitation: list[str]) -> None:
    for name, known in _SOUNDS.items():
        if _is_one_of(label, known):
            signs.append((name, f"sound: {label}"))
            return
    if _is_one_of(label, _AGITATED_SOUNDS):
        agitation.append(f"sound: {label}")


def _listen(voice: Mapping[str, Any], signs: list[tuple[str, str]], agitation: list[str]) -> None:
    for field, sign in _TRUE_VOICES.items():
        if voice.get(field) is True:
            signs.append((sign, f"voice: {field}"))
    for field in _BREATHING_FIELDS:
        if name_of(voice.get(field)) in _BAD_BREATHING:
            signs.append(("short_of_breath", f"voice: {field}"))
    if _number(voice.get("volume")) >= _LOUD:
        agitation.append("voice: volume")
    agitation += [f"voice: {field}" for field in _AGITATED_FIELDS if _is_agitated(field, voice.get(field))]


def _is_agitated(field: str, value: object) -> bool:
    number = _number(value)
    limit = {"speech_rate": _WORDS_A_MINUTE, "pitch": _PITCH_HERTZ, "tremor": _TREMOR}.get(field, math.inf)
    return number >= limit or (field == "tremor" and value is True) or name_of(value) in (
        *_AGITATED_WORDS, *_AGITATED_EMOTIONS
    )  # fmt: skip


def _sense(movement: Mapping[str, Any], signs: list[tuple[str, str]]) -> None:
    for sign, fields in _MOTION_FLAGS.items():
        signs += [(sign, f"motion: {field}") for field in fields if movement.get(field) is True]
    places = [name_of(movement.get(field)) for field in _PLACE_FIELDS]
    if any(place in _OUTSIDE_PLACES for place in places):
        signs.append(("outside", "motion: outside"))
    still = max((_number(movement.get(field)) for field in _STILL_FIELDS), default=0.0)
    in_bed = any(place in _BEDS for place in places) or movement.get("in_bed") is True
    out_of_bed = movement.get("left_bed") is True or movement.get("out_of_bed") is True or any(places)
    if still >= _STILL_MINUTES and out_of_bed and not in_bed:
        signs.append(("stillness", "motion: no movement out of bed"))


def _labels(sounds: object) -> Iterable[str]:
    if isinstance(sounds, str):
        sounds = [sounds]
    if not isinstance(sounds, list | tuple | set | frozenset):
        return []
    return [name for sound in list(sounds)[:MOST_READ] if (name := _label(sound))]


def _label(sound: object) -> str:
    """The label of a sound given as text, or as an object with a label and perhaps a confidence."""
    if isinstance(sound, Mapping):
        confidence = sound.get("confidence", 1)
        if isinstance(confidence, int | float) and confidence < SURE_ENOUGH:
            return ""
        return next((name for key in ("label", "type", "name", "sound") if (name := name_of(sound.get(key)))), "")
    return name_of(sound)


def _fields(reading: object) -> Mapping[str, Any]:
    """A reading's fields by their names in snake case."""
    if not isinstance(reading, Mapping):
        return {}
    pairs = list(reading.items())[:MOST_READ]
    return {name_of(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key)): value for key, value in pairs if isinstance(key, str)}


def _is_one_of(label: str, known: Iterable[str]) -> bool:
    return any(label == word or label.startswith(word + "_") or label.endswith("_" + word) for word in known)


def _number(value: object) -> float:
    """A number of a reading; 0 for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.0
    return float(value)
