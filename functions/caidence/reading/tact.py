"""Tact: whether a text speaks of loss, of something grave, or of people in need, by its words (English and German).

Where it does, no computed text cheers, guesses, or sells.
"""

import re
from typing import Final

_LOSS: Final = (
    r"died|dying|deaths?|deceased|dead|(?:pass(?:ed|es|ing) away)|funerals?|bereave\w*|grie(?:f|ving|ve)|mourn\w*|"
    r"condolences?|obituar\w+|fatal\w*|killed|suicides?|miscarriage|stillb\w+|coffins?|caskets?|urns?|"
    r"cremat\w+|burials?|"
    r"(?:lost|losing|loss of) (?:(?:a|an|his|her|my|our|their|your|the) )?(?:\w+ )?(?:loved ones?|lives|"
    r"life|mother|father|"
    r"mum|mom|dad|wife|husband|partner|son|daughter|child|baby|brother|sister|friend)|grave(?:stones?|"
    r"yards?|side)|tomb\w*|"
    r"gestorben|verstorben\w*|verstarb|tod(?:es\w*)?|tote[nr]?|trauer\w*|beerdigung\w*|bestattung\w*|"
    r"s[aä]rge?|urnen?|"
    r"grab(?:steine?|schmuck)?|suizid\w*"
)
_HARM: Final = (
    r"hospices?|palliative|terminal(?:ly)? ill\w*|terminal|cancer|tumou?rs?|leuk\w+|dementia|strokes?|heart attacks?|"
    r"ill|illness(?:es)?|sick|disease\w*|allergic (?:reaction|shock)\w*|poison\w*|salmonell\w*|listeria|"
    r"contaminat\w+|injur\w+|"
    r"wounded|hospitali[sz]ed|ambulance|emergency room|unconscious|accidents?|crash(?:ed)?|explosions?|"
    r"exploded|caught fire|"
    r"war|victims?|casualt\w+|shooting|assault\w*|abus(?:e|ed|ive)|rape\w*|harass\w*|violence|earthquakes?|"
    r"disasters?|layoffs?|laid off|redundanc\w+|recall(?:s|ed)?|data breach\w*|"
    r"hospiz\w*|krebs\w*|krank(?:heit\w*)?|erkrank\w+|vergift\w+|verletz\w+|unf[aä]ll\w*|krieg\w*|opfer|"
    r"gewalt|missbrauch\w*|"
    r"rückruf\w*|entlassung\w*|entlassen|kündigungen"
)
_NEED: Final = (
    r"hospitals?|clinics?|nursing|care homes?|elderly care|therap\w+|counsell?ing|rehab\w*|addict\w*|"
    r"charit\w+|donat\w+|"
    r"donors?|non-?profits?|ngos?|shelters?|refugees?|homeless\w*|orphan\w*|food banks?|relief|debts?|insolven\w+|"
    r"patients?|fundrais\w+|krankenh\w+|klinik\w*|pflege\w*|therapie\w*|sucht\w*|spende\w*|flüchtling\w*|"
    r"obdachlos\w*|"
    r"schulden\w*|gemeinnützig\w*|tierheim\w*"
)
_HARMLESS: Final = (
    r"dead[- ](?:simple|easy|line|ends?|sea|center|centre)|recall(?:s|ed)? (?:that|how|when)|war (?:on|"
    r"of)|price wars?|"
    r"killed it|death by chocolate|(?:ad|brand|total) recall|crash (?:course|diet)|heart[- ]?(?:beat)|strokes? of|"
    r"brush ?strokes?|sick of|tea urns?|coffee urns?|mourning dove|(?:burn|dying) (?:to|for)|accident-free|cruelty|"
    r"terminal (?:\d|[a-z]\b)|without accidents?|fatal (?:error|flaw)"
)  # fmt: skip


def is_loss(text: str) -> bool:
    """Whether somebody has died, or is mourned."""
    return _speaks_of(_LOSS, text)


def is_grave(text: str) -> bool:
    """Whether a text speaks of death, illness, harm or the loss of work."""
    return _speaks_of(rf"{_LOSS}|{_HARM}", text)


def is_sensitive(text: str) -> bool:
    """Whether a text is grave, or about people in need: care, donations, debts."""
    return _speaks_of(rf"{_LOSS}|{_HARM}|{_NEED}", text)


def _speaks_of(words: str, text: str) -> bool:
    plain = re.sub(rf"\b(?:{_HARMLESS})", " ", text.casefold())
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", plain) is not None
