"""The sheet that compositions are drawn on: shapes with smooth edges, soft light, and text that can be read on them."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Final

from caidence.design import lettering
from caidence.design.lettering import Align, Box, Setting, Type
from caidence.design.palettes import Rgb

if TYPE_CHECKING:
    from PIL.Image import Image

SCALE: Final = 2
"""Everything is drawn twice as large and made smaller at the end, which smooths its edges."""
_SMALLEST: Final = 0.042
"""Of the short side: smaller letters are not read on a phone. What has no room at this size is cut with an ellipsis."""
Point = tuple[float, float]


class Canvas:
    """A sheet of `width` by `height` units. All measures are units; one is a pixel of the finished picture."""

    def __init__(self, width: int, height: int, ground: Rgb, chance: Random) -> None:
        from PIL import Image, ImageDraw

        self.width, self.height, self.chance = width, height, chance
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self._draw = ImageDraw.Draw(self._image)

    @property
    def short(self) -> int:
        """The shorter side, of which sizes are parts."""
        return min(self.width, self.height)

    @property
    def is_wide(self) -> bool:
        return self.width > self.height * 1.15

    def rectangle(self, box: Box, fill: Rgb) -> None:
        self._draw.rectangle(self._of(box), fill=fill)

    def rounded(self, box: Box, radius: float, fill: Rgb) -> None:
        self._draw.rounded_rectangle(self._of(box), radius * SCALE, fill=fill)

    def frame(self, box: Box, color: Rgb, stroke: float) -> None:
        self._draw.rectangle(self._of(box), outline=color, width=max(1, round(stroke * SCALE)))

    def circle(self, x: float, y: float, radius: float, fill: Rgb) -> None:
        self._draw.ellipse(self._of(Box(x - radius, y - radius, 2 * radius, 2 * radius)), fill=fill)

    def ring(self, x: float, y: float, radius: float, color: Rgb, stroke: float) -> None:
        at = self._of(Box(x - radius, y - radius, 2 * radius, 2 * radius))
        self._draw.ellipse(at, outline=color, width=max(1, round(stroke * SCALE)))

    def sector(self, x: float, y: float, radius: float, start: float, end: float, fill: Rgb) -> None:
        """A piece of a circle between two angles in degrees, clockwise from the right."""
        at = self._of(Box(x - radius, y - radius, 2 * radius, 2 * radius))
        self._draw.pieslice(at, start, end, fill=fill)

    def polygon(self, points: Sequence[Point], fill: Rgb) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], color: Rgb, stroke: float) -> None:
        at = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(at, fill=color, width=max(1, round(stroke * SCALE)), joint="curve")

    def hill(self, height: float, swell: float, waves: float, phase: float, fill: Rgb) -> None:
        """A wave that fills the sheet below it; its middle is `height` from the top."""
        steps = 96
        crest = [
            (
                self.width * n / steps,
                height + swell * math.sin(phase + waves * math.tau * n / steps)
                + swell * 0.35 * math.sin(2.3 * phase + waves * 2.1 * math.tau * n / steps),
            )
            for n in range(steps + 1)
        ]  # fmt: skip
        self.polygon([*crest, (self.width, self.height), (0, self.height)], fill)

    def fade(self, top: Rgb, bottom: Rgb, angle: float = 90) -> None:
        """A gradient over the whole sheet; its angle in degrees, 90 from top to bottom."""
        from PIL import Image

        size = self._image.size
        reach = math.hypot(*size)
        ramp = Image.linear_gradient("L").resize((round(reach), round(reach)), Image.Resampling.BICUBIC)
        ramp = ramp.rotate(90 - angle, Image.Resampling.BICUBIC)
        left, upper = (ramp.width - size[0]) // 2, (ramp.height - size[1]) // 2
        mask = ramp.crop((left, upper, left + size[0], upper + size[1]))
        self._over(Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), mask))

    def glow(self, x: float, y: float, radius: float, color: Rgb, strength: float = 1.0) -> None:
        """Soft light around a point."""
        from PIL import Image

        side = round(radius * 2 * SCALE)
        light = Image.radial_gradient("L").resize((side, side), Image.Resampling.BICUBIC)
        light = light.point([max(0, round((255 - value * 1.42) * strength)) for value in range(256)])
        at = round((x - radius) * SCALE), round((y - radius) * SCALE)
        self._image.paste(Image.new("RGB", (side, side), color), at, light)

    def picture(self, image: Image) -> None:
        """A picture that fills the sheet."""
        from PIL import Image as Images

        self._over(image.resize(self._image.size, Images.Resampling.LANCZOS))

    def shade(self, color: Rgb, upper: float, lower: float, start: float = 0.0) -> None:
        """Lay a colour over the sheet, its strength (0 to 1) growing from `start` (0 top, 1 bottom) down."""
        from PIL import Image

        rows = self._image.height
        ramp = Image.new("L", (1, rows))
        share = [min(1.0, max(0.0, (row / rows - start) / (1 - start))) for row in range(rows)]
        ramp.putdata([round(255 * (upper + (lower - upper) * part)) for part in share])
        self._image.paste(Image.new("RGB", self._image.size, color), (0, 0), ramp.resize(self._image.size))

    def fitted(self, text: str, box: Box, largest: float, lines: int, type: Type) -> Setting:
        """A text as large as a box takes it, at most `largest`; see `lettering.fitted`."""
        grown = Box(box.left * SCALE, box.top * SCALE, box.width * SCALE, box.height * SCALE)
        smallest = min(largest, max(16.0, self.short * _SMALLEST)) * SCALE
        return lettering.fitted(text, grown, largest * SCALE, smallest, lines, type)

    def text(self, setting: Setting, left: float, top: float, width: float, fill: Rgb, align: Align = "left") -> None:
        lettering.draw(self._draw, setting, left * SCALE, top * SCALE, width * SCALE, align, fill)

    def height_of(self, setting: Setting) -> float:
        """Units that set text takes."""
        return setting.height / SCALE

    def width_of(self, setting: Setting) -> float:
        return setting.width / SCALE

    def png(self) -> bytes:
        """The finished picture."""
        from PIL import Image

        found = io.BytesIO()
        self._image.resize((self.width, self.height), Image.Resampling.BOX).save(found, "PNG", compress_level=6)
        return found.getvalue()

    def _over(self, image: Image) -> None:
        self._image.paste(image, (0, 0))

    def _of(self, box: Box) -> tuple[float, float, float, float]:
        return box.left * SCALE, box.top * SCALE, box.right * SCALE, box.bottom * SCALE
