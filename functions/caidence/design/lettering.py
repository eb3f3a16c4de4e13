"""Setting a title: broken into lines, as large as its box allows, in the faces that its letters need."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from quintet.media.fonts import LATIN, Face, Run, runs
from quintet.media.scripts import drawable, runs_right_to_left

if TYPE_CHECKING:
    from PIL import ImageDraw

    from caidence.design.palettes import Rgb

Align = Literal["left", "center"]
LEADING: Final = 1.18
"""The distance of lines, in sizes."""
_CAP: Final = 0.714
"""The height of capitals, in sizes (Noto Sans)."""
_DROP: Final = 0.24
"""What hangs below the line, in sizes."""
_STEPS: Final = 24
_SMALL: Final = frozenset("ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々")
_LONG: Final = 9
"""Letters before a hyphen where a line may break."""


@dataclass(frozen=True, slots=True)
class Type:
    """How letters look."""

    bold: bool = True
    upper: bool = False
    tracking: float = 0.0
    """Space between letters, in sizes; only for scripts whose letters stand alone."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where letters may stand, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines that fit a box at a size."""

    lines: tuple[str, ...]
    size: int
    type: Type
    rightward: bool
    """Whether the text runs from the right."""

    @property
    def height(self) -> float:
        """From the top of the first line's capitals to what hangs below the last line."""
        return self.size * (_CAP + _DROP + LEADING * (len(self.lines) - 1)) if self.lines else 0.0

    @property
    def width(self) -> float:
        return max((width_of(line, self.size, self.type) for line in self.lines), default=0.0)


def fitted(text: str, box: Box, largest: float, smallest: float, most_lines: int, type: Type) -> Setting:
    """The text as large as the box takes it, within these sizes in pixels; what does not fit at the smallest size ends
    with an ellipsis. A text of nothing that can be drawn has no lines."""
    text = " ".join((text.upper() if type.upper else text).split())
    rightward = runs_right_to_left(text)
    if not drawable(text):
        return Setting((), round(smallest), type, rightward)
    low, high, found = 0, _STEPS, None
    while low <= high:
        middle = (low + high) // 2
        size = max(round(smallest * (largest / smallest) ** (middle / _STEPS)), 8)
        lines, torn = _broken(text, box.width, size, type)
        setting = Setting(tuple(lines), size, type, rightward)
        if len(lines) <= most_lines and setting.height <= box.height and not torn:
            found, low = setting, middle + 1
        else:
            high = middle - 1
    if found is not None:
        return replace(found, lines=_balanced(text, box.width, found))
    return _cut(text, box, max(round(smallest), 8), most_lines, type)


def draw(canvas: ImageDraw.ImageDraw, setting: Setting, left: float, top: float, width: float, align: Align,
         fill: Rgb) -> None:  # fmt: skip
    """Draw a setting with the top of its capitals at `top`; text that runs from the right keeps to the right."""
    baseline = top + _CAP * setting.size
    for line in setting.lines:
        spare = width - width_of(line, setting.size, setting.type)
        at = left + (spare / 2 if align == "center" else spare if setting.rightward else 0)
        for piece, face, advance in _pieces(line, setting.size, setting.type):
            font = _font(face, setting.type.bold, setting.size)
            canvas.text((round(at), round(baseline)), piece, font=font, fill=fill, anchor="ls")
            at += advance
        baseline += LEADING * setting.size


def width_of(line: str, size: int, type: Type) -> float:
    """Pixels that a line takes."""
    found = sum(advance for _, _, advance in _pieces(line, size, type))
    return found - (type.tracking * size if found and _set(line)[1] else 0)


def _pieces(line: str, size: int, type: Type) -> Iterator[tuple[str, Face, float]]:
    """What is drawn at once, with what draws it and how far it leads on."""
    pieces, alone = _set(line)
    tracked = type.tracking if alone else 0.0
    for face, text in pieces:
        font = _font(face, type.bold, size)
        for piece in text if tracked else [text]:
            yield piece, face, font.getlength(piece) + tracked * size


@lru_cache(maxsize=4096)
def _set(line: str) -> tuple[list[Run], bool]:
    """A line as it is drawn, by faces, and whether its letters may be spaced."""
    shown = drawable(line)
    return runs(shown), _stands_alone(shown)


@lru_cache(maxsize=64)
def _font(face: Face, bold: bool, size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(str(face.path(bold=bold)), size, layout_engine=ImageFont.Layout.BASIC)


def _stands_alone(text: str) -> bool:
    """Whether letters may be spaced: scripts that join their letters, or pile marks on them, fall apart."""
    return all(LATIN.draws(char) and not unicodedata.combining(char) for char in text)


def _broken(text: str, width: float, size: int, type: Type) -> tuple[list[str], bool]:
    """Lines no wider than the box, broken between words, and whether one had to be torn, which alone was wider."""
    lines, torn = [""], False
    for word in _words(text):
        if width_of((lines[-1] + word).rstrip(), size, type) <= width:
            lines[-1] += word
            continue
        if lines[-1].strip():
            lines.append("")
        lines[-1] = word
        while width_of(lines[-1].rstrip(), size, type) > width and len(lines[-1].rstrip()) > 1:
            torn = True
            head = _head(lines[-1], width, size, type)
            hyphen = "-" if _is_spelt(lines[-1][head - 1 : head + 1]) else ""
            lines[-1:] = [lines[-1][:head] + hyphen, lines[-1][head:]]
        torn = torn or width_of(lines[-1].rstrip(), size, type) > width  # a letter that is wider by itself
    return [line.strip() for line in lines if line.strip()], torn


def _balanced(text: str, width: float, setting: Setting) -> tuple[str, ...]:
    """The same number of lines, as even in length as they get, so that no word stands alone at the end."""
    found = setting.lines
    low, high = width / max(1, len(found)) * 0.8, width
    for _ in range(7 if len(found) > 1 else 0):
        middle = (low + high) / 2
        lines, torn = _broken(text, middle, setting.size, setting.type)
        if torn or len(lines) > len(found):
            low = middle
        else:
            found, high = tuple(lines), middle
    return found


def _words(text: str) -> Iterator[str]:
    """Where lines may break: after blanks, after the hyphens of long words, and between signs of scripts that have no
    blanks."""
    word = ""
    for index, char in enumerate(text):
        word += char
        following = text[index + 1 : index + 2]
        between = _is_wide(char) and following and not _clings(following)
        if (
            char == " "
            or (char in "-–—/" and len(word) >= _LONG)
            or between
            or (following and _is_wide(following) and char.isalnum() and not _is_wide(char))
        ):
            yield word
            word = ""
    if word:
        yield word


def _clings(char: str) -> bool:
    """Whether a sign may not begin a line: marks, punctuation, small kana (JIS X 4051)."""
    return unicodedata.category(char)[0] in "MP" or char in _SMALL


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF" and unicodedata.category(char)[0] == "L" and not _is_hangul(char)


def _is_hangul(char: str) -> bool:
    return "\uac00" <= char <= "\ud7a3"


def _is_spelt(pair: str) -> bool:
    """Whether a word that is torn between two letters has a hyphen there: those of alphabets that stand alone."""
    return len(pair) == 2 and pair.isalpha() and _stands_alone(pair) and not any(map(_is_wide, pair))


def _head(word: str, width: float, size: int, type: Type) -> int:
    """How many letters of a word fit with a hyphen behind them; a mark stays with its letter."""
    low, high = 1, len(word) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width_of(f"{word[:middle]}-", size, type) <= width else (low, middle - 1)
    while low > 1 and unicodedata.category(word[low])[0] == "M":
        low -= 1
    return low


def _cut(text: str, box: Box, size: int, most_lines: int, type: Type) -> Setting:
    """The beginning of a text at one size, in as many lines as there is room for."""
    room = max(1, min(most_lines, int((box.height / size - _CAP - _DROP) / LEADING) + 1))
    lines, _ = _broken(text, box.width, size, type)
    kept = lines[:room]
    if len(lines) > room:
        last = kept[-1]
        while last and width_of(f"{last.rstrip()}…", size, type) > box.width:
            last = last[:-1]
        kept[-1] = f"{last.rstrip(' ,.;:–—-')}…"
    return Setting(tuple(kept), size, type, runs_right_to_left(text))
