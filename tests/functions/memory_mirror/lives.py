"""A life to tell of: memories in each language, good ones and ones that must never be told."""

from __future__ import annotations

from typing import Any

from memory_mirror.tales.telling import Remembered, Teller

LANGUAGES = ("en", "es", "fr", "de", "zh", "ja", "ko", "ar")

MEMORIES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": (
        ("Baking with Mum", "We baked bread every Sunday. The whole house smelled of it.", "1950s"),
        ("The pier at Brighton", "We ate ice cream by the sea and laughed at the gulls!", "1960s"),
        ("Red roses", "Dad let me plant the roses by the gate.", "1940s"),
    ),
    "es": (
        ("El pan de la abuela", "Los domingos hacíamos pan. Toda la casa olía a gloria.", "1950s"),
        ("La playa de Gijón", "Comíamos helado junto al mar y reíamos mucho.", "1960s"),
        ("Las rosas rojas", "Mi padre me dejaba plantar las rosas del jardín.", "1940s"),
    ),
    "fr": (
        ("Le pain de maman", "Le dimanche, nous faisions le pain. Toute la maison sentait bon.", "1950s"),
        ("La plage de Dieppe", "Nous mangions des glaces au bord de la mer.", "1960s"),
        ("Les roses rouges", "Papa me laissait planter les roses du jardin.", "1940s"),
    ),
    "de": (
        ("Brotbacken mit Mutter", "Sonntags haben wir Brot gebacken. Das ganze Haus duftete danach.", "1950s"),
        ("Der Strand von Sylt", "Wir haben Eis am Meer gegessen und viel gelacht.", "1960s"),
        ("Rote Rosen", "Vater ließ mich die Rosen im Garten pflanzen.", "1940s"),
    ),
    "zh": (
        ("和妈妈包饺子", "每到过年我们一起包饺子。屋子里都是香味。", "1950s"),
        ("青岛的海边", "我们在海边吃冰棍，笑个不停。", "1960s"),
        ("红玫瑰", "爸爸让我在花园里种玫瑰。", "1940s"),
    ),
    "ja": (
        ("母とおもちつき", "お正月にはみんなでおもちをつきました。家じゅうがいい匂いでした。", "1950s"),
        ("江の島の海", "海でかき氷を食べて、たくさん笑いました。", "1960s"),
        ("赤いバラ", "父がお庭にバラを植えさせてくれました。", "1940s"),
    ),
    "ko": (
        ("어머니와 송편 빚기", "추석이면 함께 송편을 빚었어요. 온 집에 좋은 냄새가 났어요.", "1950s"),
        ("해운대 바다", "바다에서 아이스크림을 먹고 많이 웃었어요.", "1960s"),
        ("빨간 장미", "아버지가 정원에 장미를 심게 해 주셨어요.", "1940s"),
    ),
    "ar": (
        ("الخبز مع أمي", "كنا نخبز كل يوم جمعة. رائحة البيت كانت جميلة.", "1950s"),
        ("شاطئ الإسكندرية", "أكلنا المثلجات عند البحر وضحكنا كثيرا.", "1960s"),
        ("الورد الأحمر", "أبي علمني زراعة الورد في الحديقة.", "1940s"),
    ),
}
NAMES = {"en": "Rose", "es": "Rosa", "fr": "Rose", "de": "Rosa", "zh": "玉兰", "ja": "花子", "ko": "순이", "ar": "وردة"}
INTERESTS = {
    "en": ("gardening", "jazz"), "es": ("jardinería", "boleros"), "fr": ("jardinage", "chansons"),
    "de": ("Gartenarbeit", "Operette"), "zh": ("种花", "京剧"), "ja": ("園芸", "俳句"), "ko": ("텃밭 가꾸기", "민요"),
    "ar": ("البستنة", "الطرب"),
}  # fmt: skip

SAD: tuple[tuple[str, str], ...] = (
    ("The telegram", "My brother died in the war."),
    ("El hospital", "Mi marido murió en el hospital."),
    ("Le cimetière", "Nous étions à son enterrement."),
    ("Die Bomben", "Das Haus brannte nach dem Bombenangriff."),
    ("医院", "妈妈在医院去世了。"),
    ("空襲", "空襲で家が焼けて、祖母が亡くなりました。"),
    ("장례식", "할아버지가 돌아가셨어요."),
    ("الجنازة", "كانت جنازة أخي، مات في الحرب."),
)
"""Memories nobody marked, which their words give away."""


def remembered(language: str) -> tuple[Remembered, ...]:
    """The memories of a language as composers see them."""
    return tuple(
        Remembered(title, text, era, f"{language}-{number}")
        for number, (title, text, era) in enumerate(MEMORIES[language])
    )


def life(language: str = "en", **more: Any) -> Teller:
    """Somebody to tell stories to."""
    fields: dict[str, Any] = {
        "level": "mild", "name": NAMES[language], "interests": INTERESTS[language], "memories": remembered(language),
        "era": "1950s", **more,
    }  # fmt: skip
    return Teller(language, **fields)
