"""Slugs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.models.slugs import MAX_LENGTH, slugify


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Electronics", "electronics"),
        ("  Café & Tea  ", "cafe-and-tea"),
        ("Straße / Øre", "strasse-ore"),
        ("Men's 15-inch", "mens-15-inch"),
        ("ﬁne №5", "fine-no5"),
        ("x" * 200, "x" * MAX_LENGTH),
    ],
)
def test_a_slug_is_the_name_in_plain_letters(name: str, slug: str) -> None:
    assert slugify(name) == slug


def test_names_without_latin_letters_get_different_slugs_that_stay_the_same() -> None:
    assert re.fullmatch(r"n-[0-9a-f]{12}", slugify("日本茶"))
    assert slugify("日本茶") == slugify("日本茶") != slugify("中国茶")


@given(st.text(max_size=300))
def test_any_name_gives_a_valid_slug_whose_slug_is_itself(name: str) -> None:
    slug = slugify(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= MAX_LENGTH
    assert slugify(slug) == slug
