"""The report as a file, read back: its text, its pages, its drawing, and the same bytes for the same data."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from caidence.campaigns.figures import Sums
from caidence.crm import sample, xray
from caidence.crm.paper import Paper, Style
from caidence.crm.relationships import Record, Relationship
from quintet.models.time import frozen

AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
LENA = sample.relationships()[0]


def record(number: int, name: str = "Summer") -> Record:
    sums = Sums(1_000 * number, 50 * number, number, 10 * number, 5_000 + number, 9_000 * (number % 3))
    return Record(f"{number:04}", name, "active", date(2026, 6, 1), None, sums, AT - timedelta(hours=number))


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text(content: bytes) -> str:
    """All text, its letters as they are typed and its lines joined."""
    pages = [page.extract_text() for page in read(content).pages]
    return " ".join(unicodedata.normalize("NFKC", " ".join(pages)).split())


def fonts(content: bytes) -> set[str]:
    found: list[Any] = [page["/Resources"] for page in read(content).pages]
    named = [font.get_object()["/BaseFont"] for each in found for font in each["/Font"].values()]
    return {str(name).partition("+")[2] for name in named}


def test_the_report_says_who_it_is_about_and_what_their_campaigns_brought() -> None:
    said = text(xray.render(LENA, "Northwind Agency"))
    for part in (
        "INFLUENCER X-RAY", "Northwind Agency", "Lena Bakes", "ACTIVE", "@lena.bakes", "Instagram", "184,000",
        "4.6% engagement rate", "8,250.00", "their part of all: 5,050.00", "+75.5%", "570,400", "20,560",
        "3.6% of impressions", "1,034", "14,476.00", "The best return came from “Summer Citrus”, with +79.4%.",
        "Slow Mornings", "from 1 Sep 2026", "Completed", "All of these", "as of 30 September 2026, 12:00 UTC", "Page 1",
    ):  # fmt: skip
        assert part in said, part
    assert "demo data" not in said


def test_a_campaign_without_an_end_leaves_the_period_open() -> None:
    assert "from 1 Jun 2026" in text(xray.render(LENA, "Acme"))
    over = replace(LENA, campaigns=1, history=LENA.history[1:])
    assert text(xray.render(over, "Acme")).count("1 Jun 2026 – 31 Aug 2026") == 2, "of the tile and of the row"


def test_all_totals_are_of_the_campaigns_that_are_told_of() -> None:
    """Those of everything since ever are called so, and what is missing is counted."""
    said = text(xray.render(replace(LENA, campaigns=9, spend=7_000_000), "Acme"))
    for part in ("2 7 more are left out", "8,250.00 their part of all: 70,000.00", "This report is on the newest"):
        assert part in said, (part, said)
    gone = text(xray.render(replace(LENA, campaigns=1, spend=5_000, history=()), "Acme"))
    for part in (
        "0 1 more is left out",
        "which was deleted",
        "No campaigns any more.",
        "0.00 their part of all: 50.00",
    ):
        assert part in gone, (part, gone)


def test_demo_values_are_marked_on_every_page() -> None:
    assert "demo data" in text(xray.render(LENA, "Demo agency", demo=True))


def test_the_same_data_make_the_same_bytes_whenever_and_wherever() -> None:
    first = xray.render(LENA, "Northwind Agency")
    with frozen(datetime(2031, 1, 1, tzinfo=UTC)):
        assert xray.render(LENA, "Northwind Agency") == first
    script = (
        "import hashlib; from caidence.crm import sample, xray;"
        "print(hashlib.sha256(xray.render(sample.relationships()[0], 'Northwind Agency')).hexdigest())"
    )
    places = {"PYTHONPATH": ":".join(path for path in sys.path if path), "PYTHONHASHSEED": "7"}
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=places)
    assert other.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_other_figures_make_other_bytes() -> None:
    assert xray.render(replace(LENA, spend=1), "Northwind Agency") != xray.render(LENA, "Northwind Agency")


def test_the_file_is_dated_by_its_data_and_titled() -> None:
    told = read(xray.render(LENA, "Northwind Agency")).metadata
    assert told is not None
    assert (told.title, told.author) == ("Influencer X-Ray: Lena Bakes", "Northwind Agency")
    assert told.creation_date == LENA.as_of


def test_the_chart_is_drawn_with_shapes_and_no_picture() -> None:
    page = read(xray.render(LENA, "Northwind Agency")).pages[0]
    resources: Any = page["/Resources"]
    assert "/XObject" not in resources
    drawn = page.get_contents()
    assert drawn is not None
    bars = [line for line in drawn.get_data().splitlines() if line.endswith(b" re f")]
    assert len(bars) >= 1 + 2 * 2, "the band on top, and two bars for each of two campaigns"


def test_a_long_history_goes_over_several_pages_with_its_head_on_each() -> None:
    who = replace(
        LENA, campaigns=63, history=tuple(record(number, f"Campaign {number}") for number in range(60, 0, -1))
    )
    content = xray.render(who, "Northwind Agency")
    pages = [" ".join(page.extract_text().split()) for page in read(content).pages]
    assert len(pages) == 4
    for number, page in enumerate(pages, 1):
        assert f"Page {number}" in page
        assert "Impressions Clicks CTR" in page
        assert "@lena.bakes · as of" in page
    said = text(content)
    assert all(f"Campaign {number} " in said for number in range(1, 61))
    assert "3 more, older or deleted, are no part of this report." in said


def test_who_was_in_no_campaign_has_a_report_without_a_chart() -> None:
    content = xray.render(Relationship("1", "o", "ana", "Ana", "tiktok", "prospect", AT, AT), "Acme")
    said = text(content)
    assert "No campaigns yet." in said
    assert "Spend and conversion value by campaign" not in said
    assert "–" in said, "figures that nobody knows"
    assert len(read(content).pages) == 1


@pytest.mark.parametrize(
    ("name", "face"),
    [
        ("محمد علي الأحمد", "NotoSansArabicBold"),
        ("שלום כהן", "NotoSansHebrewBold"),
        ("田中さくら", "DroidSansFallback"),
        ("김철수", "DroidSansFallback"),
        ("王小明", "DroidSansFallback"),
        ("สมชาย ใจดี", "NotoSansThaiBold"),
        ("Ελένη Παπαδοπούλου", "NotoSansBold"),
        ("Жанна Д’Арк", "NotoSansBold"),
    ],
)
def test_a_name_in_any_script_is_set_in_its_face_and_can_be_copied_out(name: str, face: str) -> None:
    content = xray.render(replace(LENA, name=name, history=(record(1, name),)), "Acme")
    assert face in fonts(content)
    said = text(content).split()
    assert set(unicodedata.normalize("NFKC", name).split()) <= set(said)


def test_a_name_that_runs_from_the_right_stands_at_the_right() -> None:
    found: dict[str, float] = {}

    def place(said: str, _cm: object, tm: list[float], _font: object, _size: float) -> None:
        if said.strip():
            found.setdefault(said.strip(), tm[4])

    for name in ("שלום", "Lena"):
        page = read(xray.render(replace(LENA, name=name, history=()), "Acme")).pages[0]
        page.extract_text(visitor_text=place)
    hebrew = next(x for said, x in found.items() if set(said) <= set("שלום"))
    assert found["Lena"] < 100 < 400 < hebrew


@pytest.mark.parametrize(
    "name", ["🌸🌸🌸", "Anna 🌸 \U00012000", "a\u0301\u0302\u200d\ufe0f", "\ud800x", "x" * 200, "ﷺ" * 60, ""]
)
def test_no_name_fails_a_report(name: str) -> None:
    content = xray.render(replace(LENA, name=name, history=(record(1, name),)), name)
    assert "@lena.bakes" in text(content)


def test_figures_of_any_size_are_never_cut() -> None:
    huge = replace(record(1), sums=Sums(10**11, 10**10, 10**9, 10**9, 10**15, 10**16))
    said = text(xray.render(replace(LENA, campaigns=1, spend=10**15, history=(huge,)), "Acme"))
    assert "10,000,000,000,000.00" in said
    assert "100,000,000,000,000.00" in said
    assert "100B" in said


def test_lines_break_between_words_and_the_last_one_ends_in_an_ellipsis() -> None:
    paper = Paper(["… Lorem"], title="", author="", created=AT)
    lines = paper.lines("one two three " * 20 + "Donaudampfschifffahrtsgesellschaft" * 4, 40, Style(9), most=3)
    assert len(lines) == 3
    assert all(paper.width(line, Style(9)) <= 40 for line in lines)
    assert lines[0].split()[0] == "one"
    assert not lines[0].endswith("t"), "no word is broken that fits a line"
    assert lines[2].endswith("…")
    whole = paper.lines("Donaudampfschifffahrtsgesellschaft" * 4, 40, Style(9))
    assert "".join(whole) == "Donaudampfschifffahrtsgesellschaft" * 4
