"""Stories and poems: a theme painted with the senses, the person's own memories, a song of their time, a kind ending.

Several candidates are composed, and the one that repeats least of what was told before is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from memory_mirror.eras.mood_labels import CALM, COMFORTING, JOYFUL, NOSTALGIC, tone
from memory_mirror.eras.songs import WORDLESS, Song, suited
from memory_mirror.life import relevance
from memory_mirror.tales import quoting
from memory_mirror.tales.dice import Dice
from memory_mirror.tales.levels import measure
from memory_mirror.tales.sentences import fill, joined, labelled, line, lines, quoted, said_era
from memory_mirror.tales.telling import Remembered, Tale, Teller, Wish
from memory_mirror.tales.themes import ANY, commonest, theme_of

CANDIDATES = 10
"""Texts that are composed for one that is told."""
MORE = 60
"""Further ones when all of them were told before."""
STANZA = 4
_TITLES = 3
_SONGS = 8
_POEM_QUOTE = 80
_NEAR = 6
"""Memories closest to the theme among which those not told lately come first."""


def compose(teller: Teller, wish: Wish) -> Tale:
    """The story or poem (`wish.form`) that repeats least; never word for word one that was told before.

    Only memories that the teller has are told, and their words are only quoted. `theme` of the tale is the one that
    was wished for, else one that the person's interests and memories suggest.
    """
    theme = wish.theme or default_theme(teller, wish.told.count)
    pool = _pool(teller, theme)
    best: Tale | None = None
    least = 0
    for number in range(CANDIDATES + MORE):
        tale = _candidate(teller, wish, theme, pool, number)
        if wish.told.again(tale.content):
            continue
        shared = wish.told.shared(tale.content)
        if best is None or shared < least:
            best, least = tale, shared
        if least == 0 or number >= CANDIDATES:
            break
    return best or _candidate(teller, wish, theme, pool, CANDIDATES + MORE)


def default_theme(teller: Teller, turn: int) -> str:
    """A theme for somebody who named none: their interests in turn, else what their memories are about."""
    if teller.interests:
        return teller.interests[turn % len(teller.interests)]
    return commonest(memory.whole for memory in teller.memories) or line(teller.language, f"theme.{ANY}").casefold()


def _candidate(teller: Teller, wish: Wish, theme: str, pool: _Pool, number: int) -> Tale:
    dice = Dice(wish.seed, theme, wish.mood or "", wish.form, wish.told.count, number)
    chosen = _chosen(teller, wish, pool, dice)
    key, feeling = theme_of(theme), tone(wish.mood) or _own_tone(dice)
    parts = _Parts(teller, dice, key, theme, feeling)
    content = parts.poem(chosen) if wish.form == "poem" else parts.story(chosen)
    return Tale(parts.title(chosen), content, theme, tuple(chosen))


def _own_tone(dice: Dice) -> str:
    return dice.pick((CALM, JOYFUL, NOSTALGIC, COMFORTING))


_Pool = tuple[list[Remembered], list[Remembered]]
"""Memories close to the theme, the closest first, and the others."""


def _pool(teller: Teller, theme: str) -> _Pool:
    cue = relevance.Cue.of([theme])
    themed = relevance.Cue(cue.tokens, cue.themes | ({theme_of(theme)} - {ANY}))
    items = [_item(memory, place) for place, memory in enumerate(teller.memories)]
    near = [match.item.of for match in relevance.ranked(themed, items, _NEAR)]
    return near, [memory for memory in teller.memories if memory not in near]


def _chosen(teller: Teller, wish: Wish, pool: _Pool, dice: Dice) -> list[Remembered]:
    """The memories to tell: close to the theme and not told lately."""
    near, rest = pool
    wanted = measure(teller.level).memories
    fresh = wish.told.fresh_first(near if len(near) > wanted else [*near, *dice.shuffled(rest)[:_NEAR]])
    return fresh[:wanted]


def _item(memory: Remembered, place: int) -> relevance.Item[Remembered]:
    return relevance.Item(memory, memory.id or f"{place:06}", memory.title, memory.text, memory.tags, era=memory.era)


class _Parts:
    """The parts of one text, drawn with the same dice."""

    def __init__(self, teller: Teller, dice: Dice, key: str, theme: str, feeling: str) -> None:
        self.teller, self.dice, self.key, self.theme, self.feeling = teller, dice, key, theme, feeling
        self.language, self.size = teller.language, measure(teller.level)
        self._drawn: set[str] = set()

    def title(self, chosen: Sequence[Remembered]) -> str:
        """The theme's title, a memory's, or both."""
        head = line(self.language, f"theme.{self.key}")
        own = [quoting.title(memory.title) for memory in chosen[:1]]
        if self.key == ANY and not own:
            own = [quoting.title(self.theme)] if self.theme.casefold() != head.casefold() else []
        if not own:
            return head
        return (head, own[0], labelled(self.language, head, own[0]))[self.dice.below(_TITLES)]

    def story(self, chosen: Sequence[Remembered]) -> str:
        """Paragraphs: the opening, the memories each with its scene, the era's music, the ending."""
        scenes = self.scenes(self.size.scenes)
        half = (len(scenes) + 1) // 2
        begin = [*self.dedication(), self.drawn(f"open.{self.feeling}"), *self.about(), *scenes[:half]]
        told = [self.memory(memory) for memory in chosen]
        extras = self.extras(chosen)
        middle = [*scenes[half:], *extras]
        end = [self.drawn(f"close.{self.feeling}")]
        if self.teller.level in ("advanced", "severe"):
            paragraphs = [[*begin, *scenes[half:]], *told, end]
        else:
            paragraphs = [begin, *told[:1], middle, *told[1:], end]
        return "\n\n".join(joined(self.language, part) for part in paragraphs if part)

    def poem(self, chosen: Sequence[Remembered]) -> str:
        """Stanzas of four lines."""
        scenes = self.scenes(self.size.scenes + 1)
        rows = [self.drawn(f"open.{self.feeling}"), *self.about(), *scenes[:2]]
        for memory in chosen:
            rows.append(fill(self.drawn("memory"), title=quoting.title(memory.title)))
            text = quoting.quote(memory.text, _POEM_QUOTE, self.teller.avoids)
            rows += [quoted(self.language, text)] if text else []
        rows += [*scenes[2:], *self.extras(chosen)[:1]]
        rows = [*rows[: self._rows(len(rows) + 1) - 1], self.drawn(f"close.{self.feeling}")]
        stanzas = [rows[start : start + STANZA] for start in range(0, len(rows), STANZA)]
        return "\n\n".join("\n".join(_as_verse(row) for row in stanza) for stanza in stanzas)

    def _rows(self, there: int) -> int:
        """How many rows a poem has: whole stanzas, fewer for those who read less."""
        most = {"mild": 3, "moderate": 3, "advanced": 2, "severe": 1}[self.teller.level] * STANZA
        return min(most, there - there % STANZA if there >= STANZA else there)

    def drawn(self, section: str) -> str:
        """A sentence of a section; none comes twice in a text while others are left."""
        choices = lines(self.language, section)
        found = self.dice.pick([one for one in choices if one not in self._drawn] or choices)
        self._drawn.add(found)
        return found

    def scenes(self, count: int) -> list[str]:
        """Sentences that paint the theme."""
        sentences = lines(self.language, f"theme.{self.key}")[1:]
        simple = sorted(sentences, key=len)[: self.size.choices]
        return self.dice.shuffled(simple)[:count]

    def dedication(self) -> list[str]:
        if not self.size.named or not self.teller.name:
            return []
        return [fill(self.drawn("named"), name=self.teller.name)]

    def about(self) -> list[str]:
        """What the story is about, when that is something no section paints."""
        own = line(self.language, f"theme.{ANY}").casefold()
        if self.key != ANY or self.theme.casefold() == own or self.teller.level == "severe":
            return []
        return [fill(self.drawn("about"), theme=quoting.title(self.theme))]

    def memory(self, memory: Remembered) -> list[str]:
        """A memory's title, and its own words."""
        found = [fill(self.drawn("memory"), title=quoting.title(memory.title))]
        text = quoting.quote(memory.text, self.size.quote, self.teller.avoids, self.size.quoted)
        if text:
            found.append(fill(self.drawn("quote"), text=text))
        return found

    def extras(self, chosen: Sequence[Remembered]) -> list[str]:
        """The time and its music, and what the person likes."""
        found: list[str] = []
        era = next((memory.era for memory in chosen if memory.era), None) or self.teller.era
        said = said_era(self.language, era)
        if said:
            found.append(fill(self.drawn("era"), era=said))
            found.append(self._song(era))
        if self.teller.interests and self.theme not in self.teller.interests:
            interest = quoting.title(self.dice.pick(self.teller.interests))
            found.append(fill(self.drawn("interest"), interest=interest))
        return self.dice.some(found, self.size.extras)

    def _song(self, era: str | None) -> str:
        song = self.dice.pick(_songs(era, self.feeling, self.language))
        section = "piece" if song.language == WORDLESS else "song"
        return fill(self.drawn(section), title=song.title, artist=song.artist)


@lru_cache(256)
def _songs(era: str | None, feeling: str, language: str) -> list[Song]:
    return suited(era, (feeling,), language=language, limit=_SONGS)


def _as_verse(sentence: str) -> str:
    return sentence.rstrip(".。")
