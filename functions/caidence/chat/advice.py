"""What the assistant says without a language model: figures worked out, and advice on what the message is about.

The same talk gets the same words, and no answer twice as long as there is another one on its topic.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from pydantic import BaseModel, ConfigDict

from caidence.chat.figures import mentioned, worked_out
from caidence.reading.catalogues import catalogue

_GO_ON: Final = re.compile(
    r"(yes|yeah|yep|sure|ok|okay|please|more|tell me more|go on|continue|next|and then|another( one)?|why|how|how so|"
    r"no|and)(,? (please|more|another|one))*[.!?… ]*",
    re.IGNORECASE,
)
_QUOTED: Final = 60
_TELLING: Final = 4
"""Words from which on the absence of common ones tells something."""
_COMMON: Final = """
a about and are at be can do does for from get have how i if in is it my of on or our should so that the their them
there they this to we what when where which who why will with would you your
"""


class Topic(BaseModel):
    """Something that people ask about."""

    model_config = ConfigDict(defer_build=True)

    name: str
    words: list[str]
    """Words and phrases that lead to it; of several topics the one with most characters of them is meant."""
    answers: list[str]
    alone: bool = False
    """Whether it is meant only where no other topic is."""
    first: bool = False
    """Whether it is meant wherever it is spoken of, however much else is."""

    def weight(self, message: str) -> int:
        """How much of a case-folded message speaks of it."""
        return sum(len(word) for word in self.words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", message))


class Advice(BaseModel):
    """All that can be said: the contents of `advice.toml`."""

    model_config = ConfigDict(defer_build=True)

    topics: list[Topic]
    unknown: list[str]
    foreign: str
    again: str

    def topic_of(self, message: str) -> Topic | None:
        """What a message is about; None where no topic's words occur."""
        folded = message.casefold().replace("’", "'")
        weights = [(topic.weight(folded), topic) for topic in self.topics]
        known = [(weight, topic) for weight, topic in weights if weight]
        first = [pair for pair in known if pair[1].first]
        main = first or [pair for pair in known if not pair[1].alone] or known
        return max(main, key=lambda pair: pair[0])[1] if main else None


def advised(message: str, earlier: Sequence[str] = (), said: Sequence[str] = ()) -> str:
    """The answer to a message, after what its author wrote (`earlier`) and was answered (`said`), newest first."""
    advice = _advice()
    topic = advice.topic_of(message)
    if topic is None and _GO_ON.fullmatch(message.strip()):
        topic = next((found for text in earlier if (found := advice.topic_of(text))), None)
    figures = worked_out(mentioned(message))
    if topic is None:
        return "\n\n".join(figures) if figures else _open(advice, message, said)
    fresh = [answer for answer in topic.answers if not any(answer in one for one in said)]
    if not fresh:
        others = ", ".join(one.name for one in advice.topics[4:] if one is not topic)
        return "\n\n".join([*figures, advice.again.format(topics=others)])
    return "\n\n".join([*figures, fresh[0]])


def _open(advice: Advice, message: str, said: Sequence[str]) -> str:
    """The question back where nothing is known of the subject."""
    if not looks_english(message):
        return advice.foreign
    words = " ".join(message.split())
    subject = words if len(words) <= _QUOTED else words[:_QUOTED].rsplit(" ", 1)[0] + "…"
    asked = [text.replace("{subject}", f"“{subject}”") for text in advice.unknown]
    return next((text for text in asked if text not in said), asked[-1])


def looks_english(text: str) -> bool:
    """Whether a text may be English: it has one of its commonest words, or is too short to have one."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    short = len(words) < _TELLING and text.isascii()
    return short or not set(_COMMON.split()).isdisjoint(words)


@cache
def _advice() -> Advice:
    told = catalogue("caidence.chat", "advice.toml")
    return Advice.model_validate({"topics": told["topics"], **told["fallbacks"]})
