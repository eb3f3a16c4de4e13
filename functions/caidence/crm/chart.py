"""A bar chart of amounts, drawn with lines and boxes: two bars a row, on one scale that ends on round numbers."""

from collections.abc import Sequence
from math import floor, log10
from typing import Final, NamedTuple

from caidence.crm.paper import Color, Paper, Style

STEPS: Final = 4
"""At most that many steps on the scale."""
ROW: Final = 9.5
"""Millimetres that a row takes."""
_BAR: Final = 3.2
_GRID: Final[Color] = (226, 229, 238)
_LABEL: Final = Style(8)
_TICK: Final = Style(7, color=(105, 116, 138))


class Bars(NamedTuple):
    """One row: its name and its amounts in minor units, none below 0."""

    name: str
    values: tuple[int, int]


class Series(NamedTuple):
    """What the first or the second bars of all rows show."""

    name: str
    color: Color


def scale(largest: int) -> list[int]:
    """Round amounts, evenly spaced from 0, the last of which reaches `largest`: 1, 2, 2.5 or 5 times a power of ten
    apart, and at most STEPS steps."""
    if largest <= 0:
        return [0, 100]
    power = 10 ** max(0, floor(log10(largest / STEPS)))
    sizes = [power * factor // 10 for factor in (10, 20, 25, 50, 100, 200) if power * factor % 10 == 0]
    step = next(size for size in sizes if size * STEPS >= largest)
    return [step * number for number in range(-(-largest // step) + 1)]


def height(rows: int) -> float:
    """Millimetres that a chart of so many rows takes."""
    return rows * ROW + 14


def draw(
    paper: Paper, x: float, y: float, width: float, rows: Sequence[Bars], series: tuple[Series, Series]
) -> None:  # fmt: skip
    """Draw a chart with its legend, its upper left corner at (x, y)."""
    names = 48.0
    ticks = scale(max((value for row in rows for value in row.values), default=0))
    left, room = x + names, width - names - 4
    top, bottom = y + 8, y + 8 + len(rows) * ROW
    _legend(paper, left, y + 2.6, series)
    for tick in ticks:
        place = left + room * tick / ticks[-1]
        paper.line(place, top, place, bottom, _GRID)
        paper.text(place, bottom + 4, short_amount(tick), _TICK, "center")
    for number, row in enumerate(rows):
        middle = top + number * ROW + ROW / 2
        paper.text(left - 3, middle + 1, row.name, _LABEL, "right", room=names - 3)
        for value, one, offset in zip(row.values, series, (-_BAR - 0.2, 0.2), strict=True):
            if value:
                paper.box(left, middle + offset, max(0.4, room * value / ticks[-1]), _BAR, one.color)


def short_amount(minor: int) -> str:
    """An amount in minor units for a scale: `250`, `2.5k`, `1.25M`."""
    for size, unit in ((100_000_000_000, "B"), (100_000_000, "M"), (100_000, "k")):
        if minor >= size:
            return f"{minor / size:.2f}".rstrip("0").rstrip(".") + unit
    return f"{minor / 100:.2f}".rstrip("0").rstrip(".")


def _legend(paper: Paper, x: float, y: float, series: tuple[Series, Series]) -> None:
    for one in series:
        paper.box(x, y - 2.2, 2.6, 2.6, one.color, radius=0.6)
        x += 4 + paper.text(x + 4, y, one.name, _TICK) + 6
