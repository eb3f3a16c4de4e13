"""ICU messages: what is one, what it consists of, and that nobody can make it take long."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softfactory.languages.message_format import (
    Argument,
    MalformedMessage,
    Message,
    UnsupportedMessage,
    parse,
)


def shown(text: str) -> str:
    """A message of text alone, as it reads."""
    message = parse(text)
    assert all(isinstance(part, str) for part in message)
    return "".join(part for part in message if isinstance(part, str))


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("It's here", "It's here"),
        ("It''s here", "It's here"),
        ("'{name}'", "{name}"),
        ("'{it''s}'", "{it's}"),
        ("'{'a'}'", "{a}"),
        ("quoted '{ to the end", "quoted { to the end"),
        ("the last is '", "the last is '"),
        ("a '#' outside of plurals", "a '#' outside of plurals"),
        ("#1", "#1"),
        ("closed } alone", "closed } alone"),
        ("", ""),
        ("the tag ''<b>'' and '{'</b>", "the tag '<b>' and {</b>"),
        ("안녕하세요 'n' 님", "안녕하세요 'n' 님"),
    ],
)
def test_apostrophes_quote_syntax_alone(text: str, reads: str) -> None:
    assert shown(text) == reads


def test_an_argument_is_plain_or_formatted() -> None:
    assert parse("{ name } {n,number} {n, number, percent} {d, date, ::yMMMd} {t, time, short} {0}") == (
        Argument("name", "plain"), " ", Argument("n", "number"), " ", Argument("n", "number"), " ",
        Argument("d", "date"), " ", Argument("t", "time"), " ", Argument("0", "plain"),
    )  # fmt: skip


def test_a_number_sign_is_the_number_of_its_own_plural_alone() -> None:
    files = "{n, plural, offset:1 =0 {none} other {# of {g, select, other {#}} '#' {m, plural, other {#}}}}"
    (plural,) = parse(files)
    assert isinstance(plural, Argument)
    assert (plural.name, plural.kind, plural.offset) == ("n", "plural", 1)
    cases = dict(plural.cases)
    assert cases["=0"] == ("none",)
    number, _, select, *literals, inner = cases["other"]
    assert number == Argument("n", "hash")
    assert isinstance(select, Argument)
    assert dict(select.cases)["other"] == ("#",)
    assert "".join(map(str, literals)) == " # "
    assert isinstance(inner, Argument)
    assert dict(inner.cases)["other"] == (Argument("m", "hash"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "expected the name of an argument (at character 2)"),
        ("{}", "expected the name"),
        ("{name", "expected } or , after name"),
        ("{first name}", "expected } or , after first"),
        ("{01}", "no argument's number"),
        ("{n, }", "expected a type"),
        ("{n, list}", "list is none of the types"),
        ("{d, date, long", "is not closed"),
        ("{n, plural}", "and cases after plural"),
        ("{n, plural, }", "no case `other`"),
        ("{n, plural, one {a}}", "no case `other`"),
        ("{n, plural, =x {a} other {c}}", "a whole number must follow ="),
        ("{n, plural, other a}", "expected { after the case other"),
        ("{n, plural, other {a}", "expected a case or }"),
        ("{n, plural, other {a", "a case is not closed"),
        ("{n, plural, other {'}}", "a case is not closed"),
        ("{g, select, =1 {a} other {b}}", "expected a case"),
    ],
)
def test_what_is_no_message_says_why_and_where(text: str, reason: str) -> None:
    with pytest.raises(MalformedMessage) as refused:
        parse(text)
    assert reason in str(refused.value)
    assert "at character" in str(refused.value)
    assert type(refused.value) is MalformedMessage


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{n, spellout}", "spellout is none of the types"),
        ("{n, ordinal}", "ordinal is none of the types"),
        ("{n, duration}", "duration is none of the types"),
        ("{n, choice, 0#none|1#one}", "choice is none of the types"),
        ("{n, NUMBER}", "NUMBER is none of the types"),
        ("{n, number, }", "nothing is none of the styles"),
        ("{n, number, huge}", "huge is none of the styles"),
        ("{n, plural, other {a} other {b}}", "the case other twice"),
        ("{n, plural, =1 {a} =1 {b} other {c}}", "the case =1 twice"),
        ("{n, plural, =1.5 {a} other {c}}", "a whole number must follow ="),
        ("{n, plural, =01 {a} other {c}}", "a whole number must follow ="),
        ("the tag '<b>'", "an apostrophe before < must be doubled"),
    ],
)
def test_what_icu_takes_and_browsers_do_not_is_another_refusal(text: str, reason: str) -> None:
    with pytest.raises(UnsupportedMessage) as refused:
        parse(text)
    assert reason in str(refused.value)
    icu = pytest.importorskip("icu4py.messageformat", reason="the oracle icu4py is not installed")
    icu.MessageFormat(text, "en")


def nested(depth: int) -> str:
    return "{a, select, other {" * depth + "x" + "}}" * depth


def test_choices_are_nested_so_deep_and_no_deeper() -> None:
    parse(nested(8))
    with pytest.raises(MalformedMessage, match="deeper than 8"):
        parse(nested(9))


@pytest.mark.parametrize(
    "hostile",
    [
        "{",
        "'",
        "'{",
        "'{''",
        "{a",
        "{a,plural,",
        "{a,plural,other{",
        "{a, number, ",
        "}",
        "#",
        " ",
        "{a,number,#",
        "=1",
    ],
)
def test_the_work_of_parsing_grows_with_the_length_alone(hostile: str) -> None:
    def calls(copies: int) -> int:
        counted = 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            with contextlib.suppress(MalformedMessage):
                parse(hostile * copies)
        finally:
            sys.setprofile(None)
        return counted

    assert calls(8_000) <= 8 * calls(1_000)


literals = st.text(st.sampled_from("abc 한日'é"), max_size=6).map(lambda text: text.replace("'", "''"))
names = st.sampled_from(["a", "count", "이름", "x_1"])
simple = st.one_of(
    literals,
    names.map("{{{}}}".format),
    names.map("{{{}, number}}".format),
    names.map("{{ {} , date , long }}".format),
)


def _choices(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plural = st.builds(
        lambda name, kind, one, other: f"{{{name}_n, {kind}, one {{{one}#}} =3 {{}} other {{#{other}}}}}",
        names, st.sampled_from(["plural", "selectordinal"]), inner, inner,
    )  # fmt: skip
    select = st.builds(
        lambda name, one, other: f"{{{name}_s, select, one {{{one}}} other{{{other}}}}}", names, inner, inner
    )
    return st.lists(st.one_of(simple, plural, select), max_size=3).map("".join)


messages: st.SearchStrategy[str] = st.recursive(simple, _choices, max_leaves=8)


@given(messages)
@settings(max_examples=60, deadline=None)
def test_every_message_made_by_the_grammar_is_read(text: str) -> None:
    parse(text)


@given(st.text(st.sampled_from("{}'#,= abplurselctothn01_한"), max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_message_or_is_refused_in_words(text: str) -> None:
    with contextlib.suppress(MalformedMessage):
        parse(text)


def _icu() -> Callable[[str], object]:
    icu = pytest.importorskip("icu4py.messageformat", reason="the oracle icu4py is not installed")

    def read(text: str) -> object:
        return icu.MessageFormat(text, "en")

    return read


@given(text=messages | st.text(st.sampled_from("{}'#,= abn01"), max_size=20))
@settings(max_examples=150, deadline=None)
def test_icu_reads_whatever_is_read_here(text: str) -> None:
    read = _icu()
    try:
        parse(text)
    except MalformedMessage:
        return
    read(text)


@given(text=messages | st.text(st.sampled_from("{}'#,= abn01"), max_size=20), cut=st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_what_is_called_no_message_is_none_to_icu(text: str, cut: int) -> None:
    read = _icu()
    text = text[:cut] + text[cut + 1 :]
    try:
        parse(text)
    except UnsupportedMessage:
        return
    except MalformedMessage:
        with pytest.raises(Exception, match="U_"):
            read(text)


@given(text=st.text(st.sampled_from("{}'# ab"), max_size=20))
@settings(max_examples=200, deadline=None)
def test_icu_shows_the_same_text(text: str) -> None:
    icu = pytest.importorskip("icu4py.messageformat", reason="the oracle icu4py is not installed")
    try:
        message: Message = parse(text)
    except MalformedMessage:
        return
    ours = "".join(part if isinstance(part, str) else f"<{part.name}>" for part in message)
    names = {part.name: f"<{part.name}>" for part in message if isinstance(part, Argument)}
    assert icu.MessageFormat(text, "en").format(names) == ours
