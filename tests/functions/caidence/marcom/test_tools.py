"""The tools' files, and the language of their templates."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.marcom.catalogue import Tool, tool, tool_ids
from caidence.marcom.templates import filled, items_of
from caidence.marcom.texting import parts_of

OWN = r"\[\[|\]\]|\{[?^#/]|\{[a-z_|=0-9]+\}"
"""What only a template may hold."""


def inputs(of: Tool, *, all_of_them: bool, word: str) -> dict[str, str]:
    """Something for each input, or for those that are needed."""
    return {
        name: one.choices[0] if one.choices else f"{word} {name}, more" if one.items else f"{word} {name}"[: one.most]
        for name, one in of.inputs.items()
        if one.required or all_of_them
    }


@pytest.mark.parametrize("all_of_them", [False, True], ids=["needed", "all"])
@pytest.mark.parametrize("tool_id", tool_ids())
def test_every_tool_makes_a_whole_text_of_what_it_is_given(tool_id: str, all_of_them: bool) -> None:
    wanted = tool(tool_id)
    values, wrong = wanted.read(inputs(wanted, all_of_them=all_of_them, word="Quince"))
    text = wanted.draft(values)
    assert wrong == {}
    assert re.findall(OWN, text) == []
    assert len(text.split()) >= 12
    assert " ." not in text
    assert "  \n" not in text


@pytest.mark.parametrize("tool_id", tool_ids())
def test_every_input_of_a_tool_has_its_place_in_the_draft(tool_id: str) -> None:
    wanted = tool(tool_id)
    used = set(re.findall(r"\{[?^#]?([a-z_]+)", wanted.template))
    used -= {"item", "n", "max", "sms", "unsaid", "loss", "grave", "sensitive"}
    # A model hears the tone of every text; drafts vary by it where it says enough.
    assert set(wanted.inputs) - {"tone"} <= used <= set(wanted.inputs)


@pytest.mark.parametrize("tool_id", tool_ids())
def test_every_choice_of_an_input_changes_or_keeps_a_whole_text(tool_id: str) -> None:
    wanted = tool(tool_id)
    base = inputs(wanted, all_of_them=True, word="Quince")
    for name, one in wanted.inputs.items():
        for choice in one.choices:
            values, wrong = wanted.read({**base, name: choice})
            assert (wrong, re.findall(OWN, wanted.draft(values))) == ({}, [])


@pytest.mark.parametrize("tool_id", tool_ids())
def test_a_tool_says_what_it_is_for_and_has_something_that_is_needed(tool_id: str) -> None:
    wanted = tool(tool_id)
    assert min(len(wanted.name), len(wanted.description) - 20, len(wanted.prompt) - 80) > 0
    assert wanted.input_schema["required"]
    assert all(one.description and (not one.choices or one.default in {"", *one.choices})
               for one in wanted.inputs.values())  # fmt: skip


@pytest.mark.parametrize("tool_id", ["sms_campaign", "search_ad", "meta_description"])
@given(length=st.integers(1, 100))
def test_drafts_with_a_limit_keep_to_it_whatever_the_inputs(tool_id: str, length: int) -> None:
    wanted = tool(tool_id)
    long = {name: ("y" * min(length, one.most)) for name, one in wanted.inputs.items()}
    values, _ = wanted.read(long)
    draft = wanted.draft(values)
    if tool_id == "sms_campaign":
        texts = [line for line in draft.splitlines() if line.endswith("STOP")]
        assert "parts" not in draft
        assert len(texts) == 4
        assert max(len(re.sub(r"^\d\. ", "", text)) for text in texts) <= 160
    elif tool_id == "search_ad":
        headlines, descriptions = draft.split("Descriptions")
        assert max(len(line) - 2 for line in headlines.splitlines() if line.startswith("- ")) <= 30
        assert max(len(line) - 2 for line in descriptions.splitlines() if line.startswith("- ")) <= 90
    else:
        pairs = re.findall(r"\d\. .*\n(.+)\n(.+)", draft)
        assert len(pairs) == 3
        assert all(len(title) <= 60 and len(description) <= 155 for title, description in pairs)


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{a}{?b} and {b}{/b}{^b} alone{/b}", {"a": "One"}, "One alone"),
        ("{a}{?b} and {b}{/b}{^b} alone{/b}", {"a": "One", "b": "two"}, "One and two"),
        ("{t=bold}Bold{/t}{t=plain}Plain{/t}", {"t": "plain"}, "Plain"),
        ("{#l}{n}. {item|title}\n{/l}", {"l": ["a", "b"]}, "1. A\n2. B"),
        ("{#l}x{/l}none", {"l": []}, "none"),
        ("{max=3}abc{/max}{max=3}abcd{/max}", {}, "abc"),
        ("{l|first|title}; {l|and}", {"l": ["first", "Sol Citrus", "last"]}, "First; first, Sol Citrus and last"),
        ("for {a|in}", {"a": "Busy parents in Rome."}, "for busy parents in Rome"),
        ("for {a|in}", {"a": "Owners of cafés"}, "for owners of cafés"),
        ("in {a|in}", {"a": "Lisbon is a town by the sea"}, "in Lisbon is a town by the sea"),
        ("is {a|a}", {"a": "app"}, "is an app"),
        ("is {a|a}, {b|a}", {"a": "the app", "b": "SEO tool"}, "is the app, an SEO tool"),
        ("{a|tag}|", {"a": "2026"}, "|"),
        ("{a|path}", {"a": "Cold-pressed juice in Berlin"}, "cold-pressed/juice-in-berlin"),
        ("{l|third}", {"l": ["a", "b"]}, "a"),
        ("{#l}{item} [[x | y | z]] {/l}", {"l": ["a", "b"]}, "a y b z"),
        ("{unsaid=jobs}jobs{/unsaid}{unsaid=free}free{/unsaid}", {"a": "Job board"}, "free"),
        ("{a|quoted}", {"a": '"It broke."'}, "“It broke”"),
        ("for {a|in}", {"a": "German runners of today"}, "for German runners of today"),
        ("for {a|in}", {"a": "Sol Citrus fans everywhere"}, "for Sol Citrus fans everywhere"),
        ("{a|s} {b|s}", {"a": "done", "b": "Really?"}, "Done. Really?"),
        ("{a|tag}", {"a": "women's cycling"}, "#WomensCycling"),
        ("a\n{?b}x{/b}\n\n\nb", {}, "a\n\nb"),
    ],
)  # fmt: skip
def test_the_language_of_templates(template: str, values: dict[str, str | list[str]], text: str) -> None:
    assert filled(template, values) == text


@given(st.text(min_size=1).map(str.strip).filter(bool))
def test_what_a_value_says_is_never_part_of_the_template(value: str) -> None:
    attacks = f"{{b}}{{?b}}x{{/b}}[[y | z]]{value}"
    shown = filled("<{a}|{#l}{item}{/l}>", {"a": attacks, "l": [attacks], "b": "secret"})
    assert "secret" not in shown.replace(value, "")
    assert "{b}{?b}x{/b}[[y | z]]" in shown


def test_wordings_differ_between_inputs_and_never_for_the_same() -> None:
    template = "[[one | two | three]] {a}"
    texts = {filled(template, {"a": str(number)}).split()[0] for number in range(40)}
    assert texts == {"one", "two", "three"}
    assert len({filled(template, {"a": "same"}) for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a, b , c.", ["a", "b", "c"]),
        ("- a, with b\n• c", ["a, with b", "c"]),
        ("a; b, c", ["a", "b, c"]),
        (" ,", []),
        ("saves 10,000 EUR a year, 1,299 shops, 9,99 €", ["saves 10,000 EUR a year", "1,299 shops", "9,99 €"]),
        ("two sizes (S, M), washable", ["two sizes (S, M)", "washable"]),
        ("1. first\n2) second\n-5 % cost", ["first", "second", "-5 % cost"]),
        ("3, 4,b", ["3", "4", "b"]),
    ],
)
def test_lists_are_read_as_people_write_them(text: str, items: list[str]) -> None:
    assert items_of(text) == items


def test_an_item_of_an_array_is_whole() -> None:
    assert tool("product_description").inputs["benefits"].read(["cold, and fresh"]) == ["cold, and fresh"]


def drafted(tool_id: str, **given: str | list[str]) -> str:
    values, wrong = tool(tool_id).read(given)
    assert wrong == {}
    return tool(tool_id).draft(values)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("y" * 160, (1, "")), ("y" * 161, (2, "")), ("€" * 80, (1, "")), ("€" * 81, (2, "")), ("Ł" * 70, (1, "Ł")),
        ("Ł" * 71, (2, "Ł")),
        ("🍊" * 35, (1, "🍊")), ("🍊" * 36, (2, "🍊")), ("y" * 306, (2, "")), ("y" * 307, (3, "")),
    ],
)  # fmt: skip
def test_a_text_message_takes_so_many_parts(text: str, parts: tuple[int, str]) -> None:
    assert parts_of(text) == parts


def test_a_text_message_of_several_parts_says_so() -> None:
    draft = drafted(
        "sms_campaign", brand="Złoty Sad", offer="two crates of juice for the price of one", link="sol.ex/a"
    )
    assert draft.count("Sent and charged as 2 parts: ł is not in the basic alphabet") == 3


def test_a_search_ad_has_what_google_asks_for_and_excludes_none_of_its_own_words() -> None:
    draft = drafted(
        "search_ad", brand="B" * 30, keyword="free job board for nurses in t", benefits="b" * 300, audience="A"
    )
    headlines, descriptions = (
        re.findall("^- (.+)$", part, re.MULTILINE) for part in draft.split("Shown")[0].split("Desc")
    )
    assert len(headlines) >= 3
    assert len(descriptions) >= 2
    assert all(len(part) <= 15 for part in re.findall("most: (.+)", draft)[0].split("/"))
    assert draft.split("Exclude")[1].split("\n- ")[1:] == ["salary", "diy", "definition of"]


@pytest.mark.parametrize("stars", "12345")
def test_a_review_of_a_loss_is_answered_with_condolence(stars: str) -> None:
    draft = drafted("review_reply", brand="Sol", name="Ana", stars=stars, point="We had a death in the family")
    assert "very sorry for your loss. You wrote: “We had a death in the family”." in draft
    assert not re.search("glad|good to|!|five", draft)


@pytest.mark.parametrize("stars", "12345")
def test_the_words_of_a_review_are_quoted(stars: str) -> None:
    assert "You wrote: “My juice was warm”." in drafted(
        "review_reply", brand="Sol", name="Ana", stars=stars, point="My juice was warm."
    )


@pytest.mark.parametrize("fault", ["yes", "no", "unknown"])
def test_a_statement_on_deaths_begins_with_condolence_and_does_not_guess(fault: str) -> None:
    draft = drafted(
        "crisis_statement", event="Two people died at our site", actions="help", next_update="at 18", fault=fault
    )
    assert draft.startswith("Statement\nOur thoughts are with everyone who mourns. Two people died at our site.")
    assert ("our mistake" in draft) is (fault == "yes")


@pytest.mark.parametrize("network", ["instagram", "tiktok", "x", "facebook", "linkedin"])
def test_a_post_on_a_death_has_no_cheer_and_asks_nothing(network: str) -> None:
    draft = drafted(
        "social_post", message="Our founder passed away", network=network, topic="Sol", brand="Sol", tone="bold"
    )
    assert draft == "Our founder passed away.\n\nSol"


def test_grave_goods_are_described_soberly() -> None:
    draft = drafted(
        "product_description", product="Oak coffin", benefits="made of one tree, unvarnished", price="900 €"
    )
    assert draft.splitlines()[-1] == "Oak coffin costs 900 €. We are glad to advise you, in your own time."
    assert not re.search("try|yourself|moment", draft, re.IGNORECASE)


@pytest.mark.parametrize("tool_id", tool_ids())
def test_no_draft_claims_times_and_numbers_of_its_own(tool_id: str) -> None:
    text = re.sub(r"\{[^}]*\}", "", tool(tool_id).template).lower()
    claims = r"(?:in|two|five|[235]) minutes|a minute|same day|three reasons|working day|a person (?:reads|answers)"
    assert re.findall(claims, text) == []


def test_what_begins_with_the_name_does_not_say_it_twice() -> None:
    draft = drafted(
        "press_release", company="Acme", news="Acme launches a juice", why="thirst", place="Rome", date="1 May"
    )
    assert draft.startswith("Acme launches a juice\n\nROME, 1 May. Acme launches a juice. Thirst.")


def test_themes_of_a_calendar_take_turns_and_none_is_left_out() -> None:
    themes = [f"Theme{letter}" for letter in "abcdefghijkl"]
    draft = drafted("content_calendar", brand="Sol", network="X", audience="runners", themes=themes)
    assert [draft.count(theme) for theme in themes] == [1] * 12


@pytest.mark.parametrize(("seconds", "end"), [("15", "0:12"), ("30", "0:25"), ("60", "0:52")])
def test_a_script_keeps_to_its_length(seconds: str, end: str) -> None:
    draft = drafted("video_script", topic="T", message="M", problem="P", request="R", seconds=seconds)
    assert re.findall(r"^\d:\d\d", draft, re.MULTILINE)[-1] == end


def test_a_schema_says_what_is_taken_and_what_is_the_default() -> None:
    schema = tool("product_description").input_schema["properties"]
    assert (schema["benefits"]["type"], schema["benefits"]["maxItems"]) == (["string", "array"], 12)
    assert (schema["price"]["type"], schema["tone"]["default"]) == (["string", "number"], "warm")
