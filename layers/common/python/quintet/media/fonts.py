"""The typefaces that documents and pictures are set in, and which of them draws which text.

The files are those of the layer `documents` (an operation that sets text declares `layers=("documents",)`): Noto Sans,
its sisters for other scripts, and Droid Sans Fallback for Chinese, Japanese and Korean. Pillow and fpdf2 draw letters
one after the other from the left, so a text is set with `drawable` first (quintet.media.scripts).
"""

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__)


class Face(NamedTuple):
    """A typeface: the files of its two weights (the same where it has one), and the code points it is for."""

    name: str
    regular: str
    bold: str
    ranges: tuple[tuple[int, int], ...]

    @property
    def has_bold(self) -> bool:
        """Whether bold text looks otherwise."""
        return self.bold != self.regular

    def path(self, *, bold: bool = False) -> Path:
        """Where the file of a weight is."""
        return folder() / f"{self.bold if bold else self.regular}.ttf"

    def draws(self, char: str) -> bool:
        """Whether the character is of the scripts that the face is for."""
        return any(first <= ord(char) <= last for first, last in self.ranges)


def _noto(script: str, *ranges: tuple[int, int], bold: bool = False) -> Face:
    regular = f"NotoSans{script}-Regular"
    return Face(f"NotoSans{script}", regular, f"NotoSans{script}-Bold" if bold else regular, ranges)


LATIN: Final = _noto(
    "", (0x0020, 0x036F), (0x0370, 0x052F), (0x1AB0, 0x1AFF), (0x1D00, 0x1FFF), (0x2000, 0x218F), (0x2C60, 0x2C7F),
    (0x2DE0, 0x2E7F), (0xA640, 0xA69F), (0xA700, 0xA7FF), (0xAB30, 0xAB6F), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD),
    bold=True,
)  # fmt: skip
"""Latin, Greek, Cyrillic, punctuation and currency signs: the face of everything that no other is for."""

FACES: Final = (
    LATIN,
    _noto(
        "Arabic", (0x0600, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC),
        bold=True,
    ),
    _noto("Hebrew", (0x0590, 0x05FF), (0xFB1D, 0xFB4F), bold=True),
    _noto("Devanagari", (0x0900, 0x097F), (0xA8E0, 0xA8FF), bold=True),
    _noto("Thai", (0x0E00, 0x0E7F), bold=True),
    _noto("Armenian", (0x0530, 0x058F)),
    _noto("Georgian", (0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)),
    _noto("Bengali", (0x0980, 0x09FF)),
    _noto("Gurmukhi", (0x0A00, 0x0A7F)),
    _noto("Gujarati", (0x0A80, 0x0AFF)),
    _noto("Tamil", (0x0B80, 0x0BFF)),
    _noto("Telugu", (0x0C00, 0x0C7F)),
    _noto("Kannada", (0x0C80, 0x0CFF)),
    _noto("Malayalam", (0x0D00, 0x0D7F)),
    Face(
        "DroidSansFallback", "DroidSansFallback", "DroidSansFallback",
        ((0x1100, 0x11FF), (0x3000, 0x33FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE4F),
         (0xFF00, 0xFFEF)),
    ),
)  # fmt: skip
"""Every face; a character is drawn with the first that is for it and has it."""


class Run(NamedTuple):
    """A stretch of text that one face draws."""

    face: Face
    text: str


def folder() -> Path:
    """Where the font files are: with the layer that is on the import path, or in the tree."""
    layer = find_spec("quintet_fonts")  # a package without modules
    places = list(layer.submodule_search_locations or ()) if layer else []
    return Path(places[0]) if places else HERE.parents[4] / "documents" / "python" / "quintet_fonts"


def runs(text: str) -> list[Run]:
    """A text cut where its face changes. What no face has goes to LATIN, which draws its mark for a missing letter."""
    found = groupby(text, _face)
    return [Run(face, "".join(chars)) for face, chars in found]


def needed(texts: Iterable[str]) -> list[Face]:
    """The faces that some texts need, LATIN first: opening the others would take time for nothing."""
    wanted = {_face(char) for char in set().union(*texts)}
    return [face for face in FACES if face is LATIN or face in wanted]


def has_glyph(char: str) -> bool:
    """Whether some face can draw a character."""
    return any(face.draws(char) and ord(char) in _glyphs(face.regular) for face in FACES)


def _face(char: str) -> Face:
    return next((face for face in FACES if face.draws(char) and ord(char) in _glyphs(face.regular)), LATIN)


@cache
def _glyphs(file: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(folder() / f"{file}.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap())
