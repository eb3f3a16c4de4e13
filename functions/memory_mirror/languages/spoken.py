"""The product's languages: which of them a tag means, which one a text is written in, whether a text fits one.

Tags are BCP 47 (RFC 5646); only their primary subtag counts here. Detection looks at the script first and, for the
languages that share the Latin one, at function words and letters that only one of them has.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

LANGUAGES: Final = ("en", "es", "fr", "de", "zh", "ja", "ko", "ar")
"""What the product speaks, as ISO 639-1 codes."""

DEFAULT: Final = "en"

_TAG = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*", re.ASCII | re.IGNORECASE)
_OLD_NAMES = {"cmn": "zh", "yue": "zh", "zho": "zh", "jpn": "ja", "kor": "ko", "ara": "ar", "arb": "ar",
              "eng": "en", "spa": "es", "fra": "fr", "deu": "de"}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")

# Ranges of the Unicode blocks (Unicode 15, Blocks.txt).
_SCRIPTS = {
    "hangul": re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]"),
    "kana": re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]"),
    "han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "arabic": re.compile("[\u0620-\u064a\u066e-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    "latin": re.compile("[a-zA-Z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"),
}
_WRITTEN_IN = {"zh": ("han",), "ja": ("kana", "han"), "ko": ("hangul",), "ar": ("arabic",)}

_FUNCTION_WORDS = {
    "en": "the a an and is are am was were be been i you he she it we they my your his her our their me him us them "
          "to of in on at for with from this that these those what where when who why how do does did not don't can "
          "can't will would have has had there here please yes no want need go home mother help feel",
    "es": "conmigo contigo porque cuando el la los las un una unos unas y o es son soy estoy está están era fue yo "
          "tú él ella nosotros ellos mi "
          "mis tu su sus me te se nos lo le les que qué quién dónde donde cuándo cómo por para con sin de del en al "
          "a no sí muy más pero como hay quiero tengo tiene puedo casa hola gracias madre ayuda hoy sé miedo "
          "socorro nadie nunca viene aquí eso esto este esta bien siempre todo tan ya tarde noche día",
    "fr": "le la les un une des et ou est sont suis es était je tu il elle nous vous ils elles on mon ma mes ton ta "
          "tes son sa ses notre votre leur me te se que qui quoi où quand comment pourquoi pour avec sans de du au "
          "aux en dans sur ce cette ces ne pas plus très mais oui non j'ai c'est veux peux bonjour merci maison "
          "chez mère secours peur aide toujours jamais quelle belle bon bien tout tous ici aujourd hui nuit jour y "
          "a",
    "de": "der die das den dem des ein eine einen einem einer und oder ist sind bin war waren ich du er sie es wir "
          "ihr mein meine meinen mir mich dir dich ihn ihm uns euch sich was wer wo wann wie warum für mit ohne von "
          "zu zum zur im in an auf nicht kein keine sehr aber ja nein habe hat will kann muss nach hause bitte "
          "danke mutter hilfe angst wieder hier heute noch immer keiner niemand alles gut nacht tag",
}  # fmt: skip
_TELLTALES = {"es": "ñ¿¡áíóú", "fr": "çœæèêëîïûùàô", "de": "äöüß"}


def supported(tag: str | None) -> str:
    """The product's language that a BCP 47 tag means: `es-MX` is `es`; an unknown or missing one is `en`."""
    primary = (tag or "").replace("_", "-").split("-", 1)[0].casefold()
    primary = _OLD_NAMES.get(primary, primary)
    return primary if primary in LANGUAGES else DEFAULT


def well_formed(tag: str) -> bool:
    """Whether a text looks like a BCP 47 tag; whether it is registered is another question."""
    return len(tag) <= 35 and _TAG.fullmatch(tag) is not None


def detect(text: str) -> str | None:
    """The language a text is written in; None when nothing in it tells, such as for numbers or a lone name."""
    text = unicodedata.normalize("NFKC", text)
    counts = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    # A few Latin letters stand in texts of every language, so two of them weigh as one.
    other = max(("hangul", "kana", "han", "arabic"), key=lambda script: counts[script])
    if counts[other] * 2 >= max(counts["latin"], 1):
        if counts["kana"] and counts["kana"] * 10 >= counts["han"] and counts["hangul"] <= counts["kana"]:
            return "ja"
        return {"hangul": "ko", "kana": "ja", "han": "zh", "arabic": "ar"}[other]
    return _latin(text.casefold()) if counts["latin"] else None


def spoken(text: str, otherwise: str | None = None) -> str:
    """The language of a text, or the one of a tag when the text does not tell.

    Han characters alone are Japanese to somebody who speaks it.
    """
    found = detect(text)
    if found is None or (found == "zh" and otherwise and supported(otherwise) == "ja"):
        return supported(otherwise)
    return found


def fits(text: str, language: str) -> bool:
    """Whether a text may be in a language by its script: at least half of its letters are of that script."""
    counts = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    letters = sum(counts.values())
    if not letters:
        return True
    if language == "ja" and not counts["kana"] and counts["han"] > 8:
        return False
    if language == "zh" and counts["kana"] * 5 > counts["han"]:
        return False
    return sum(counts[script] for script in _WRITTEN_IN.get(language, ("latin",))) * 2 >= letters


def _latin(text: str) -> str | None:
    found = _WORD.findall(text.replace("’", "'").replace("don't", "don").replace("can't", "can"))
    scores = dict.fromkeys(_FUNCTION_WORDS, 0.0)
    for language in _FUNCTION_WORDS:
        known = _known(language)
        scores[language] = sum(1.0 for word in found if word in known)
    for language, letters in _TELLTALES.items():
        scores[language] += 1.5 * min(2, sum(text.count(letter) for letter in letters))
    best, next_best = sorted(scores, key=lambda language: -scores[language])[:2]
    return best if scores[best] > scores[next_best] else None


@cache
def _known(language: str) -> frozenset[str]:
    return frozenset(_FUNCTION_WORDS[language].replace("'", " ").split())
