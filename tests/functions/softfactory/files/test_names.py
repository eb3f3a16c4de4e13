"""File names as strangers give them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softfactory.files.names import LONGEST, clean


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("여행 사진.jpg", "여행 사진.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\photo.jpg", "photo.jpg"),
        ("/", "file.png"),
        ("", "file.png"),
        ("..", "file.png"),
        ("   ", "file.png"),
        ("\u200b\u3164", "file.png"),
        ("a\0b.jpg", "ab.jpg"),
        ("a\r\nX-Evil: 1.jpg", "aX-Evil: 1.jpg"),
        ("exe\u202egpj.exe", "exegpj.exe"),
        ("\u2067تقرير\u2069.pdf", "تقرير.pdf"),
        ("תמונה.jpg", "תמונה.jpg"),
        ("Cafe\u0301.txt", "Café.txt"),
        ('<img src=x onerror="alert(1)">.png', '<img src=x onerror="alert(1)">.png'),
        ("trailing. . .", "trailing"),
        (".htaccess", ".htaccess"),
        ("half\ud800.jpg", "half.jpg"),
    ],
)
def test_a_name_is_kept_without_what_harms(given: str, kept: str) -> None:
    assert clean(given, ".png") == kept


def test_a_name_of_255_bytes_stays_and_a_longer_one_keeps_its_ending() -> None:
    whole = "a" * 251 + ".jpg"
    assert clean(whole, ".png") == whole
    assert clean("a" + whole, ".png") == whole
    korean = clean("가" * 100 + ".pdf", ".png")
    assert korean == "가" * 83 + ".pdf"
    assert clean("a" * 300, ".png") == "a" * 255
    assert clean("a" * 10 + "." + "b" * 300, ".png") == "a" * 10 + "." + "b" * 244


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_name_becomes_one_that_is_safe(text: str) -> None:
    name = clean(text, ".bin")
    assert name
    assert len(name.encode()) <= LONGEST
    assert not set(name) & set("/\\\0\r\n\u202e\u2028")
    assert name not in (".", "..")
    assert clean(name, ".bin") == name
