"""What a brief says to the public, apart from what it says to the writer.

The matter of a brief is never left out: only a sentence that plainly speaks of the text (its tone, length, hashtags …)
or is plainly not for the public is not published.
"""

import re
from dataclasses import dataclass
from typing import Final

from caidence.wording import sentence, sentences

_KIND: Final = (
    r"(?:captions?|posts?|tweets?|threads?|e-?mails?|newsletters?|articles?|blogs?|ads?|adverts?|cop(?:y|ies)|texts?|"
    r"headlines?|slogans?|taglines?|scripts?|stor(?:y|ies)|reels?|videos?|announcements?|descriptions?|releases?|"
    r"carousels?|messages?|sms|bios?|hashtags?|variations?|versions?|options?|drafts?|pieces?|content|"
    r"subject lines?|landing pages?|texte|beitrag|beiträge|anzeigen?|überschrift(?:en)?|betreffzeilen?|artikel|"
    r"textos?|publicaci(?:ón|ones)|anuncios?|textes?|légendes?|annonces?)"
)
_PLACE: Final = (
    r"(?:instagram|facebook|linkedin|twitter|x|tiktok|threads|youtube|pinterest|whatsapp|google|sms|e-?mail)"
)
_PLACES: Final = re.compile(rf"{_PLACE}\b", re.IGNORECASE)
_NUMBERS: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
}  # fmt: skip
_ORDER: Final = re.compile(
    r"^(?:(?:please|kindly|bitte|por favor)\s+|(?:can|could)\s+you\s+(?:please\s+)?|"
    r"(?:i|we)\s+(?:need|want|would like)\s+|we['’]d like\s+)?"
    r"(?:(?:write|create|generate|draft|make|compose|give|prepare|produce|schreibt?e?|erstellt?e?|verfasst?e?|entwirf|"
    r"formuliere|escrib[ea]|crea|redacta|écris|rédige|crée)\s+)?(?:me\s+|us\s+|mir\s+|uns\s+)?"
    rf"(?P<what>(?:[\w'’,%-]+\s+){{0,6}}?(?:[\w-]+-)?{_KIND})\b"
    rf"(?:\s+(?:for|on|in|auf|für|en|sur|pour)\s+(?:our\s+|my\s+)?{_PLACE}\b)?"
    r"(?P<link>\s*:\s*|\s+(?:about|for|on|announcing|introducing|promoting|of|that says|saying|über|für|zu[mr]?|von|"
    r"sobre|para|sur|pour)\s+|\s*[.!]*$)",
    re.IGNORECASE,
)
"""How briefs give an order before they come to the matter: `Write three captions for Instagram about …`."""
_ORDERS: Final = re.compile(
    r"^(?:please|kindly|bitte|por favor|can|could|i|we|write|create|generate|draft|make|compose|give|prepare|produce|"
    r"schreib|erstell|verfass|entwirf|formulier|escrib|crea|redacta|écris|rédige|crée)",
    re.IGNORECASE,
)
_POINTER: Final = re.compile(r"(?:it|this|that|them|these|us|me|dies|das|uns)?[.!?]*", re.IGNORECASE)
_ASIDE: Final = re.compile(
    r"^(?:please\s+|also\s+|make sure to\s+|be sure to\s+|don['’]t forget to\s+)*(?:mention|include|highlight|"
    r"emphasi[sz]e|stress|focus on|talk about|announce|introduce|promote)\s+(?:that\s+)?(?!your?\b)",
    re.IGNORECASE,
)
"""An order that has its matter behind it."""
_LABEL: Final = re.compile(
    r"^(?:(?:brand )?(?:tone|voice)(?: of voice)?|language|(?:target )?(?:audience|group)|goals?|objectives?|kpis?|"
    r"budget|platform|channel|persona|keywords?|notes? to \w+(?: \w+)?|todo|internal(?: only| use only| notes?)?|"
    r"confidential|intern|vertraulich|zielgruppe|tonalität|ton|sprache|ziel)\s*(?::|[–—-]\s)",
    re.IGNORECASE,
)
_CALL: Final = re.compile(r"^(?:cta|call to action|call-to-action)\s*:\s*(?P<call>.+)$", re.IGNORECASE)
_TAGS: Final = re.compile(r"^hashtags?\s*:\s*(?P<tags>.+)$", re.IGNORECASE)
_OF_TEXT: Final = (
    r"(?:tone|language|wording|hashtags?|emojis?|call[- ]to[- ]action|cta|captions?|headlines?|subject lines?|jargon|"
    r"exclamation marks?|capital letters|all caps|buzzwords|clich[ée]s|active voice|bullet points|line breaks|puns?|"
    r"tonfall|duzen|siezen|anrede)"
)
_COUNTED: Final = r"(?:words|characters|chars|sentences|paragraphs|lines|zeichen|wörter|sätze|absätze|zeilen)"
_MANNERED: Final = (
    r"(?:short|brief|concise|simple|fun|funny|friendly|casual|formal|informal|professional|punchy|snappy|playful|upbeat|"
    r"positive|witty|catchy|energetic|serious|engaging|conversational|inspiring|emotional|persuasive|crisp|kurz|knapp|"
    r"locker|freundlich|förmlich|witzig)"
)
_MANNER: Final = (
    re.compile(
        r"^(?:please\s+|bitte\s+)?(?:keep|use|avoid|add|end|start|begin|make sure|do not|don['’]t|never|no|with|"
        rf"without|include|limit|in an?|write|schreibe?|verwende|nutze|keine?|mit)\b[^.!?]*\b{_OF_TEXT}\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:please\s+|bitte\s+)?(?:(?:keep|limit|write|use|make|stay)\b[^.!?]{0,30}\s)?"
        r"(?:in|max\.?|maximum|at most|no more than|not more than|up to|under|about|below|maximal|höchstens|to)\s+"
        rf"(?:of\s+)?\w+\s+{_COUNTED}\b[^.!?]{{0,20}}[.!]*$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:please\s+|bitte\s+)?(?:keep|make|halte?)\s+(?:it|this|the (?:text|copy|post|tone|caption)|es|ihn)\s+"
        rf"(?:(?:very|really|quite|sehr|and|und|but|,)\s*|{_MANNERED}\b[\s,]*)+[.!]*$",
        re.IGNORECASE,
    ),
    re.compile(rf"^(?:be|sound)\s(?:[\s,]|(?:very|and|but|{_MANNERED})\b)+[.!]*$", re.IGNORECASE),
    re.compile(
        rf"^(?:length|format|style|stil|länge)\s*:[^.!?]*\b(?:{_OF_TEXT}|{_COUNTED}|{_MANNERED}|{_KIND})\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:please\s+)?(?:do not|don['’]t|never|avoid)\s+(?:mention|mentioning|reveal|revealing|disclose|disclosing|"
        r"publish|publishing|talk about|talking about)\b",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:please\s+)?(?:write|schreibe?|answer|antworte)\s+(?:in|auf)\s+\w+[.!]*$", re.IGNORECASE),
    re.compile(
        r"^(?:our|the|die|unsere)\s+(?:target\s+)?(?:audience|zielgruppe)\s+(?:is|are|ist|sind)\b", re.IGNORECASE
    ),
)
"""Sentences that speak of the text or to its writer: each needs a word that only those have."""
_NOT_PUBLIC: Final = re.compile(
    r"\binternal (?:use )?only\b|\bnot for (?:publication|the public)\b|\b(?:do not|don['’]t) publish\b|"
    r"\boff the record\b|\bfor internal (?:use|purposes)\b(?<!not for internal use)|\bnur intern\b|"
    r"\bnicht (?:zu )?veröffentlichen\b|^\(?(?:strictly |this is )?confidential\b",
    re.IGNORECASE,
)
_GRAVE: Final = re.compile(
    r"\b(?:death|died|dies|dead|deceased|passed away|passing of|mourn\w*|grie(?:f|v)\w*|condolences?|funeral|obituary|"
    r"in memor\w+|recall(?:s|ed|ing)?|illness|ill|sick|cancer|disease|hospital\w*|accidents?|injur\w+|fatal\w*|"
    r"trag(?:ed\w+|ic)|disaster|earthquake|flood\w*|fire|wildfires?|hurricane|war|attacks?|terror\w*|shooting|victims?|"
    r"lay-?offs?|laid off|redundanc\w+|job cuts|insolven\w+|bankrupt\w*|(?:clos|shutt)ing down|breach|outage|"
    r"apologi\w+|sorry|abuse|suicide|crisis|contaminat\w+|salmonella|listeria|hazard\w*|evacuat\w+|emergency|"
    r"do not (?:use|eat|drink|consume)|stop using|tod|gestorben|verstorben|verstarb|trauer\w*|beileid|rückruf\w*|"
    r"zurückgerufen|krank\w*|krebs|unfall\w*|verletzt\w*|krieg\w*|entlass\w+|kündigung\w*|insolvenz\w*|"
    r"überschwemmung\w*|erdbeben|notfall|warnung|entschuldig\w+|muerte|fallec\w+|luto|accidente|guerra|despid\w+|"
    r"enfermedad|mort|décès|décédée?|deuil|guerre|licenciements?|maladie)\b",
    re.IGNORECASE,
)
_PROMOTIONAL: Final = re.compile(
    r"\b(?:launch\w*|new|introducing|sale|discount|\d+ ?% off|offer|free|shop|available|giveaway|debut|presale|"
    r"limited edition|collection)\b",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(
    r"\b(?:the|and|for|with|our|your|is|are|we|you|of|to|in|on|a|an|from|by|at|it|this)\b", re.IGNORECASE
)
_OTHER: Final = re.compile(
    r"\b(?:der|das|und|ist|nicht|mit|für|auf|ein|eine|wir|unser\w*|den|dem|ab|le|les|des|et|est|pour|avec|une|nous|"
    r"notre|du|el|los|las|y|es|para|con|una|nuestr\w+|il|gli|che|per|di|sono|um|uma|os|não|com|em)\b",
    re.IGNORECASE,
)
_MOST_PIECES: Final = 10
_PIECES: Final = re.compile(rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be published, and how."""

    points: tuple[str, ...]
    """Sentences for the public, in their order."""
    pieces: int
    """How many texts are asked for."""
    call: str
    """The call to action that the brief asks for; empty where it asks for none."""
    tags: tuple[str, ...]
    """Hashtags that the brief asks for, each with its `#`."""


def read(prompt: str) -> Reading:
    """Read a brief of any language; orders and notes on manner are understood in English, in part in German, Spanish
    and French."""
    points: list[str] = []
    pieces, call, tags = 1, "", list[str]()
    for part in (each.strip(" -•*\t") for each in sentences(prompt)):
        asked, matter = _ordered(part)
        pieces = max(pieces, asked)
        if found := _CALL.match(part):
            call = sentence(found["call"])
        elif found := _TAGS.match(part):
            tags += [f"#{word}" for word in re.findall(r"\w+", found["tags"])]
        elif any(char.isalnum() for char in matter) and not _is_for_the_writer(matter):
            points.append(sentence(_ASIDE.sub("", matter, count=1)))
    return Reading(tuple(dict.fromkeys(points)), pieces, call, tuple(dict.fromkeys(tags)))


def is_grave(*texts: str) -> bool:
    """Whether texts tell of death, danger or distress: then nothing cheerful is said. In doubt they do."""
    return any(_GRAVE.search(text) for text in texts)


def is_promotional(*texts: str) -> bool:
    """Whether texts plainly advertise something."""
    return any(_PROMOTIONAL.search(text) for text in texts) and not is_grave(*texts)


def is_english(text: str) -> bool:
    """Whether a text may be added to in English: it is not plainly in another language."""
    letters = [char for char in text if char.isalpha()]
    foreign = sum(not char.isascii() for char in letters)
    return foreign * 4 <= len(letters) and len(_OTHER.findall(text)) <= len(_ENGLISH.findall(text))


def _is_for_the_writer(part: str) -> bool:
    if _LABEL.match(part) or _NOT_PUBLIC.search(part):
        return True
    return any(pattern.match(part) for pattern in _MANNER)


def _ordered(part: str) -> tuple[int, str]:
    """How many pieces a sentence orders, and the matter behind the order: the whole sentence where it orders none."""
    found = _ORDER.match(part)
    if found is None or not (_ORDERS.match(part) or _PLACES.match(part) or _PIECES.match(part)):
        return 1, part
    number = _PIECES.search(f"{found['what']} ")
    said = number[1].casefold() if number else "1"
    pieces = _NUMBERS.get(said) or (int(said) if said.isdecimal() else 1)
    matter = part[found.end() :].strip()
    if matter.casefold().startswith("your "):  # what a reader is promised, not what a writer is told
        return 1, part
    return min(max(pieces, 1), _MOST_PIECES), "" if _POINTER.fullmatch(matter) else matter
