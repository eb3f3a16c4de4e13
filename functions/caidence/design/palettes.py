"""Colours of a composition: out of the brand's own, or a curated set, with text that can always be read on them."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Rgb = tuple[int, int, int]

WHITE: Final[Rgb] = (255, 255, 255)
BLACK: Final[Rgb] = (0, 0, 0)
READABLE: Final = 4.5
"""The contrast that text needs (WCAG 2.2, success criterion 1.4.3)."""
_PALE: Final = 0.8
_DARK: Final = 0.05
_CURATED: Final = (
    ("#E4572E", "#17BEBB", "#FFC914", "#2E282A"),
    ("#2F3E9E", "#FF6B6B", "#FFE66D", "#1A936F"),
    ("#0B7A75", "#F4A259", "#F4E285", "#BC4B51"),
    ("#6A4C93", "#FF595E", "#FFCA3A", "#1982C4"),
    ("#264653", "#E9C46A", "#F4A261", "#E76F51"),
    ("#D1495B", "#00798C", "#EDAE49", "#30638E"),
    ("#5F0F40", "#FB8B24", "#E36414", "#0F4C5C"),
    ("#1B4332", "#95D5B2", "#F9C74F", "#F3722C"),
)


@dataclass(frozen=True, slots=True)
class Palette:
    """The parts that colours play."""

    primary: Rgb
    accent: Rgb
    second: Rgb
    third: Rgb
    is_brands: bool = False
    """Whether they are a brand's: then nothing of another hue is added."""

    @property
    def paper(self) -> Rgb:
        """Nearly white, with a breath of the primary colour; a shade of it where that is as pale itself."""
        return mix(self.primary, BLACK, 0.06) if _is_pale(self.primary) else mix(self.primary, WHITE, 0.93)

    @property
    def night(self) -> Rgb:
        """Nearly black, of the primary colour's hue."""
        return with_lightness(self.primary, 0.09)

    @property
    def cream(self) -> Rgb:
        """Old paper; a brand's own."""
        return self.paper if self.is_brands else mix((250, 240, 217), self.primary, 0.04)

    @property
    def gold(self) -> Rgb:
        """What shines; a brand's own accent."""
        return self.accent if self.is_brands else mix(self.accent, (214, 180, 106), 0.55)

    def beside(self, by: float) -> Rgb:
        """A neighbour of the primary colour, its hue turned by a part of the circle; a brand's own colour, lighter for
        it or darker."""
        if self.is_brands:
            return mix(self.primary, WHITE if by > 0 else BLACK, min(0.6, abs(by) * 3))
        return turned(self.primary, by)

    @property
    def sun_and_land(self) -> tuple[Rgb, Rgb]:
        """The warmer and the cooler one of the two that lead."""
        if self.accent[0] - self.accent[2] > self.primary[0] - self.primary[2]:
            return self.accent, self.primary
        return self.primary, self.accent

    def ink(self, ground: Rgb) -> Rgb:
        """The colour of a title on a ground: white where that can be read, else night."""
        return WHITE if contrast(WHITE, ground) >= READABLE else ink_on(ground, self.night)

    @property
    def all(self) -> tuple[Rgb, Rgb, Rgb, Rgb]:
        return self.primary, self.accent, self.second, self.third


def palette(brand_colors: Sequence[str], seed: int) -> Palette:
    """Four parts out of the brand's colours, the first of them leading; what a brand does not have are tints and
    shades of what it has. Without any, one of the curated sets, which the seed picks."""
    given = [parsed(color) for color in brand_colors] or [parsed(each) for each in _CURATED[seed % len(_CURATED)]]
    given.sort(key=_is_pale)  # a white leads nowhere: the others come first
    leading = given[0]
    derived = _tones(leading) if brand_colors else []
    whole = [*dict.fromkeys(given), *derived][:4]
    return Palette(whole[0], whole[1], whole[2], whole[3], is_brands=bool(brand_colors))


def _tones(color: Rgb) -> list[Rgb]:
    """A colour lighter and darker: three tones that are told from it and from one another."""
    if _is_pale(color):
        return [mix(color, BLACK, share) for share in (0.7, 0.45, 0.2)]
    if _luminance(color) < _DARK:
        return [mix(color, WHITE, share) for share in (0.65, 0.45, 0.25)]
    return [mix(color, WHITE, 0.55), mix(color, BLACK, 0.5), mix(color, WHITE, 0.3)]


def parsed(color: str) -> Rgb:
    """`#RRGGBB` as numbers."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """Two colours mixed, `share` of the second."""
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


def with_lightness(color: Rgb, lightness: float) -> Rgb:
    """A colour of the same hue and saturation, as light as said (0 to 1)."""
    hue, _, saturation = colorsys.rgb_to_hls(*(part / 255 for part in color))
    return _rgb(hue, lightness, saturation)


def turned(color: Rgb, by: float) -> Rgb:
    """A colour with its hue turned by a part of the circle, neither too pale nor too dark to be one."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in color))
    if saturation < 0.08:  # a grey has no hue to turn: its companions are greys, too
        return _rgb(hue, 0.35 + (lightness + abs(by)) % 0.5, saturation)
    return _rgb((hue + by) % 1.0, min(0.68, max(0.38, lightness)), max(0.45, saturation))


def contrast(first: Rgb, second: Rgb) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    one, two = sorted((_luminance(first), _luminance(second)))
    return (two + 0.05) / (one + 0.05)


def ink_on(ground: Rgb, wanted: Rgb) -> Rgb:
    """A colour for text on a ground: the one wanted, made lighter or darker until it can be read there."""
    towards = WHITE if contrast(WHITE, ground) >= contrast(BLACK, ground) else BLACK
    for step in range(11):
        found = mix(wanted, towards, step / 10)
        if contrast(found, ground) >= READABLE:
            return found
    return towards


def _is_pale(color: Rgb) -> bool:
    return _luminance(color) > _PALE


def _rgb(hue: float, lightness: float, saturation: float) -> Rgb:
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _luminance(color: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
