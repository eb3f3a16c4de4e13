"""Which typeface draws which text, and text as it stands on paper."""

import unicodedata
from pathlib import Path

import pytest

from quintet.media import fonts
from quintet.media.scripts import drawable, runs_right_to_left


def codes(text: str) -> str:
    return " ".join(f"{ord(char):04X}" for char in text)


def test_every_face_has_both_its_files_and_their_licence() -> None:
    for face in fonts.FACES:
        assert face.path().is_file()
        assert face.path(bold=True).is_file()
    assert {path.name for path in fonts.folder().glob("LICENSE*")} == {
        "LICENSE-NotoSans.txt", "LICENSE-DroidSansFallback.txt",
    }  # fmt: skip
    used = {path.name for face in fonts.FACES for path in (face.path(), face.path(bold=True))}
    assert {path.name for path in fonts.folder().glob("*.ttf")} == used


def test_the_files_leave_room_in_the_layer() -> None:
    assert sum(path.stat().st_size for path in fonts.folder().iterdir()) < 8_000_000


@pytest.mark.parametrize(
    ("text", "face"),
    [
        ("Łukasz Ødegård", "NotoSans"),
        ("Ελένη Жанна", "NotoSans"),
        ("€ 1,250.00 – “so”", "NotoSans"),
        ("محمد", "NotoSansArabic"),
        ("שלום", "NotoSansHebrew"),
        ("प्रिया", "NotoSansDevanagari"),
        ("সুমন", "NotoSansBengali"),
        ("செல்வன்", "NotoSansTamil"),
        ("ไทย", "NotoSansThai"),
        ("ნინო", "NotoSansGeorgian"),
        ("Հայկ", "NotoSansArmenian"),
        ("田中さくらミ", "DroidSansFallback"),
        ("김철수", "DroidSansFallback"),
    ],
)
def test_a_text_is_drawn_by_the_face_of_its_script(text: str, face: str) -> None:
    assert {run.face.name for run in fonts.runs(drawable(text))} == {face}
    assert all(fonts.has_glyph(char) for char in drawable(text))


def test_runs_part_where_the_face_changes_and_lose_nothing() -> None:
    found = fonts.runs("Sakura 田中 2")
    assert [(run.face.name, run.text) for run in found] == [
        ("NotoSans", "Sakura "), ("DroidSansFallback", "田中"), ("NotoSans", " 2"),
    ]  # fmt: skip


def test_only_the_faces_that_the_texts_need_are_opened() -> None:
    assert [face.name for face in fonts.needed([])] == ["NotoSans"]
    assert [face.name for face in fonts.needed(["Anna", "田", "ש"])] == [
        "NotoSans", "NotoSansHebrew", "DroidSansFallback",
    ]  # fmt: skip


def test_arabic_letters_join_their_neighbours_and_run_from_the_right() -> None:
    assert codes(drawable("\u0633\u0644\u0627\u0645")) == "FEE1 FEFC FEB3"  # seen, lam and alef as one, meem
    assert codes(drawable("\u0645\u062d\u0645\u062f")) == "FEAA FEE4 FEA4 FEE3"
    assert codes(drawable("\u062f\u0627\u0631")) == "FEAD FE8D FEA9", "letters that do not tie on stand alone"


def test_a_vowel_mark_does_not_part_the_letters_that_it_stands_between() -> None:
    assert codes(drawable("\u0643\u064e\u062a\u064e\u0628")) == "FE90 064E FE98 064E FEDB"


def test_a_non_joiner_parts_letters_and_is_not_drawn() -> None:
    assert codes(drawable("\u0645\u06cc\u200c\u062e")) == "FEA5 FBFD FEE3"


def test_words_of_two_directions_each_keep_their_own() -> None:
    assert drawable("אב Anna 52") == "Anna 52 בא"
    assert drawable("Anna אב") == "Anna בא"
    assert runs_right_to_left("123 אב Anna")
    assert not runs_right_to_left("Anna אב")
    assert not runs_right_to_left("123")


def test_a_leading_vowel_stands_before_the_consonants_that_it_follows_in_speech() -> None:
    assert drawable("कि") == "\u093f\u0915"
    assert drawable("प्रिया") == "\u093fप्र" + "या"
    assert codes(drawable("\u0b95\u0bca")) == "0BC6 0B95 0BBE", "a sign on both sides is drawn on both sides"


def test_what_no_face_has_never_fails_a_text() -> None:
    assert drawable("Anna 🌸\u200d\ufe0f") == "Anna"
    assert drawable("a\x00b\tc\nd") == "ab c d"
    assert drawable("\U00012000x") == "\ufffdx"
    assert drawable("🌸") == ""
    assert drawable("") == ""


def test_what_is_joined_is_still_the_same_text_to_who_searches_for_it() -> None:
    shown = drawable("\u0645\u062d\u0645\u062f")
    assert unicodedata.normalize("NFKC", shown)[::-1] == "\u0645\u062d\u0645\u062f"


def test_the_files_are_those_of_the_layer_wherever_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "quintet_fonts").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert fonts.folder() == tmp_path / "quintet_fonts"
