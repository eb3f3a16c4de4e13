"""The styles that a composition may have: each a layout with its own shapes, type and use of colour."""

import colorsys
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from caidence.design.canvas import Canvas
from caidence.design.lettering import Box, Type
from caidence.design.palettes import WHITE, Palette, Rgb, ink_on, mix, with_lightness

Ground = Callable[[Palette], Rgb]


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on a picture: its title, and whose it is, where that is known."""

    title: str
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """A layout and the colour of its sheet."""

    ground: Ground
    draw: Callable[[Canvas, Palette, Words], None]


def minimal(canvas: Canvas, colors: Palette, words: Words) -> None:
    """Much air, one circle that leaves the sheet, a short bar above the title."""
    w, h, s = canvas.width, canvas.height, canvas.short
    margin = s * 0.09
    y = h * 0.3 if canvas.is_wide else h * 0.15
    canvas.circle(w * 0.84, y, s * 0.32, colors.primary)
    canvas.circle(w * 0.84 - s * 0.28, y + s * 0.2, s * 0.09, colors.accent)
    above = h * 0.3 if canvas.is_wide else max(h * 0.42, y + s * 0.38)
    width = w * 0.56 - margin if canvas.is_wide else w - 2 * margin
    box = Box(margin, above, width, h - above - margin - _sender_room(canvas))
    title = canvas.fitted(words.title, box, s * 0.12, 8, Type())
    top = box.bottom - canvas.height_of(title)
    ink = ink_on(colors.paper, colors.night)
    canvas.rectangle(Box(margin, top - s * 0.07, s * 0.11, s * 0.014), ink_on(colors.paper, colors.primary))
    canvas.text(title, box.left, top, box.width, ink)
    _sender(canvas, words, margin, ink)


def bold(canvas: Canvas, colors: Palette, words: Words) -> None:
    """A sheet full of colour, capitals as large as they get, quarter circles in the corner."""
    w, h, s = canvas.width, canvas.height, canvas.short
    margin = s * 0.075
    radius = s * (0.5 if canvas.is_wide else 0.44)
    canvas.sector(w, h, radius, 180, 270, colors.accent)
    canvas.sector(w, h, radius * 0.66, 180, 270, colors.second)
    canvas.sector(w, h, radius * 0.32, 180, 270, colors.primary)
    for number in range(3):
        at = margin + number * s * 0.05
        canvas.circle(at + s * 0.012, h - margin - s * 0.012, s * 0.012, colors.ink(colors.primary))
    width = w - 2 * margin if not canvas.is_wide else w - margin - radius * 0.7
    box = Box(margin, margin, width, h - 2 * margin - (s * 0.12 if canvas.is_wide else radius * 0.9))
    title = canvas.fitted(words.title, box, s * 0.26, 9, Type(upper=True))
    canvas.text(title, box.left, box.top, box.width, colors.ink(colors.primary))
    _sender(canvas, words, margin, colors.ink(colors.primary), indent=s * 0.17)


def elegant(canvas: Canvas, colors: Palette, words: Words) -> None:
    """Night, a double frame of fine lines, spaced capitals in the middle."""
    w, h, s = canvas.width, canvas.height, canvas.short
    gold = ink_on(colors.night, colors.gold)
    canvas.glow(w / 2, h / 2, max(w, h) * 0.62, mix(colors.night, colors.primary, 0.35), 0.8)
    for inset, stroke in ((0.045, s * 0.003), (0.062, s * 0.0015)):
        canvas.frame(Box(s * inset, s * inset, w - 2 * s * inset, h - 2 * s * inset), gold, stroke)
    for x, y in ((0.062, 0.062), (-0.062, 0.062), (0.062, -0.062), (-0.062, -0.062)):
        _diamond(canvas, (w + s * x) % w, (h + s * y) % h, s * 0.018, gold)
    box = Box(s * 0.16, h * 0.28, w - s * 0.32, h * 0.44)
    title = canvas.fitted(words.title, box, s * 0.085, 9, Type(bold=False, upper=True, tracking=0.14))
    top = box.top + (box.height - canvas.height_of(title)) / 2
    canvas.text(title, box.left, top, box.width, ink_on(colors.night, WHITE), "center")
    for y in (top - s * 0.085, top + canvas.height_of(title) + s * 0.07):
        reach = s * 0.12
        canvas.line([(w / 2 - reach, y), (w / 2 - s * 0.03, y)], gold, s * 0.002)
        canvas.line([(w / 2 + s * 0.03, y), (w / 2 + reach, y)], gold, s * 0.002)
        _diamond(canvas, w / 2, y, s * 0.012, gold)
    small = canvas.fitted(
        words.sender, Box(box.left, 0, box.width, s * 0.05), s * 0.026, 1, Type(tracking=0.3, upper=True)
    )
    canvas.text(small, box.left, h - s * 0.135, box.width, gold, "center")


def retro(canvas: Canvas, colors: Palette, words: Words) -> None:
    """A rising sun of stripes over rays, the title on a band."""
    w, h, s = canvas.width, canvas.height, canvas.short
    cream = colors.cream
    ray = mix(cream, colors.second, 0.26)
    horizon = h * 0.64
    reach = math.hypot(w, h)
    for number in range(0, 36, 2):
        start, end = (math.radians(number * 10 + turn) for turn in (0, 10))
        tips = [(w / 2 + reach * math.cos(each), horizon + reach * math.sin(each)) for each in (start, end)]
        canvas.polygon([(w / 2, horizon), *tips], ray)
    sun = min(s * 0.4, w * 0.36)
    for number, color in enumerate((colors.primary, colors.accent, colors.second, colors.third)):
        canvas.circle(w / 2, horizon, sun * (1 - number * 0.22), color)
    canvas.rectangle(Box(0, horizon, w, h - horizon), with_lightness(colors.primary, 0.2))
    band = with_lightness(colors.primary, 0.2)
    for number in range(3):
        canvas.rectangle(
            Box(0, horizon + s * 0.02 * (number + 1), w, s * 0.006), mix(band, cream, 0.75 - number * 0.22)
        )
    box = Box(s * 0.08, horizon + s * 0.1, w - s * 0.16, h - horizon - s * 0.16 - _sender_room(canvas) * 0.6)
    title = canvas.fitted(words.title, box, s * 0.12, 5, Type(upper=True, tracking=0.03))
    top = box.top + (box.height - canvas.height_of(title)) / 2
    canvas.text(title, box.left, top, box.width, ink_on(band, cream), "center")
    small = canvas.fitted(words.sender, Box(0, 0, w * 0.6, s * 0.05), s * 0.028, 1, Type(upper=True, tracking=0.2))
    canvas.text(small, w * 0.2, h - s * 0.065, w * 0.6, ink_on(band, mix(cream, band, 0.2)), "center")


def playful(canvas: Canvas, colors: Palette, words: Words) -> None:
    """Confetti of every shape around a card."""
    w, h, s = canvas.width, canvas.height, canvas.short
    card = Box(w * 0.13, h * 0.2, w * 0.74, h * 0.6)
    step = s * 0.135
    for row in range(math.ceil(h / step) + 1):
        for column in range(math.ceil(w / step) + 1):
            x = (column + 0.5 * (row % 2)) * step + canvas.chance.uniform(-0.18, 0.18) * step
            y = row * step + canvas.chance.uniform(-0.18, 0.18) * step
            _confetto(canvas, x, y, s * canvas.chance.uniform(0.018, 0.034), canvas.chance.choice(colors.all))
    shadow = mix(colors.paper, with_lightness(colors.primary, 0.4), 0.34)
    canvas.rounded(Box(card.left + s * 0.016, card.top + s * 0.016, card.width, card.height), s * 0.07, shadow)
    canvas.rounded(card, s * 0.07, WHITE)
    inner = Box(card.left + s * 0.07, card.top + s * 0.07, card.width - s * 0.14, card.height - s * 0.14)
    room = s * 0.075 if words.sender else 0.0
    box = Box(inner.left, inner.top, inner.width, inner.height - room)
    title = canvas.fitted(words.title, box, s * 0.15, 8, Type())
    top = box.top + (box.height - canvas.height_of(title)) / 2
    canvas.text(title, box.left, top, box.width, ink_on(WHITE, colors.primary), "center")
    small = canvas.fitted(words.sender, Box(0, 0, inner.width, s * 0.05), s * 0.034, 1, Type())
    canvas.text(small, inner.left, inner.bottom - s * 0.03, inner.width, ink_on(WHITE, colors.accent), "center")


def corporate(canvas: Canvas, colors: Palette, words: Words) -> None:
    """Two fields: a grid of plain shapes, and the title on white."""
    w, h, s = canvas.width, canvas.height, canvas.short
    cells = 4
    side = h / cells if canvas.is_wide else w / cells
    columns, rows = (3, cells) if canvas.is_wide else (cells, max(2, math.floor(h * 0.48 / side)))
    left = w - columns * side if canvas.is_wide else 0.0
    for row in range(rows):
        for column in range(columns):
            _tile(canvas, Box(left + column * side, row * side, side + 1, side + 1), colors)
    margin = s * 0.085
    top = margin if canvas.is_wide else rows * side + margin * 0.9
    box = Box(margin, top, (left if canvas.is_wide else w) - 2 * margin, h - top - margin - _sender_room(canvas))
    title = canvas.fitted(words.title, box, s * 0.105, 10, Type())
    at = box.top + ((box.height - canvas.height_of(title)) / 2 if canvas.is_wide else s * 0.04)
    canvas.rectangle(Box(margin, at - s * 0.055, s * 0.09, s * 0.012), ink_on(WHITE, colors.accent))
    canvas.text(title, box.left, at, box.width, ink_on(WHITE, with_lightness(colors.primary, 0.16)))
    _sender(canvas, words, margin, ink_on(WHITE, mix(colors.night, WHITE, 0.35)))


def neon(canvas: Canvas, colors: Palette, words: Words) -> None:
    """Night over a floor of glowing lines, a sun of stripes on the horizon."""
    w, h, s = canvas.width, canvas.height, canvas.short
    bright, other = (ink_on(colors.night, with_lightness(each, 0.6)) for each in (colors.primary, colors.accent))
    horizon = h * 0.74
    canvas.glow(w / 2, horizon, max(w, h) * 0.5, mix(colors.night, bright, 0.55), 0.9)
    radius = min(w * 0.24, h * 0.25)
    for grow, share in ((1.1, 0.3), (1.05, 0.5), (1.0, 1.0)):
        canvas.circle(w / 2, horizon, radius * grow, mix(colors.night, bright, share))
    for number in range(5):
        thick = radius * (0.035 + 0.02 * number)
        y = horizon - radius * 0.62 + number * radius * 0.15
        canvas.rectangle(Box(w / 2 - radius * 1.02, y, radius * 2.04, thick), mix(colors.night, bright, 0.28))
    floor = mix(colors.night, other, 0.06)
    canvas.rectangle(Box(0, horizon, w, h - horizon), floor)
    grid = mix(floor, other, 0.55)
    for number in range(-16, 17):
        canvas.line([(w / 2 + number * w * 0.045, horizon), (w / 2 + number * w * 0.3, h)], grid, s * 0.002)
    for number in range(1, 8):
        y = horizon + (h - horizon) * (number / 7) ** 2
        canvas.line([(0, y), (w, y)], grid, s * 0.002)
    canvas.line([(0, horizon), (w, horizon)], mix(other, WHITE, 0.4), s * 0.005)
    box = Box(s * 0.08, s * 0.1, w - s * 0.16, horizon - radius * 1.15 - s * 0.12)
    title = canvas.fitted(words.title, box, s * 0.13, 7, Type(upper=True, tracking=0.04))
    top = box.top + (box.height - canvas.height_of(title)) / 2
    canvas.text(title, box.left, top, box.width, ink_on(mix(colors.night, bright, 0.3), WHITE), "center")
    small = canvas.fitted(words.sender, Box(0, 0, w * 0.7, s * 0.05), s * 0.03, 1, Type(upper=True, tracking=0.35))
    at = h - s * 0.07
    _plate(canvas, Box((w - canvas.width_of(small)) / 2, at, canvas.width_of(small), canvas.height_of(small)), floor)
    canvas.text(small, w * 0.15, at, w * 0.7, ink_on(floor, WHITE), "center")


def organic(canvas: Canvas, colors: Palette, words: Words) -> None:
    """A low sun over hills, one behind the other, the title in the sky."""
    w, h, s = canvas.width, canvas.height, canvas.short
    (sun, land), sky = colors.sun_and_land, colors.paper
    canvas.fade(sky, mix(sky, sun, 0.28))
    canvas.circle(w * 0.76, h * 0.56, s * 0.17, sun)
    deep = with_lightness(land, 0.16)
    for number in range(5):
        phase = canvas.chance.uniform(0, math.tau)
        color = mix(mix(land, sky, 0.6), deep, number / 4)
        canvas.hill(h * (0.61 + 0.068 * number), h * 0.026, 1.1 + 0.25 * number, phase, color)
    margin = s * 0.085
    box = Box(margin, margin * 1.1, w - 2 * margin, h * 0.56 - s * 0.2 - margin * 1.1)
    title = canvas.fitted(words.title, box, s * 0.125, 7, Type())
    canvas.text(title, box.left, box.top, box.width, ink_on(mix(sky, sun, 0.15), deep))
    _sender(canvas, words, margin, ink_on(deep, WHITE), drop=margin * 0.4)


def gradient(canvas: Canvas, colors: Palette, words: Words) -> None:
    """Light that runs from colour to colour, the title large and quiet upon it."""
    w, h, s = canvas.width, canvas.height, canvas.short
    start, end = with_lightness(colors.primary, 0.46), with_lightness(colors.beside(-0.09), 0.3)
    canvas.fade(start, end, 60)
    near = [colors.beside(0.06), colors.beside(-0.1)]
    lights = [*(color for color in colors.all[1:] if _near(color, colors.primary)), *near]
    canvas.glow(w * 0.88, h * 0.08, max(w, h) * 0.55, with_lightness(lights[0], 0.6), 1.0)
    canvas.glow(w * 0.05, h * 0.45, max(w, h) * 0.45, with_lightness(lights[1], 0.5), 0.8)
    canvas.shade(with_lightness(colors.primary, 0.07), 0.0, 0.72, 0.2)
    margin = s * 0.085
    box = Box(margin, h * 0.3, w - 2 * margin, h * 0.7 - margin - _sender_room(canvas))
    title = canvas.fitted(words.title, box, s * 0.135, 9, Type())
    canvas.text(title, box.left, box.bottom - canvas.height_of(title), box.width, WHITE)
    _sender(canvas, words, margin, WHITE)


def photo(canvas: Canvas, colors: Palette, words: Words) -> None:
    """A photograph over the whole sheet, darkened where the title stands. The sheet has the photograph already."""
    h, s = canvas.height, canvas.short
    canvas.shade(colors.night, 0.12, 0.88, 0.3)
    margin = s * 0.085
    box = Box(margin, h * 0.5, canvas.width - 2 * margin, h * 0.5 - margin - _sender_room(canvas))
    title = canvas.fitted(words.title, box, s * 0.115, 7, Type())
    top = box.bottom - canvas.height_of(title)
    canvas.rectangle(Box(margin, top - s * 0.055, s * 0.1, s * 0.013), ink_on(colors.night, colors.accent))
    canvas.text(title, box.left, top, box.width, WHITE)
    _sender(canvas, words, margin, WHITE)


def _paper(colors: Palette) -> Rgb:
    return colors.paper


def _primary(colors: Palette) -> Rgb:
    return colors.primary


def _night(colors: Palette) -> Rgb:
    return colors.night


def _white(_: Palette) -> Rgb:
    return WHITE


def _cream(colors: Palette) -> Rgb:
    return colors.cream


STYLES: Final = {
    "minimal": Style(_paper, minimal),
    "bold": Style(_primary, bold),
    "elegant": Style(_night, elegant),
    "retro": Style(_cream, retro),
    "playful": Style(_paper, playful),
    "corporate": Style(_white, corporate),
    "neon": Style(_night, neon),
    "organic": Style(_paper, organic),
    "gradient": Style(_primary, gradient),
}
PHOTO: Final = Style(_night, photo)
_NAMES: Final = {
    "minimal": "minimal minimalist minimalistic clean simple modern flat swiss scandinavian",
    "bold": "bold loud pop popart brutalist typographic poster street sporty energetic graffiti comic",
    "elegant": "elegant luxury luxurious premium classic classy deco artdeco wedding sophisticated editorial",
    "retro": "retro vintage 60s 70s 80s midcentury nostalgic western",
    "playful": "playful fun cute kids kawaii cartoon colorful colourful festive party whimsical illustration",
    "corporate": "corporate business professional bauhaus geometric abstract finance infographic saas tech technology "
    "digital data",
    "neon": "neon cyberpunk futuristic synthwave vaporwave gaming scifi night",
    "organic": "organic natural nature eco earthy botanical watercolor watercolour landscape boho rustic",
    "gradient": "gradient photo photographic photorealistic photorealism realistic cinematic dreamy aurora glass "
    "3d render isometric clay glossy",
}
"""Words by which people call a style."""


def named(style: str, seed: int) -> Style:
    """The style that a description means; one that means none gets a style all the same, which the seed picks."""
    words = "".join(char if char.isalnum() else " " for char in style.casefold()).split()
    words = [*words, "".join(words)]
    for name, called in _NAMES.items():
        if set(words) & set(called.split()):
            return STYLES[name]
    return list(STYLES.values())[seed % len(STYLES)]


def _sender_room(canvas: Canvas) -> float:
    return canvas.short * 0.075


def _near(color: Rgb, other: Rgb) -> bool:
    """Whether two colours blend without turning grey."""
    first, second = (colorsys.rgb_to_hls(*each)[0] for each in (color, other))
    return min(abs(first - second), 1 - abs(first - second)) < 0.2


def _sender(canvas: Canvas, words: Words, margin: float, ink: Rgb, indent: float = 0.0, drop: float = 0.0) -> None:
    """Whose picture it is, small at the foot."""
    s = canvas.short
    width = canvas.width * 0.6 - indent
    small = canvas.fitted(words.sender, Box(0, 0, width, s * 0.06), s * 0.034, 1, Type(bold=False))
    canvas.text(small, margin + indent, canvas.height - margin - s * 0.025 + drop, width, ink)


def _diamond(canvas: Canvas, x: float, y: float, radius: float, fill: Rgb) -> None:
    canvas.polygon([(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)], fill)


def _plate(canvas: Canvas, box: Box, color: Rgb) -> None:
    """A dark plate behind text, so that nothing crosses it."""
    if box.width:
        pad = canvas.short * 0.03
        canvas.rounded(Box(box.left - pad, box.top - pad, box.width + 2 * pad, box.height + 2 * pad), pad, color)


def _confetto(canvas: Canvas, x: float, y: float, size: float, color: Rgb) -> None:
    turn = canvas.chance.uniform(0, math.tau)
    match canvas.chance.randrange(4):
        case 0:
            canvas.circle(x, y, size, color)
        case 1:
            canvas.ring(x, y, size * 1.1, color, size * 0.5)
        case 2:
            corners = [turn + math.tau * n / 3 for n in range(3)]
            canvas.polygon([(x + 1.3 * size * math.cos(a), y + 1.3 * size * math.sin(a)) for a in corners], color)
        case _:
            along = (math.cos(turn), math.sin(turn))
            wave = [(n / 8 - 1, 0.35 * math.sin(n * math.tau / 8)) for n in range(17)]
            path = [(x + size * 1.6 * (u * along[0] - v * along[1]), y + size * 1.6 * (u * along[1] + v * along[0]))
                    for u, v in wave]  # fmt: skip
            canvas.line(path, color, size * 0.45)


def _tile(canvas: Canvas, box: Box, colors: Palette) -> None:
    ground, figure = canvas.chance.sample([*colors.all, mix(colors.primary, WHITE, 0.82)], 2)
    canvas.rectangle(box, ground)
    corner = canvas.chance.randrange(4)
    x, y = (box.left, box.right)[corner % 2], (box.top, box.bottom)[corner // 2]
    start = {0: 0, 1: 90, 2: 270, 3: 180}[corner]
    match canvas.chance.randrange(5):
        case 0 | 1:
            canvas.sector(x, y, box.width, start, start + 90, figure)
        case 2:
            canvas.circle(box.left + box.width / 2, box.top + box.height / 2, box.width * 0.3, figure)
        case 3:
            canvas.polygon([(box.left, box.bottom), (box.right, box.bottom), (x, box.top)], figure)
        case _:
            for number in range(3):
                canvas.rectangle(
                    Box(box.left, box.top + box.height * (0.16 + number * 0.27), box.width, box.height * 0.13), figure
                )
