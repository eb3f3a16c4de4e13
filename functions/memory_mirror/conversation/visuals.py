"""Pictures, emoji and gestures that answer without words, fitted to feeling, era and topic; in eight languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from memory_mirror.conversation.phrases import era_name, filled, phrases
from memory_mirror.feelings import analyse
from memory_mirror.life.zones import Guidance

_EMOJI: Final = {
    "afraid": "🤗🫂🕯️", "anxious": "🌿😌🫖", "angry": "🫶🍃🤝", "sad": "🤍🫂🌷", "lonely": "🤗👋💛",
    "confused": "🙂👉🌼", "nostalgic": "📷🎞️💐", "happy": "😊🎶🌻", "calm": "😌🌅🍵",
}  # fmt: skip
_IMAGE_OF_THEME: Final = {
    "going_home": "home", "looking_for_family": "family", "family": "family", "music": "music", "outdoors": "garden",
    "food": "food", "duties": "work", "sleep": "calm", "memories": "home", "boredom": "animals",
    "gratitude": "garden",
}  # fmt: skip
_IMAGE_OF_TONE: Final = {
    "afraid": "home", "anxious": "calm", "angry": "calm", "sad": "animals", "lonely": "family", "confused": "home",
    "nostalgic": "music", "happy": "garden", "calm": "sea",
}  # fmt: skip
_LIVELY = frozenset({"family", "children", "work"})
"""Pictures with much going on, too much for somebody who is troubled."""
_HIGH = 6.0
_MOST = 5


@dataclass(frozen=True, slots=True)
class Visual:
    """One thing to show: `content` is what to show, `description` what it shows or how to do it."""

    type: Literal["image", "emoji", "gesture"]
    content: str
    description: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What visual answers are chosen for. `photos` are titles and descriptions of the person's own pictures."""

    context: str
    tone: str
    language: str
    anxiety: float = 0.0
    era: str | None = None
    topics: tuple[str, ...] = ()
    photos: tuple[tuple[str, str], ...] = ()
    guidance: Guidance = field(default_factory=Guidance)


def visuals(scene: Scene) -> tuple[list[Visual], str]:
    """What to show, best first, and why."""
    words = phrases(scene.language)
    themes = _themes(scene)
    found = [_emoji(scene, words), *_own(scene), *_images(scene, words, themes), _gesture(scene, words)]
    if scene.anxiety >= _HIGH:  # the calmest first, and little of it
        found = [_gesture(scene, words), _emoji(scene, words), *_images(scene, words, themes)[:1]]
    shown = [one for one in found if not scene.guidance.harms(f"{one.content} {one.description}")]
    feeling = words["faces"][scene.tone]
    seen = ", ".join(dict.fromkeys(scene.topics)) or ", ".join(words["images"][_image(scene, themes)][:1])
    return shown[:_MOST], filled(words["why_visual"], scene.language, feeling=feeling, topics=seen)


def _themes(scene: Scene) -> list[str]:
    found = [analyse(topic, None).themes or analyse(topic, scene.language).themes for topic in scene.topics]
    return list(dict.fromkeys([theme for themes in found for theme in themes] + list(analyse(scene.context).themes)))


def _emoji(scene: Scene, words: dict[str, Any]) -> Visual:
    return Visual("emoji", _EMOJI[scene.tone], words["faces"][scene.tone])


def _gesture(scene: Scene, words: dict[str, Any]) -> Visual:
    content, description = words["gestures"]["anxious" if scene.anxiety >= _HIGH else scene.tone]
    return Visual("gesture", content, description)


def _own(scene: Scene) -> list[Visual]:
    """Pictures of the person's own come before painted ones."""
    return [Visual("image", title, description or title) for title, description in scene.photos[:2]]


def _images(scene: Scene, words: dict[str, Any], themes: Sequence[str]) -> list[Visual]:
    wanted = [_IMAGE_OF_THEME[theme] for theme in themes if theme in _IMAGE_OF_THEME] + [_IMAGE_OF_TONE[scene.tone]]
    if scene.anxiety >= _HIGH:
        wanted = [one for one in wanted if one not in _LIVELY] or ["calm"]
    era = era_name(scene.era, scene.language) if scene.era else None
    found = []
    for name in dict.fromkeys(wanted):
        content, description = words["images"][name]
        titled = filled(words["in_era"], scene.language, image=content, era=era) if era else content
        found.append(Visual("image", titled, description))
    return found[:2]


def _image(scene: Scene, themes: Sequence[str]) -> str:
    return next((_IMAGE_OF_THEME[theme] for theme in themes if theme in _IMAGE_OF_THEME), _IMAGE_OF_TONE[scene.tone])
