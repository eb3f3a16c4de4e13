"""Passwords: Argon2id, the same work for every login, common ones refused."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.auth.common import is_common
from quintet.auth.passwords import hash_password, needs_rehash, verify_password
from quintet.settings import use

FAST = "1,8,1"


@pytest.fixture(autouse=True, scope="module")
def _small_parameters() -> Iterator[None]:
    with use({"QUINTET_ARGON2": FAST}):
        yield


def test_the_password_verifies_and_another_does_not() -> None:
    stored = hash_password("SecurePassword123!")
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert verify_password(stored, "SecurePassword123!") is True
    assert verify_password(stored, "SecurePassword123") is False
    assert verify_password(stored, "") is False


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password("SecurePassword123!") != hash_password("SecurePassword123!")


@settings(max_examples=30)
@given(st.text(max_size=128), st.text(max_size=128))
def test_any_text_is_a_password(password: str, other: str) -> None:
    stored = hash_password(password)
    assert verify_password(stored, password)
    if len(password) != len(other):
        from unicodedata import normalize

        same = normalize("NFKC", password) == normalize("NFKC", other)
        assert verify_password(stored, other) is same


def test_the_same_characters_typed_another_way_are_the_same_password() -> None:
    assert verify_password(hash_password("Pässword-1"), "Pa\u0308ssword-1")


def test_nobody_logs_in_to_an_account_that_does_not_exist() -> None:
    assert verify_password(None, "SecurePassword123!") is False
    assert verify_password("", "SecurePassword123!") is False


@pytest.mark.parametrize("stored", ["x", "$argon2id$v=19$m=8,t=1,p=1$", "$2b$12$abcdefghijklmnopqrstuv", "a" * 500])
def test_a_broken_hash_is_a_wrong_password(stored: str) -> None:
    assert verify_password(stored, "SecurePassword123!") is False


def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    with use({"QUINTET_ARGON2": "2,4096,1"}):  # enough work to measure
        stored = hash_password("SecurePassword123!")

        def fastest(stored: str | None) -> float:
            times = []
            for _ in range(7):
                started = time.process_time()
                verify_password(stored, "a wrong password")
                times.append(time.process_time() - started)
            return min(times)

        wrong, unknown = fastest(stored), fastest(None)
    assert 0.5 < unknown / wrong < 2


def test_stronger_parameters_ask_for_a_new_hash() -> None:
    stored = hash_password("SecurePassword123!")
    assert needs_rehash(stored) is False
    with use({"QUINTET_ARGON2": "2,16,1"}):
        assert needs_rehash(stored) is True
        assert verify_password(stored, "SecurePassword123!") is True


def test_the_parameters_are_owasps_minimum_unless_set() -> None:
    with use({"QUINTET_ARGON2": ""}):
        assert hash_password("SecurePassword123!").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("password", ["password", "12345678", "PassWord", "qwertyuiop", "iloveyou", "1qaz2wsx"])
def test_the_passwords_everyone_tries_are_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", ["aaaaaaaa", "AaAaAaAa", " " * 8, "🎉" * 8])
def test_one_character_repeated_is_as_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", ["SecurePassword123!", "Quintet-local-1", "", "licence", "software.", "# mit"])
def test_others_are_not_common(password: str) -> None:
    assert not is_common(password)
