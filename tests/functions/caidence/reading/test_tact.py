"""What is grave is known by its words, and what only sounds so is not."""

from __future__ import annotations

import pytest

from caidence.reading.tact import is_grave, is_loss, is_sensitive


@pytest.mark.parametrize(
    ("text", "loss", "grave", "sensitive"),
    [
        ("We had a death in the family", True, True, True),
        ("Our founder passed away on Sunday", True, True, True),
        ("Oak coffins", True, True, True),
        ("my mother got ill after the meal", False, True, True),
        ("We recall the glasses: they may break", False, True, True),
        ("Rückruf wegen Listeria", False, True, True),
        ("Donations for the animal shelter", False, False, True),
        ("A dead-simple planner before the deadline", False, False, False),
        ("I am sick of waiting", False, False, False),
        ("Skill, stillness and chilled juice", False, False, False),
    ],
)
def test_what_is_grave_is_known(text: str, loss: bool, grave: bool, sensitive: bool) -> None:
    assert (is_loss(text), is_grave(text), is_sensitive(text)) == (loss, grave, sensitive)
