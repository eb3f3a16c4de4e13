"""What no reply to the person may hold, whoever wrote it: contradiction, correction, bad news, medical advice.

Phrases per language, looked for in the folded text. A model's reply that has one counts as invalid; it may try again,
then the composed reply is used.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from memory_mirror.feelings import fold
from memory_mirror.languages.spoken import detect, fits

LONGEST: Final = 700
"""Characters of a reply: what somebody can follow who tires soon."""

_DOSE = re.compile(r"\d\s?(?:mg|ml|milligram|pills?|tablets?|tabletten|pastillas|comprim|毫克|ミリグラム|밀리그램|ملغ)")
_FORBIDDEN: Final = {
    "en": (
        "you are wrong", "you're wrong", "that's not true", "that is not true", "that isn't true", "you are mistaken",
        "you're mistaken", "you already told", "you already asked", "you just asked", "you told me that already",
        "as i said", "is dead", "are dead", "passed away", "has died", "died years", "you don't remember",
        "you forgot", "you have forgotten", "don't you remember", "do you remember", "you have dementia",
        "your dementia", "alzheimer", "your medication", "take your pills", "a dose", "dosage", "you should take",
        "stop taking", "calm down", "you are confused", "you're confused", "that was long ago", "you are too old",
        "you live here now", "this is your home now",
    ),
    "es": (
        "te equivocas", "se equivoca", "no es verdad", "no es cierto", "eso es falso", "ya me lo has dicho",
        "ya me lo dijiste", "ya lo has preguntado", "esta muert", "ha muerto", "murio", "fallecio", "no te acuerdas",
        "te acuerdas", "se acuerda", "te has olvidado", "has olvidado", "tienes demencia", "su demencia", "alzheimer",
        "tu medicacion", "su medicacion", "dosis", "deberias tomar", "deja de tomar", "calmate", "estas confundid",
        "eso fue hace mucho", "ahora vives aqui",
    ),
    "fr": (
        "vous avez tort", "tu as tort", "vous vous trompez", "tu te trompes", "ce n'est pas vrai", "c'est faux",
        "vous l'avez deja dit", "tu l'as deja dit", "deja demande", "est mort", "est decede", "sont morts",
        "vous ne vous souvenez", "vous souvenez-vous", "vous vous souvenez", "vous avez oublie", "tu as oublie",
        "votre demence", "alzheimer", "vos medicaments", "posologie", "une dose", "vous devriez prendre",
        "calmez-vous", "calme-toi", "vous etes confus", "c'etait il y a longtemps", "vous vivez ici maintenant",
    ),
    "de": (
        "sie irren", "du irrst", "das stimmt nicht", "das ist nicht wahr", "das ist falsch", "schon gesagt",
        "schon gefragt", "schon erzahlt", "ist tot", "ist gestorben", "sind tot", "verstorben", "erinnern sie sich",
        "erinnerst du dich", "wissen sie noch", "sie haben vergessen", "du hast vergessen", "demenz", "alzheimer",
        "ihre medikamente", "dosis", "sollten sie nehmen", "beruhigen sie sich", "beruhige dich", "sie sind verwirrt",
        "das ist lange her", "sie wohnen jetzt hier",
    ),
    "zh": (
        "你错了", "您错了", "不是真的", "这不对", "你记错", "您记错", "已经说过", "已经问过", "去世了", "已经死",
        "死了", "过世", "你忘了", "您忘了", "还记得吗", "记不记得", "痴呆", "阿尔茨海默", "剂量", "吃药", "服药",
        "冷静点", "您糊涂", "你糊涂", "那是很久以前",
    ),
    "ja": (
        "違います", "間違って", "間違い", "本当ではありません", "さっき言", "もう聞きました", "何度も聞", "亡くな",
        "死にました", "死んで", "忘れたのですか", "忘れています", "覚えていますか", "覚えてますか", "認知症",
        "アルツハイマー", "服用", "用量", "お薬を飲", "落ち着いてください", "混乱しています", "昔のことです",
    ),
    "ko": (
        "틀렸", "틀리셨", "사실이 아니", "아까 말", "이미 말씀하", "이미 물어", "돌아가셨", "죽었", "세상을 떠",
        "잊으셨", "잊어버리셨", "기억나세요", "기억하세요", "기억 안 나", "치매", "알츠하이머", "복용", "용량",
        "약을 드세요", "진정하세요", "혼란스러우", "오래전 일",
    ),
    "ar": (
        "انت مخطي", "انت مخطيه", "هذا غير صحيح", "ليس صحيحا", "قلت ذلك من قبل", "سالت من قبل", "مات", "ماتت",
        "توفي", "توفيت", "هل تتذكر", "الا تتذكر", "لقد نسيت", "انت نسيت", "الخرف", "الزهايمر", "جرعه", "دواءك",
        "تناول الدواء", "اهدا من فضلك", "انت مشوش", "كان ذلك منذ زمن",
    ),
}  # fmt: skip


def fault(text: str, language: str) -> str | None:
    """What is wrong with a reply, in words for whoever wrote it; None when nothing is."""
    if not text.strip():
        return "it is empty"
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if not fits(text, language):
        return f"it is not written in the language {language}"
    seen = detect(text)
    if seen is not None and seen != language and len(text.split()) > 8:
        return f"it is written in {seen}, not in {language}"
    folded = fold(text).text
    if _DOSE.search(folded):
        return "it names a dose of medicine"
    found = _forbidden(language).search(folded)
    return f"it says “{found[0]}”, which contradicts, tests, frightens or advises" if found else None


def checked(text: str, language: str) -> str:
    """The reply, trimmed. Raises ValueError saying what is wrong with it."""
    wrong = fault(text, language)
    if wrong:
        raise ValueError(wrong)
    return text.strip()


@cache
def _forbidden(language: str) -> re.Pattern[str]:
    entries = {fold(phrase).text for phrase in (*_FORBIDDEN.get(language, ()), *_FORBIDDEN["en"])}
    spaced = language not in ("zh", "ja", "ko")
    parts = [rf"(?<!\w){re.escape(entry)}" if spaced else re.escape(entry) for entry in sorted(entries, key=len)]
    return re.compile("|".join(reversed(parts)))
