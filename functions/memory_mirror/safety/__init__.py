"""The safety floor: rules that decide, without a language model, whether someone is in danger.

`assess` weighs what was said and sensed, `raised` lets a model's view raise the verdict; `Verdict` and `Kind` are the
answer. The phrases are data, one file a language (`lexicons/`), in the pattern language of `patterns`.
"""

from memory_mirror.safety.floor import assess, is_night, raised
from memory_mirror.safety.kinds import ALERTING, PHYSICAL, Kind, Verdict

__all__ = ["ALERTING", "PHYSICAL", "Kind", "Verdict", "assess", "is_night", "raised"]
