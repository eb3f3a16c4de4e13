"""Mail bodies: what stays of HTML, what its text says, and that nothing runs or hides in it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.messages.bodies import body_of, is_html

SIGNED = "Sent with Memory Mirror by Rose <rose@example.com>"


def html_of(written: str) -> str:
    html = body_of(written, SIGNED).html
    assert html is not None
    return html.removesuffix(f"\n<hr>\n<p><small>{SIGNED.replace('<', '&lt;').replace('>', '&gt;')}</small></p>")


def text_of(written: str) -> str:
    return body_of(written, SIGNED).text.removesuffix(f"\n\n-- \n{SIGNED}")


def test_plain_text_stays_plain_and_is_signed() -> None:
    body = body_of("Hello,\n\n2 < 3 & 4 > 1 <3\n", SIGNED)
    assert (body.text, body.html) == (f"Hello,\n\n2 < 3 & 4 > 1 <3\n\n-- \n{SIGNED}", None)


def test_html_has_a_text_beside_it() -> None:
    written = (
        "<html><head><title>x</title></head><body><h1>This week</h1>"
        "<p>Rose &amp; Tom <b>walked</b>\n a lot.<br>Twice!</p>"
        "<ul><li>calm<li>happy</ul><table><tr><td>Mon</td><td>7</td></tr><tr><td>Tue</td><td>5</td></tr></table>"
        '<p>See <a href="https://example.com/r">the report</a> '
        '<img src="https://example.com/p.png" alt="Rose"></p></body>'
    )
    assert text_of(written) == (
        "This week\n\nRose & Tom walked a lot.\nTwice!\n\n- calm\n- happy\n\nMon 7\nTue 5\n\n"
        "See the report (https://example.com/r) Rose"
    )
    assert html_of(written) == (
        "<h1>This week</h1><p>Rose &amp; Tom <b>walked</b>\n a lot.<br>Twice!</p><ul><li>calm<li>happy</li></li></ul>"
        "<table><tr><td>Mon</td><td>7</td></tr><tr><td>Tue</td><td>5</td></tr></table>"
        '<p>See <a href="https://example.com/r">the report</a> '
        '<img src="https://example.com/p.png" alt="Rose"></p>'
    )


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>"),
        ("<p>a<style>p{}</style></p>", "<p>a</p>"),
        ('<p onclick="x()">a</p>', "<p>a</p>"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href=" JaVa\tscript:x()">a</a>', "<a>a</a>"),
        ('<a href="&#106;avascript:x()">a</a>', "<a>a</a>"),
        ('<img src="http://example.com/p.png">', "<img>"),
        ('<img src="data:text/html,x">', "<img>"),
        ("<p>a</p><iframe src='https://example.com'>b</iframe>", "<p>a</p>"),
        ("<p>a</p><form action='https://example.com'><input name=b></form>", "<p>a</p>"),
        ("<p>a<svg><script>x</script></svg>b</p>", "<p>ab</p>"),
        ("<p>a<!-- hidden -->b</p>", "<p>ab</p>"),
        ("<p>a</p><embed src=x><p>b</p>", "<p>a</p><p>b</p>"),
        ("<html><head><title>t</title><meta charset=x><body><p>a</p>", "<p>a</p>"),
        ("<form><p>a</p><button>b</button></form>", "<p>a</p>b"),
        ("<object><select>x</object><p>a</p>", "<p>a</p>"),
        ('<p title="&quot;><script>x</script>">a</p>', '<p title="&quot;&gt;&lt;script&gt;x&lt;/script&gt;">a</p>'),
        ("<div><p>a", "<div><p>a</p></div>"),
        ("a</div></body><br>", "a<br>"),
    ],
)
def test_what_runs_or_hides_goes(written: str, left: str) -> None:
    assert html_of(written) == left


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


PARTS = st.lists(
    st.sampled_from(
        ["<script>", "</script>", "<p onload=x>", "</p>", "<a href='javascript:x'>", "<a href=//x>", "</a>", "<svg",
         ">", "<", "'", '"', "<!--", "-->", "<img src=x onerror=y>", "<style>", "</style>", "<ScRiPt/x>",
         "&lt;script&gt;", "text", "<iframe", "</iframe>", "<b>", "<![CDATA[", "]]>", "<?php", "<object data=x>"]
    ),
    max_size=14,
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(PARTS)
def test_no_mixture_of_tags_leaves_anything_that_runs(parts: list[str]) -> None:
    seen = Seen()
    seen.feed(body_of("<p>x</p>" + "".join(parts), SIGNED).html or "")
    seen.close()
    assert not seen.tags & {"script", "style", "iframe", "svg", "object", "form"}
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert all(link.startswith(("https://", "http://", "mailto:", "tel:")) for link in seen.links)


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=200))
def test_any_text_is_signed(written: str) -> None:
    body = body_of(written, SIGNED)
    assert body.text.endswith(f"\n\n-- \n{SIGNED}")
    assert (body.html is not None) == is_html(written)
