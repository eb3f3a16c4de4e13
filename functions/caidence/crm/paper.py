"""A PDF page as a surface: text of any script, fitted to its place, and plain shapes, measured in millimetres.

The same calls make the same bytes: the date of creation is given, and nothing in the file is left to chance.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, NamedTuple

from quintet.media import fonts
from quintet.media.scripts import drawable

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
"""A4."""
_ELLIPSIS: Final = "…"
_POINT: Final = 25.4 / 72
"""Millimetres."""

Align = Literal["left", "right", "center"]
Color = tuple[int, int, int]


class Style(NamedTuple):
    """How text looks; `size` is in points."""

    size: float = 9
    bold: bool = False
    color: Color = (27, 35, 51)

    @property
    def height(self) -> float:
        """Millimetres from one line to the next."""
        return self.size * _POINT * 1.35


class Paper:
    """Pages of A4. `texts` are those that will be set: only the faces that they need are opened."""

    def __init__(self, texts: Iterable[str], *, title: str, author: str, created: datetime) -> None:
        from fpdf import FPDF

        pdf = FPDF(format="A4")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.set_creation_date(created)
        pdf.set_title(_whole(title))
        pdf.set_author(_whole(author))
        pdf.set_lang("en")
        for face in fonts.needed(drawable(text) for text in texts):
            pdf.add_font(face.name, "", face.path())
            if face.has_bold:
                pdf.add_font(face.name, "B", face.path(bold=True))
        self._pdf = pdf
        self._widths: dict[tuple[str, Style], float] = {}

    @property
    def pages(self) -> int:
        return self._pdf.pages_count

    def turn(self) -> None:
        """Begin a new page."""
        self._pdf.add_page()

    def width(self, text: str, style: Style) -> float:
        """How wide a line is."""
        if (text, style) not in self._widths:
            self._widths[text, style] = sum(self._measured(run, style) for run in fonts.runs(drawable(text)))
        return self._widths[text, style]

    def text(self, x: float, y: float, text: str, style: Style, align: Align = "left", room: float = 0) -> float:
        """Set one line on the baseline `y`, from `x`, up to it or around it; `room` cuts what is longer, with an
        ellipsis. Answers how wide it came out."""
        shown = self.cut(text, room, style) if room else text
        width = self.width(shown, style)
        start = {"left": x, "right": x - width, "center": x - width / 2}[align]
        self._pdf.set_text_color(*style.color)
        for run in fonts.runs(drawable(shown)):
            advance = self._measured(run, style)
            self._pdf.text(start, y, run.text)
            start += advance
        return width

    def cut(self, text: str, room: float, style: Style) -> str:
        """A line that fits, with an ellipsis in the place of what does not."""
        if self.width(text, style) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip() + _ELLIPSIS, style) <= room:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + _ELLIPSIS

    def lines(self, text: str, room: float, style: Style, most: int = 100) -> list[str]:
        """A text in lines that fit, broken between words and, where a word is too long, within it; at most `most`,
        the last of which then ends in an ellipsis."""
        found: list[str] = []
        rest = " ".join(text.split())
        while rest and len(found) < most - 1:
            line = self._line(rest, room, style)
            found.append(line)
            rest = rest[len(line) :].lstrip()
        return [*found, self.cut(rest, room, style)] if rest else found

    def box(self, x: float, y: float, width: float, height: float, color: Color, radius: float = 0) -> None:
        """Fill a rectangle, its corners rounded where a radius is given."""
        self._pdf.set_fill_color(*color)
        if radius:
            self._pdf.rect(x, y, width, height, style="F", round_corners=True, corner_radius=radius)
        else:
            self._pdf.rect(x, y, width, height, style="F")

    def line(self, x: float, y: float, to_x: float, to_y: float, color: Color, width: float = 0.2) -> None:
        """Draw a straight line."""
        self._pdf.set_draw_color(*color)
        self._pdf.set_line_width(width)
        self._pdf.line(x, y, to_x, to_y)

    def bytes(self) -> bytes:
        """The finished file."""
        return bytes(self._pdf.output())

    def _measured(self, run: fonts.Run, style: Style) -> float:
        self._pdf.set_font(run.face.name, "B" if style.bold and run.face.has_bold else "", style.size)
        return float(self._pdf.get_string_width(run.text))

    def _line(self, text: str, room: float, style: Style) -> str:
        """As much of the beginning of a text as fits, at least one character."""
        if self.width(text, style) <= room:
            return text
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle], style) <= room:
                low = middle
            else:
                high = middle - 1
        if text[low : low + 1].isspace():
            return text[:low]
        return text[:low].rpartition(" ")[0] or text[:low]


def _whole(text: str) -> str:
    """A text without halves of characters (lone surrogates), which no file can hold."""
    return text.encode("utf-8", "ignore").decode()
