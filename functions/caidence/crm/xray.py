"""The X-Ray of an influencer as a PDF: key figures, what stands out, a chart, and every campaign.

A pure function of what it shows: the same relationship makes the same bytes, dated when it changed last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from caidence.campaigns.figures import Sums, percent
from caidence.crm import chart
from caidence.crm.figures import amount, number, period, platform, rate, remarks
from caidence.crm.paper import HEIGHT, WIDTH, Align, Color, Paper, Style
from caidence.crm.relationships import Record, Relationship
from quintet.media.scripts import runs_right_to_left

MARGIN: Final = 16.0
INNER: Final = WIDTH - 2 * MARGIN
CHARTED: Final = 8
"""Campaigns in the chart: those that cost or brought the most."""

_INK: Final[Color] = (27, 35, 51)
_MUTED: Final[Color] = (105, 116, 138)
_FAINT: Final[Color] = (244, 245, 250)
_RULE: Final[Color] = (226, 229, 238)
_ACCENT: Final[Color] = (79, 70, 229)
_GREEN: Final[Color] = (16, 163, 127)
_WHITE: Final[Color] = (255, 255, 255)
_TONES: Final[dict[str, Color]] = {"active": _GREEN, "prospect": _ACCENT, "past": _MUTED}

_TITLE: Final = Style(22, bold=True)
_HEADING: Final = Style(12, bold=True)
_BODY: Final = Style(9)
_BOLD: Final = Style(9, bold=True)
_SMALL: Final = Style(7.5, color=_MUTED)
_HEAD: Final = Style(7.5, bold=True, color=_MUTED)
_VALUE: Final = Style(15, bold=True)
_BOTTOM: Final = HEIGHT - 20
_LEGEND: Final = (chart.Series("Spend", _ACCENT), chart.Series("Conversion value", _GREEN))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of campaigns: its right edge, or the left one where text stands in it."""

    title: str
    x: float
    align: Align = "right"


COLUMNS: Final = (
    Column("Campaign", MARGIN, "left"),
    Column("Status", MARGIN + 57, "left"),
    Column("Impressions", MARGIN + 93),
    Column("Clicks", MARGIN + 108),
    Column("CTR", MARGIN + 120),
    Column("Conv.", MARGIN + 131),
    Column("Spend", MARGIN + 148),
    Column("Value", MARGIN + 165),
    Column("ROI", MARGIN + INNER),
)
_NAME_ROOM: Final = 54.0


def render(who: Relationship, organization: str, *, demo: bool = False) -> bytes:
    """The report on an influencer, made for an organization; `demo` marks it as one of demo values."""
    return _Report(who, organization, demo=demo).bytes()


class _Report:
    """The report while it is being set: `y` is where the next block begins on the page."""

    def __init__(self, who: Relationship, organization: str, *, demo: bool) -> None:
        self.who, self.organization, self.demo = who, organization, demo
        self.paper = Paper(
            _texts(who, organization), title=f"Influencer X-Ray: {who.name}", author=organization, created=who.as_of
        )
        self.y = 0.0

    def bytes(self) -> bytes:
        self._page()
        self._identity()
        self._tiles()
        self._remarks()
        self._chart()
        self._campaigns()
        return self.paper.bytes()

    def _page(self) -> None:
        """Begin a page: the band on top, the foot, and room between them."""
        paper = self.paper
        paper.turn()
        paper.box(0, 0, WIDTH, 3, _ACCENT)
        paper.text(MARGIN, 12, "INFLUENCER X-RAY", Style(8, bold=True, color=_ACCENT))
        paper.text(WIDTH - MARGIN, 12, self.organization, _SMALL, "right", room=110)
        foot = HEIGHT - 10
        paper.line(MARGIN, foot - 5, WIDTH - MARGIN, foot - 5, _RULE)
        said = f"@{self.who.handle} · as of {self.who.as_of:%d %B %Y, %H:%M} UTC"
        paper.text(MARGIN, foot, f"{said} · demo data" if self.demo else said, _SMALL, room=140)
        paper.text(WIDTH - MARGIN, foot, f"Page {paper.pages}", _SMALL, "right")
        self.y = 22.0

    def _need(self, height: float) -> bool:
        """Turn the page unless that much room is left on it; answers whether it did."""
        if self.y + height <= _BOTTOM:
            return False
        self._page()
        return True

    def _identity(self) -> None:
        who, paper = self.who, self.paper
        mirrored = runs_right_to_left(who.name)
        for line in paper.lines(who.name, INNER, _TITLE, most=2):
            self.y += 7
            if mirrored:
                paper.text(WIDTH - MARGIN, self.y, line, _TITLE, "right")
            else:
                paper.text(MARGIN, self.y, line, _TITLE)
            self.y += 3
        label = who.status.upper()
        tone = Style(7, bold=True, color=_WHITE)
        width = paper.width(label, tone) + 5
        self.y += 5
        paper.box(MARGIN, self.y - 3.6, width, 5, _TONES[who.status], radius=2.4)
        paper.text(MARGIN + width / 2, self.y, label, tone, "center")
        facts = [f"@{who.handle}", platform(who.platform), who.category, who.tier]
        said = "  ·  ".join(fact for fact in facts if fact)
        paper.text(MARGIN + width + 4, self.y, said, Style(10, color=_MUTED), room=INNER - width - 4)
        self.y += 8

    def _tiles(self) -> None:
        who, total = self.who, self.who.total
        tiles = (
            ("Followers", number(who.followers), _engagement(who)),
            ("Campaigns", number(len(who.history)), _period_of(who)),
            ("Spend", amount(total.spend), f"their part of all: {amount(who.spend)}"),
            ("Return on spend", rate(total.roi, signed=True) if total.spend else "–", "conversion value against it"),
            ("Impressions", number(total.impressions), f"{number(total.engagements)} engagements"),
            ("Clicks", number(total.clicks), f"{rate(total.ctr)} of impressions"),
            ("Conversions", number(total.conversions), f"{rate(total.conversion_rate)} of clicks"),
            ("Conversion value", amount(total.revenue), _a_conversion(total)),
        )
        gap, high = 4.0, 21.0
        wide = (INNER - 3 * gap) / 4
        for place, (name, value, note) in enumerate(tiles):
            x, y = MARGIN + place % 4 * (wide + gap), self.y + place // 4 * (high + gap)
            self.paper.box(x, y, wide, high, _FAINT, radius=2)
            self.paper.text(x + 3.5, y + 5.6, name, _SMALL, room=wide - 6)
            self.paper.text(x + 3.5, y + 12.8, value, _shrunk(self.paper, value, wide - 6), room=wide - 6)
            self.paper.text(x + 3.5, y + 17.8, note, _SMALL, room=wide - 6)
        self.y += 2 * high + gap + 9

    def _remarks(self) -> None:
        self._heading("What stands out")
        for remark in remarks(self.who):
            lines = self.paper.lines(remark, INNER - 5, _BODY, most=3)
            self._need(len(lines) * _BODY.height + 1)
            self.paper.box(MARGIN, self.y + 1.1, 1.4, 1.4, _ACCENT, radius=0.7)
            for line in lines:
                self.paper.text(MARGIN + 4, self.y + 2.9, line, _BODY)
                self.y += _BODY.height
            self.y += 1.2
        self.y += 4

    def _chart(self) -> None:
        money = [record for record in self.who.history if record.sums.spend or record.sums.revenue]
        chosen = sorted(money, key=lambda record: (-record.sums.spend - record.sums.revenue, record.id))[:CHARTED]
        if not chosen:
            return
        rows = [chart.Bars(record.name, (max(0, record.sums.spend), max(0, record.sums.revenue))) for record in chosen]
        self._need(chart.height(len(rows)) + 10)
        self._heading("Spend and conversion value by campaign")
        chart.draw(self.paper, MARGIN, self.y, INNER, rows, _LEGEND)
        self.y += chart.height(len(rows)) + 6

    def _campaigns(self) -> None:
        who = self.who
        self._need(30)
        self._heading("Campaign history")
        if not who.history:
            said = "No campaigns any more." if who.campaigns else "No campaigns yet."
            self.paper.text(MARGIN, self.y + 3, said, Style(9, color=_MUTED))
            return
        self._table_head()
        for record in who.history:
            names = self.paper.lines(record.name, _NAME_ROOM, _BOLD, most=2)
            high = 7.4 + len(names) * _BOLD.height
            if self._need(high):
                self._table_head()
            self._row(record, names)
            self.y += high
            self.paper.line(MARGIN, self.y, WIDTH - MARGIN, self.y, _RULE, 0.15)
        self._total()
        if who.left_out:
            self._need(8)
            said = f"{number(who.left_out)} more, older or deleted, {_are(who.left_out)} no part of this report."
            self.paper.text(MARGIN, self.y + 5, said, _SMALL)

    def _table_head(self) -> None:
        self.paper.box(MARGIN - 2, self.y, INNER + 4, 7, _FAINT, radius=1)
        for column in COLUMNS:
            self.paper.text(column.x, self.y + 4.7, column.title, _HEAD, column.align)
        self.y += 8

    def _row(self, record: Record, names: Sequence[str]) -> None:
        for place, line in enumerate(names):
            self.paper.text(MARGIN, self.y + 4.4 + place * _BOLD.height, line, _BOLD)
        base = self.y + 4.4 + len(names) * _BOLD.height
        self.paper.text(MARGIN, base, period(record.start_date, record.end_date), _SMALL, room=_NAME_ROOM)
        self.paper.text(COLUMNS[1].x, self.y + 4.4, record.status.capitalize(), _BODY)
        self._figures(self.y + 4.4, list(_cells(record)), _BODY)

    def _total(self) -> None:
        if self._need(9):
            self._table_head()
        total = self.who.total
        cells = [
            number(total.impressions), number(total.clicks), rate(total.ctr), number(total.conversions),
            amount(total.spend), amount(total.revenue), rate(total.roi, signed=True) if total.spend else "–",
        ]  # fmt: skip
        self.paper.text(MARGIN, self.y + 5.4, "All of these", _BOLD)
        self._figures(self.y + 5.4, cells, _BOLD)
        self.y += 9

    def _figures(self, y: float, cells: Sequence[str], style: Style) -> None:
        edges = [COLUMNS[1].x + 17, *(column.x for column in COLUMNS[2:])]
        for left, column, cell in zip(edges, COLUMNS[2:], cells, strict=False):
            self.paper.text(column.x, y, cell, _shrunk(self.paper, cell, column.x - left - 1, style), "right")

    def _heading(self, text: str) -> None:
        self.paper.text(MARGIN, self.y + 4, text, _HEADING)
        self.y += 8.5


def _cells(record: Record) -> Iterator[str]:
    sums = record.sums
    yield number(sums.impressions)
    yield number(sums.clicks)
    yield rate(sums.ctr)
    yield number(sums.conversions)
    yield amount(sums.spend)
    yield amount(sums.revenue)
    yield rate(percent(sums.revenue - sums.spend, sums.spend), signed=True) if sums.spend else "–"


def _shrunk(paper: Paper, text: str, room: float, style: Style = _VALUE) -> Style:
    """The style, smaller where the text would not fit: a figure is never cut."""
    while style.size > 4 and paper.width(text, style) > room:
        style = style._replace(size=style.size - 0.5)
    return style


def _engagement(who: Relationship) -> str:
    return "of the profile" if who.engagement_rate is None else f"{rate(who.engagement_rate)} engagement rate"


def _a_conversion(total: Sums) -> str:
    each = round(total.revenue / total.conversions) if total.conversions else None
    return "no conversions" if each is None else f"{amount(each)} a conversion"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _period_of(who: Relationship) -> str:
    if who.left_out:
        return f"{number(who.left_out)} more {_are(who.left_out)} left out"
    history = who.history
    starts = [record.start_date for record in history if record.start_date]
    ends = [record.end_date for record in history if record.end_date]
    last = max(ends) if len(ends) == len(history) > 0 else None  # one without an end goes on
    return period(min(starts, default=None), last) if starts or last else "no dates given"


def _texts(who: Relationship, organization: str) -> list[str]:
    return [who.name, who.handle, who.platform, who.category, who.tier, organization, "…·–"] + [
        record.name for record in who.history
    ]
