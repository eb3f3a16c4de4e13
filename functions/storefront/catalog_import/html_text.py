"""HTML descriptions as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "hr", "br", "p", "pre", "blockquote", "address"})
_BLOCKS |= {"article", "section", "div", "figure", "table", "tr", "ul", "ol", "li", "dl", "dt", "dd"}
_UNSEEN = frozenset({"script", "style", "head", "template"})


class _TextOf(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _UNSEEN:
            self.hidden += 1
        elif tag in _BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.hidden = max(self.hidden - 1, 0)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            # A line break in the source is a space; only elements break lines.
            self.parts.append(re.sub(r"\s+", " ", data))


def html_to_text(markup: str) -> str:
    """The visible text: one line per paragraph or list item (`- `), entities resolved.

    Text without any markup keeps its own line breaks.
    """
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    parser = _TextOf()
    parser.feed(markup)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line not in {"", "-"})
