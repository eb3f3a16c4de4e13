"""E-mail addresses: one form in, no letter becomes another, nothing harmful through."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from quintet.models import Email
from quintet.models.email import normalise_email


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("user@example.com", "user@example.com"),
        ("  User@Example.COM ", "user@example.com"),
        ("first.last+tag@mail.example.co.uk", "first.last+tag@mail.example.co.uk"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("user@Bücher.example", "user@xn--bcher-kva.example"),
        ("\uff55ser\uff20\uff25xample\uff0ecom", "user@example.com"),  # as an East Asian keyboard writes it
        ("info@straße.de", "info@xn--strae-oqa.de"),
        ("info@STRASSE.de", "info@strasse.de"),
        ("info@faß.example", "info@xn--fa-hia.example"),
        ("a@σίγμας.gr", "a@xn--kxaef0b5ab.gr"),  # the final sigma stays one
        ("a@نامه\u200cای.com", "a@xn--mgba3gch31f060k.com"),  # a zero-width non-joiner between Persian letters
        ("a@\u0915\u094d\u200d\u0937.com", "a@xn--11b2ezcw70k.com"),  # and a joiner after a virama
        ("a@日本\u3002jp", "a@xn--wgv71a.jp"),
        ("admin@quintet.test", "admin@quintet.test"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_has_one_form(typed: str, kept: str) -> None:
    assert TypeAdapter(Email).validate_python(typed) == kept
    assert normalise_email(kept) == kept


@pytest.mark.parametrize(
    "bad",
    [
        "", "@", "user", "user@", "@example.com", "user@localhost", "user@.com", "user@example..com",
        "user@example.com.", ".user@example.com", "user.@example.com", "us..er@example.com",
        "user@-example.com", "user@example-.com", "user@127.0.0.1", "user@[127.0.0.1]", "user@exa_mple.com",
        '"user"@example.com', "user name@example.com", "user@exam ple.com", "a@b@example.com",
        "user@example.com\r\nBcc: all@example.com", "user\n@example.com", "user\x00@example.com",
        "User <user@example.com>", "user@example.com,other@example.com", "user@example.com;x",
        "a" * 65 + "@example.com", "a@" + "b" * 64 + ".com", "a@" + "b." * 130 + "com", "x" * 10_000,
        "üser@example.com", "user@" + "ü" * 70 + ".example", "user@\u202eexample.com",
        # Letters that case folding or NFKC would make others of: ß, the Kelvin sign, a ligature, a dotted capital i.
        "weiß@example.com", "\u212aelvin@example.com", "\ufb01n@example.com", "\u0130@example.com",
        "user@ex\u200dample.com", "user@ex\u200cample.com", "user@\ud800.com", "user@xn--ü.example", "user@ü..example",
        "user@192.0.2.\uff11", "user@ex_ämple.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Email).validate_python(bad)


@given(st.emails())
def test_normalising_twice_changes_nothing(address: str) -> None:
    try:
        once = normalise_email(address)
    except ValueError:
        return
    assert normalise_email(once) == once
    assert len(once) <= 254
    assert once.isascii()
    assert once.isprintable()


@given(st.text(max_size=300))
def test_no_text_gets_a_line_break_into_an_address(text: str) -> None:
    try:
        kept = normalise_email(text)
    except ValueError:
        return
    assert kept.isprintable()
    assert " " not in kept
    assert kept.count("@") == 1


def test_two_domains_that_differ_in_one_letter_stay_two() -> None:
    written = ["strasse.de", "straße.de", "strase.de", "σας.gr", "σασ.gr"]
    assert len({normalise_email(f"a@{domain}") for domain in written}) == len(written)


def test_a_plain_address_loads_no_tables_of_domain_names() -> None:
    probe = (
        "import sys; from quintet.models.email import normalise_email; normalise_email('A@example.com');"
        "sys.exit('idna' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", probe], env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=True)


def test_the_schema_of_an_address_says_e_mail() -> None:
    assert TypeAdapter(Email).json_schema() == {"type": "string", "format": "email", "maxLength": 254}
