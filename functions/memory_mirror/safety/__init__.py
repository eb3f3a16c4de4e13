"""The safety floor: rules that decide, without a language model, whether someone is in danger.

`assess` weighs what was said and sensed, `raised` lets a model's view raise the verdict; `Verdict` and `Kind` are the
answer. The phrases are data, one file a language (`lexicons/`), in the pattern language of `patterns`.
"""

from memory_mirror.safety.floor import WORST, assess, is_night, raised
from memory_mirror.safety.folding import fold
from memory_mirror.safety.kinds import ALERTING, PHYSICAL, Kind, Verdict
from memory_mirror.safety.signals import MOST_READ, name_of

__all__ = [
    "ALERTING",
    "MOST_READ",
    "PHYSICAL",
    "WORST",
    "Kind",
    "Verdict",
    "assess",
    "fold",
    "is_night",
    "name_of",
    "raised",
]
