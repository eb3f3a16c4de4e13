"""Compositions: the same bytes each time, every style and ratio, text that fits and can be read."""

from __future__ import annotations

import colorsys
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caidence.design.canvas import Canvas
from caidence.design.composing import SIZES, AspectRatio, Sketch, compose
from caidence.design.lettering import Box, Type, fitted, width_of
from caidence.design.palettes import READABLE, contrast, ink_on, palette, parsed
from caidence.design.styles import STYLES, named
from quintet.media.images import recognise
from tests.functions.caidence.design.conftest import picture, pixels

HEX = st.from_regex(r"#[0-9A-F]{6}", fullmatch=True)
LONG = "Everything you ever wanted to know about a loyal community, explained by twelve people who built one " * 2
TITLES = [
    "Cold-pressed summer",
    "夏の新作コレクション、はじまる。",
    "مجموعة الصيف",
    "हिन्दी शीर्षक",
    "🎉",
    "x",
    LONG[:200],
]


@pytest.mark.parametrize("style", STYLES)
def test_every_style_draws_the_same_bytes_for_the_same_wish_and_others_for_another(style: str) -> None:
    sketch = Sketch("Cold-pressed summer", style, "Juice", "3:2", ("#F28C28", "#2E7D32"), "Sol Citrus")
    first = compose(sketch)
    assert compose(sketch) == first
    image = recognise(first)
    assert (image.type, image.width, image.height) == ("image/png", 1152, 768)
    assert compose(Sketch("Cold-pressed spring", style, "Juice", "3:2", sketch.colors, sketch.sender)) != first
    assert compose(Sketch(sketch.title, style, "Juice", "3:2", ("#1A237E",), sketch.sender)) != first


@pytest.mark.parametrize("ratio", SIZES)
def test_every_ratio_is_exact(ratio: AspectRatio) -> None:
    across, down = map(int, ratio.split(":"))
    width, height = SIZES[ratio]
    assert width * down == height * across
    assert width % 16 == height % 16 == 0
    assert pixels(compose(Sketch("x", "bold", "x", ratio))).size == (width, height)


@pytest.mark.parametrize("title", TITLES)
def test_every_title_draws_in_every_style(title: str) -> None:
    for number, style in enumerate(STYLES):
        ratio = list(SIZES)[number % len(SIZES)]
        assert recognise(compose(Sketch(title, style, "x", ratio))).width == SIZES[ratio][0]


def test_the_brands_leading_colour_covers_the_bold_sheet() -> None:
    assert pixels(compose(Sketch("Go", "bold", "x", "1:1", ("#AA2255",)))).getpixel((4, 600)) == (0xAA, 0x22, 0x55)


def test_a_title_of_another_script_is_drawn_and_no_row_of_boxes() -> None:
    drawn = {
        compose(Sketch(title, "minimal", "x", "1:1", ("#AA2255",))) for title in ("夏の新作", "冬の新作", "가을", "🎉")
    }
    assert len(drawn) == 4


def test_a_reference_fills_the_sheet() -> None:
    sketch = Sketch("x", "bold", "x", "1:1", ("#AA2255",))
    red, green, blue = pixels(compose(sketch, pixels(picture(1024, 1024, color="#00FF00")))).getpixel((512, 8))  # type: ignore[misc]
    assert green > max(red, blue) + 100


@settings(max_examples=60)
@given(
    st.text("ab cd-é夏の。ャ 가ا🎉" * 3 + "WIDE", max_size=120), st.integers(60, 900), st.integers(30, 400),
    st.integers(1, 6), st.booleans(),
)  # fmt: skip
def test_set_text_stays_in_its_box(text: str, width: int, height: int, most: int, upper: bool) -> None:
    look = Type(upper=upper, tracking=0.1 if upper else 0.0)
    setting = fitted(text, Box(0, 0, width, height), 120, 16, most, look)
    assert len(setting.lines) <= most
    assert all(width_of(line, setting.size, look) <= width for line in setting.lines)
    assert setting.height <= max(height, setting.size)
    if setting.lines and not setting.lines[-1].endswith("…"):
        kept = "".join("".join(setting.lines).split()).replace("-", "")  # a torn word has a hyphen more
        assert kept == "".join((text.upper() if upper else text).split()).replace("-", "")


def test_what_does_not_fit_ends_with_an_ellipsis_and_short_text_is_as_large_as_allowed() -> None:
    box = Box(0, 0, 300, 60)
    cut = fitted(LONG, box, 120, 16, 2, Type())
    assert (len(cut.lines), cut.lines[-1][-1], cut.size) == (2, "…", 16)
    assert fitted("Go", Box(0, 0, 900, 400), 120, 16, 2, Type()).size == 120


def test_a_single_letter_fits_too() -> None:
    assert width_of("D", fitted("D", Box(0, 0, 60, 200), 120, 16, 1, Type()).size, Type()) <= 60


def test_lines_are_even_and_words_whole() -> None:
    setting = fitted("Cold-pressed summer is here", Box(0, 0, 620, 300), 60, 16, 3, Type())
    assert setting.lines == ("Cold-pressed", "summer is here")


def test_small_kana_do_not_begin_a_line() -> None:
    setting = fitted("コレクション" * 6, Box(0, 0, 333, 600), 60, 16, 9, Type())
    assert len(setting.lines) > 2
    assert [line for line in setting.lines if line[0] in "ョー、。"] == []


@given(st.lists(HEX, max_size=8), st.integers(0, 1 << 32))
def test_titles_can_be_read_on_whatever_colours_a_brand_has(colors: list[str], seed: int) -> None:
    found = palette(colors, seed)
    for ground in (*found.all, found.paper, found.night):
        assert contrast(found.ink(ground), ground) >= READABLE
        for wanted in found.all:
            assert contrast(ink_on(ground, wanted), ground) >= READABLE
    if colors:
        assert {found.primary} <= {parsed(color) for color in colors}


def test_a_white_brand_colour_does_not_lead() -> None:
    assert palette(["#FFFFFF", "#E60012"], 0).primary == (0xE6, 0x00, 0x12)
    alone = palette(["#FFFFFF"], 0)
    assert contrast(alone.paper, alone.primary) > 1.1  # its shapes are seen on its paper


@pytest.mark.parametrize(
    ("said", "name"),
    [("Minimalist, clean", "minimal"), ("ART DECO", "elegant"), ("pop-art", "bold"), ("80s synthwave", "retro"),
     ("Cyberpunk", "neon"), ("photorealistic", "gradient"), ("watercolor", "organic"),
     ("3d render", "gradient"), ("tech", "corporate"), ("cyberpunk neon", "neon")],
)  # fmt: skip
def test_people_name_styles_in_their_own_words(said: str, name: str) -> None:
    assert named(said, 0) is STYLES[name]


def test_a_style_that_nobody_knows_is_one_of_them_all_the_same() -> None:
    assert {id(named("zebra", seed)) for seed in range(40)} == {id(style) for style in STYLES.values()}


def test_shapes_outside_the_sheet_are_cut_off() -> None:
    canvas = Canvas(64, 64, (255, 255, 255), random.Random(1))
    canvas.circle(200, 200, 20, (0, 0, 0))
    canvas.glow(-40, -40, 30, (0, 0, 0))
    assert pixels(canvas.png()).getcolors() == [(4096, (255, 255, 255))]


@pytest.mark.parametrize("style", STYLES)
def test_a_brand_of_one_colour_gets_its_tints_and_shades_and_no_other_hue(style: str) -> None:
    drawn = pixels(compose(Sketch("Go", style, "x", "1:1", ("#AA2255",), "Sol"))).resize((96, 96)).tobytes()
    brand = colorsys.rgb_to_hls(0xAA / 255, 0x22 / 255, 0x55 / 255)[0]
    for red, green, blue in set(zip(drawn[::3], drawn[1::3], drawn[2::3], strict=True)):
        hue = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)[0]
        if max(red, green, blue) - min(red, green, blue) > 24:
            assert min(abs(hue - brand), 1 - abs(hue - brand)) < 0.04, (red, green, blue)


@given(HEX)
def test_the_parts_of_a_brand_of_one_colour_are_told_from_one_another(color: str) -> None:
    found = palette([color], 0)
    assert len(set(found.all)) == 4


def test_a_word_that_must_be_torn_has_a_hyphen_and_letters_keep_a_size_that_is_read() -> None:
    torn = fitted("Donaudampfschifffahrtsgesellschaft", Box(0, 0, 200, 600), 60, 40, 9, Type())
    assert [line[-1] for line in torn.lines[:-1]] == ["-"] * (len(torn.lines) - 1)
    assert torn.size == 40
    canvas = Canvas(1024, 1024, (255, 255, 255), random.Random(1))
    long = canvas.fitted(LONG * 3, Box(0, 0, 800, 300), 120, 9, Type())
    assert (long.size / 2 >= 43, long.lines[-1][-1]) == (True, "…")
