"""What a person was told before, so that the next text is another one.

Access patterns:
    what a subject was told in a form      SUBJECT#<subject>#TOLD / <form>
Only fingerprints are kept. Each text is noted on condition that none was noted since it was composed; a text that
another call told meanwhile is composed anew.
"""

from collections.abc import Callable
from typing import ClassVar

from pydantic import Field

from memory_mirror.service import store
from memory_mirror.tales.telling import Tale, Told, fingerprint, memory_print, sentence_prints
from quintet.store import Entity, Keys
from quintet.store.contention import until_settled

TEXTS, SENTENCES, MEMORIES = 20, 160, 24
"""How many texts, sentences of texts and used memories are kept in mind."""


class Telling(Entity):
    """The last texts of one form: a story, a poem, conversation starters."""

    kind: ClassVar[str] = "telling"
    keys: ClassVar[Keys] = Keys("SUBJECT#{subject}#TOLD", "{form}")

    subject: str
    form: str
    texts: list[str] = Field(default_factory=list)
    sentences: list[str] = Field(default_factory=list)
    memories: list[str] = Field(default_factory=list)
    latest: list[str] = Field(default_factory=list)
    count: int = 0

    def told(self) -> Told:
        """As composers see it."""
        return Told(
            frozenset(self.texts), frozenset(self.sentences), tuple(self.memories), frozenset(self.latest), self.count
        )

    def after(self, tale: Tale) -> "Telling":
        """The same with one more text."""
        used = [memory_print(memory) for memory in tale.used]
        sentences = sentence_prints(tale.content)
        kept = [name for name in self.memories if name not in used]
        return self.model_copy(
            update={
                "texts": [*self.texts, fingerprint(tale.content)][-TEXTS:],
                "sentences": [*self.sentences, *sentences][-SENTENCES:],
                "latest": sentences,
                "memories": [*kept, *used][-MEMORIES:],
                "count": self.count + 1,
            }
        )


def told(subject: str, form: str) -> Told:
    """What a subject was told in a form."""
    return _read(subject, form).told()


def tell(subject: str, form: str, offered: Tale | None, compose: Callable[[Told], Tale]) -> tuple[Tale, bool]:
    """Note one text as told, and answer it, with whether it is the `offered` one.

    That is the offered one unless it was told before, and otherwise what `compose` makes of what was told.
    """

    def attempt() -> tuple[Tale, bool]:
        before = _read(subject, form)
        seen = before.told()
        taken = offered is not None and not seen.again(offered.content)
        tale = offered if offered is not None and taken else compose(seen)
        tx = store.transaction()
        if before.count:
            tx.replace(before, before.after(tale), refused=None)
        else:
            tx.create(before.after(tale))
        tx.commit()
        return tale, taken

    return until_settled(attempt)


def _read(subject: str, form: str) -> Telling:
    return store.get(Telling, subject=subject, form=form) or Telling(subject=subject, form=form)
