"""Icons for files of which there is no thumbnail: a sheet with the letters of its type, as SVG."""

from __future__ import annotations

from typing import Final

from softfactory.files.kinds import Category, Kind
from softfactory.files.thumbnails import SIDE

SVG: Final = "image/svg+xml"
_COLORS: Final = {Category.IMAGE: "#0f766e", Category.VIDEO: "#7c3aed", Category.DOCUMENT: "#1d4ed8"}


def icon(kind: Kind) -> bytes:
    """The icon of a type; the same bytes each time, with nothing in them that a user gave."""
    color, size = _COLORS[kind.category], 30 if len(kind.label) <= 4 else 24
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}" viewBox="0 0 150 150" role="img" '
        f'aria-label="{kind.label}">'
        '<path d="M35 10h55l30 30v95a5 5 0 0 1-5 5H35a5 5 0 0 1-5-5V15a5 5 0 0 1 5-5z" fill="#f8fafc" '
        f'stroke="{color}" stroke-width="4"/>'
        f'<path d="M90 10v30h30" fill="none" stroke="{color}" stroke-width="4"/>'
        f'<text x="75" y="103" font-family="Helvetica,Arial,sans-serif" font-size="{size}" font-weight="700" '
        f'fill="{color}" text-anchor="middle">{kind.label}</text></svg>'
    ).encode()
