"""Which language a text is certainly in, so that what is in the wanted language already is not sent away.

Certain, not likely: the neighbours of each language (Portuguese and Italian beside Spanish, Persian beside Arabic,
Japanese without kana beside Chinese) are looked for, too, and anything in between is left to the translation service.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

_PURE = 0.9  # of the letters are in one script
_LEAST_WORDS = 3
_LEAST_HITS = 2
_LEAST_SHARE = 0.3
_LEAD = 2
"""How many times as many of its function words as of any other language's a text must have."""

_LETTER_RANGES = {
    "latin": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF)),
    "kana": ((0x3041, 0x30FF), (0xFF66, 0xFF9D)),
    "hangul": ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3)),
    "han": ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)),
    "arabic": ((0x620, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
}
# Letters of Persian, Urdu, Pashto, Kurdish and Sindhi that Arabic does not have.
_NOT_ARABIC = frozenset("پچژگکیےںٹڈڑڤۆێڕڵەھہۀېۍړښځڅډټڼ")
_ARABIC_WORDS = "من في على إلى الى عن هذا هذه أنا انا أنت هل ما لا نعم هو هي مع كيف أين اين كان يا أريد اريد"
# Characters of everyday Chinese that Japanese does not write.
_ONLY_CHINESE = frozenset("们們这這吗嗎你妳她没沒很说說呢吧哪啊给給让讓谁誰还還过過对對时時么麼")
_JAPANESE_TOO = frozenset("給讓誰還過對時")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

_WORDS = {
    "en": "the and is are was were you i he she they we my your his her their this that with have has do does don't "
          "not for from of to in it what where when how please can will would there am be an a on at i'm it's",
    "es": "el los las una y es son está estoy estás yo tú ella nosotros mi mis su sus que qué quién dónde cuándo cómo "
          "por para con sin del muy pero hay quiero tengo tiene puedo usted ustedes al se lo le hoy gracias buenos "
          "días",
    "fr": "le les une des et est sont suis je tu il elle nous vous mon ma mes ton ta ses votre que qui où quand "
          "comment pour avec sans du au aux dans sur ce cette ne pas très mais oui c'est j'ai bonjour merci "
          "aujourd'hui",
    "de": "der die das den dem ein eine einen und ist sind bin war ich du er sie wir ihr mein meine mir mich dir sich "
          "was wer wo wann wie für mit ohne von zu zum im nicht kein sehr aber ja habe hat guten bitte danke heute",
    "pt": "o os as um uma e é são está estou eu você ele ela nós meu minha que quem onde quando como por para com sem "
          "do da dos das no na muito mas não sim tenho tem posso obrigado obrigada bom dia hoje se lhe ao",
    "it": "il lo gli una e è sono sei io tu lui lei noi mio mia che chi dove quando come per con senza del della di "
          "da nel non sì molto ma ho ha posso grazie buongiorno oggi si al le la",
    "nl": "de het een en is zijn ben was ik jij je hij zij wij we mijn jouw wat wie waar wanneer hoe voor met zonder "
          "van naar in niet geen heel maar ja nee heb heeft kan goede dank vandaag dat die dit te op",
    "sv": "den det en ett och är var jag du han hon vi min mitt vad vem när hur för med utan av till på inte mycket "
          "men ja nej har kan god tack idag som",
    "da": "den det en et og er var jeg du han hun vi min mit hvad hvem hvor hvornår hvordan for med uden af til på "
          "ikke meget men ja nej har kan god tak i dag som",
    "ca": "el els les una i és són està estic jo tu ella nosaltres meu meva que què qui on quan com per amb sense del "
          "molt però hi ha vull tinc puc gràcies bon dia avui",
    "ro": "un o și este sunt ești eu tu el ea noi meu mea ce cine unde când cum pentru cu fără de la din nu foarte "
          "dar da am are pot mulțumesc bună ziua azi să",
}  # fmt: skip
_KNOWN_FOR = frozenset({"en", "es", "fr", "de"})


def surely(text: str) -> str | None:
    """The product's language (ISO 639-1) that a text is certainly in, None when there is any doubt."""
    text = unicodedata.normalize("NFKC", text)
    counts = _letters(text)
    total = sum(counts.values())
    if not total:
        return None
    if counts["kana"] * 5 >= total and counts["kana"] + counts["han"] >= _PURE * total:
        return "ja"
    script = next((name for name, number in counts.items() if number >= _PURE * total), None)
    if script == "hangul":
        return "ko"
    if script == "han":
        marks = sum(char in _ONLY_CHINESE and char not in _JAPANESE_TOO for char in text)
        return "zh" if marks and not counts["kana"] else None
    if script == "arabic":
        return (
            "ar"
            if not _NOT_ARABIC & set(text) and not set(_ARABIC_WORDS.split()).isdisjoint(_WORD.findall(text))
            else None
        )
    return _latin(text.casefold().replace("’", "'")) if script == "latin" else None


def _letters(text: str) -> Mapping[str, int]:
    """How many letters of each script there are; what is of none of them counts as `other`."""
    counts = dict.fromkeys((*_LETTER_RANGES, "other"), 0)
    for char in text:
        if char.isalpha():
            code = ord(char)
            found = (
                name for name, ranges in _LETTER_RANGES.items() if any(first <= code <= last for first, last in ranges)
            )
            counts[next(found, "other")] += 1
    return counts


def _latin(text: str) -> str | None:
    words = _WORD.findall(text)
    hits = {language: sum(word in known for word in words) for language, known in _known().items()}
    best, following = sorted(hits, key=lambda language: -hits[language])[:2]
    enough = len(words) >= _LEAST_WORDS and hits[best] >= max(_LEAST_HITS, _LEAST_SHARE * len(words))
    return best if best in _KNOWN_FOR and enough and hits[best] >= _LEAD * hits[following] else None


@cache
def _known() -> Mapping[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in _WORDS.items()}
