"""Mail bodies that somebody wrote: plain text as it is; HTML without what runs or hides, and with a text beside it."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

_TAG = re.compile(
    r"</?(?:html|body|head|p|br|div|span|h[1-6]|ul|ol|li|table|tr|td|a|b|i|strong|em|img|blockquote|hr|style|script)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ALLOWED = """
p br div span h1 h2 h3 h4 h5 h6 ul ol li table thead tbody tr td th a b i u s strong em small blockquote hr img pre code
center sub sup dl dt dd
"""
_SILENCED = "script style title iframe object noscript template svg math select textarea"
_BLOCK = "p div h1 h2 h3 h4 h5 h6 ul ol table blockquote pre hr dl dt dd"
_KEPT, _SILENT, _BLOCKS = (frozenset(names.split()) for names in (_ALLOWED, _SILENCED, _BLOCK))
"""Elements that stay, that go with all they contain, and that stand on lines of their own."""
_VOID = frozenset({"br", "hr", "img"})
_ATTRIBUTES = frozenset({"alt", "title", "align", "width", "height", "colspan", "rowspan", "dir", "lang"})
_LINKS = {"href": ("https://", "http://", "mailto:", "tel:"), "src": ("https://",)}


@dataclass(frozen=True, slots=True)
class Body:
    """What a mail says: always as text, and as HTML when it was written so."""

    text: str
    html: str | None


def body_of(written: str, signature: str) -> Body:
    """A body with a signature below it, which says who sent it."""
    if not is_html(written):
        return Body(f"{written.rstrip()}\n\n-- \n{signature}", None)
    reader = _Reader()
    reader.feed(written)
    reader.close()
    text = f"{reader.plain()}\n\n-- \n{signature}"
    return Body(text, f"{reader.markup()}\n<hr>\n<p><small>{html.escape(signature)}</small></p>")


def is_html(written: str) -> bool:
    """Whether a text has tags that mails are written with; `a < b` and `<3` are none."""
    return _TAG.search(written) is not None


class _Reader(HTMLParser):
    """Reads HTML once, and writes what may stay and what it says."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._markup: list[str] = []
        self._plain: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []
        self._links: list[str] = []

    def markup(self) -> str:
        return "".join(self._markup) + "".join(f"</{tag}>" for tag in reversed(self._open))

    def plain(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._plain).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        if self._silent or tag not in _KEPT:
            return
        given = [(name, value or "") for name, value in attrs if _harmless(name, value or "")]
        shown = "".join(f' {name}="{html.escape(value)}"' for name, value in given)
        self._markup.append(f"<{tag}{shown}>")
        if tag not in _VOID:
            self._open.append(tag)
        self._plain.append({"br": "\n", "tr": "\n", "li": "\n- "}.get(tag, "\n\n" if tag in _BLOCKS else ""))
        if tag == "img":
            self._plain.append(dict(given).get("alt", ""))
        if tag == "a":
            self._links.append(dict(given).get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            while tag in self._silent:
                self._silent.pop()
            return
        if tag not in self._open:
            return
        while True:  # elements that were left open end with the one around them
            last = self._open.pop()
            self._markup.append(f"</{last}>")
            self._end(last)
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._markup.append(html.escape(data, quote=False))
            self._plain.append(re.sub(r"\s+", " ", data))

    def _end(self, tag: str) -> None:
        if tag == "a" and self._links:
            link = self._links.pop()
            if link and link not in "".join(self._plain[-3:]):
                self._plain.append(f" ({link})")
        if tag in ("td", "th"):
            self._plain.append(" ")
        if tag in _BLOCKS:
            self._plain.append("\n\n")


def _harmless(name: str, value: str) -> bool:
    if name in _LINKS:
        # Browsers overlook white space and control characters in front of and within the scheme.
        plain = re.sub(r"[\x00-\x20]+", "", value).casefold()
        return plain.startswith(_LINKS[name])
    return name in _ATTRIBUTES
