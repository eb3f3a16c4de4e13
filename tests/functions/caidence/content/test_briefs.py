"""What a brief says to the public is kept, what it says to the writer is not published."""

from __future__ import annotations

import pytest

from caidence.content.briefs import is_english, is_grave, read

PROMPT = (
    "Write an energetic caption for the launch of our cold-pressed orange juice, aimed at runners. "
    "Mention the Andalusian groves. Keep it short! Never sugary, always bright."
)


def test_the_order_that_a_brief_begins_with_and_remarks_on_manner_are_not_copy() -> None:
    assert read(PROMPT).points == (
        "The launch of our cold-pressed orange juice, aimed at runners.",
        "The Andalusian groves.",
        "Never sugary, always bright.",
    )
    assert read("新しいジュースです。ランナー向け。").points == ("新しいジュースです。", "ランナー向け。")


@pytest.mark.parametrize(
    "matter",
    [
        "Do not use it.",
        "Avoid the deep end.",
        "Keep out of reach of children.",
        "Keep it cool.",
        "Don't drink and drive.",
        "Use the blue cable only.",
        "Make sure the lid is closed.",
        "Under no circumstances open the valve.",
        "Add water first.",
        "Max. 3 tablets a day.",
        "Start with half a tablet.",
        "Never heat it above 40.5 °C.",
        "With 3 characters to collect.",
        "No returns after 30 days.",
        "Note: contains nuts.",
        "For external use only.",
        "Length: 2 m.",
        "Your data stays confidential.",
        "Write to us at hello@sol.example",
        "Make your own box.",
        "Include your order number.",
        "Doors open at 10.30.",
        "Create posts for your shop in minutes.",
        "Generate ads for your shop.",
        "Format A4, 1.5 l.",
        "Nicht für Kinder unter 3 Jahren.",
    ],
)
def test_the_matter_is_never_left_out(matter: str) -> None:
    assert read(f"We have news. {matter}").points == ("We have news.", matter)


@pytest.mark.parametrize(
    "order",
    [
        "Keep it short!",
        "Keep the tone warm.",
        "Use emojis and two hashtags.",
        "No hashtags.",
        "Avoid jargon.",
        "End with a call to action.",
        "Max. 60 words.",
        "Keep it under 100 words.",
        "At most 280 characters.",
        "Tone: friendly.",
        "Audience: runners from 20 to 30.",
        "Internal only: we lost 2 million.",
        "This is for internal use.",
        "Do not publish this.",
        "Do not mention the lawsuit.",
        "Create 3 captions.",
        "Please write a post about it.",
        "Schreibe eine Instagram-Caption.",
        "Schreibe auf Deutsch.",
        "Zielgruppe: Läufer.",
        "Our target audience is runners.",
        "Write in a friendly tone.",
        "Length: 100 words.",
        "Goal: 500 crates.",
    ],
)
def test_what_is_said_to_the_writer_is_not_published(order: str) -> None:
    assert read(f"We have news. {order}").points == ("We have news.",)


@pytest.mark.parametrize(
    ("prompt", "pieces", "matter"),
    [
        ("Create 3 captions about our crates.", 3, ("Our crates.",)),
        ("Write two posts for Instagram about the fair.", 2, ("The fair.",)),
        ("We need five headlines: Fresh from the grove.", 5, ("Fresh from the grove.",)),
        ("Schreibe drei Texte über unseren Saft.", 3, ("Unseren Saft.",)),
        ("Three captions for our crates.", 3, ("Our crates.",)),
        ("Write 99 tweets about us", 10, ()),
        ("Write a tweet about 3 posts on the moon.", 1, ("3 posts on the moon.",)),
        ("We sell 3 crates.", 1, ("We sell 3 crates.",)),
    ],
)
def test_an_order_says_how_many_and_of_what(prompt: str, pieces: int, matter: tuple[str, ...]) -> None:
    assert (read(prompt).pieces, read(prompt).points) == (pieces, matter)


def test_calls_and_hashtags_that_a_brief_names_are_taken() -> None:
    reading = read("Crates ship now. CTA: order at www.sol.example\nHashtags: #sol, #fresh")
    assert (reading.call, reading.tags) == ("Order at www.sol.example", ("#sol", "#fresh"))
    assert reading.points == ("Crates ship now.",)


def test_grave_words_and_languages_are_known() -> None:
    assert [is_grave(text) for text in ("We mourn Ana", "Rückruf der Charge 12", "Summer is here")] == [
        True,
        True,
        False,
    ]
    assert [is_english(text) for text in ("Crates ship now", "Der Saft ist da", "新しいジュース")] == [
        True,
        False,
        False,
    ]
