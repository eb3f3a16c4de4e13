"""Writing the interface's texts: a verdict for each key, nothing lost, nothing by half, and all of it told."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.net import patience
from quintet.testing import Client
from softfactory.languages import changes, entities, shipped
from softfactory.languages.plural_rules import Language
from softfactory.service import store
from softfactory.trail.log import Entry
from tests.functions.softfactory.conftest import SignIn, account_of, lend
from tests.functions.softfactory.languages.conftest import good, said, send, write
from tests.support.aws import in_threads
from tests.support.calls import Refused, failing, recorded

PATH = "/api/i18n/strings"
FILES = "{count, plural, other {파일 #개}}"


def told() -> list[Entry]:
    """The trail's entries, oldest first."""
    return store.query(Entry).items


def codes(answer: Any) -> dict[str, str]:
    return {error["key"]: error["code"] for error in answer["errors"]}


@pytest.mark.parametrize("role", ["user", "creator", "moderator"])
def test_only_who_may_translate_writes(suite: Client, sign_in: SignIn, role: str) -> None:
    body = {"language": "en", "translations": {"auth.login": "Sign in"}}
    assert suite.post(PATH, {}).status == 401
    caller = sign_in(role)
    assert caller.post(PATH, body).status == 403
    lend(caller, "I18N_WRITE")
    assert caller.post(PATH, body).status == 403
    lend(caller, "I18N_ADMIN")
    assert good(caller.post(PATH, body)) == {"updated_count": 1, "errors": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"translations": {"a.b": "c"}}, "language"),
        ({"language": "fr", "translations": {"a.b": "c"}}, "language"),
        ({"language": None, "translations": {"a.b": "c"}}, "language"),
        ({"language": "en"}, "translations"),
        ({"language": "en", "translations": None}, "translations"),
        ({"language": "en", "translations": {}}, "translations"),
        ({"language": "en", "translations": [["a.b", "c"]]}, "translations"),
        ({"language": "en", "translations": {f"a.k{number}": "x" for number in range(1001)}}, "translations"),
        ({"language": "en", "translations": {f"a.k{number}": "x" * 5000 for number in range(101)}}, "translations"),
    ],
)
def test_a_body_of_another_shape_is_refused_whole(admin: Client, body: dict[str, Any], field: str) -> None:
    answer = admin.post(PATH, body)
    assert answer.status == 422
    assert [detail["field"] for detail in answer.error["details"]] == [field]


def test_sound_keys_are_stored_and_each_other_one_has_its_verdict(admin: Client, user: Client) -> None:
    write(admin, "ko", {"demo.files": FILES, "demo.hello": "{name}님, 안녕하세요", "demo.bye": "안녕히 가세요"})
    answer = send(
        admin,
        "en",
        {
            "demo.files": "{count, plural, other {# files}}",
            "demo.hello": "Hello",
            "demo.bye": "Goodbye",
            "demo.new": "New",
            "Demo.new": "New",
            "auth.login": "Log {in",
            "auth.logout": "  ",
        },
    )
    assert answer == {
        "updated_count": 1,
        "errors": [
            {"key": "Demo.new", "code": "invalid_key",
             "message": "A key is module.name, of a-z, 0-9, _ and -, at most 200 characters"},
            {"key": "auth.login", "code": "malformed_message",
             "message": "The text is no ICU message: expected } or , after in (at character 8)"},
            {"key": "auth.logout", "code": "empty", "message": "The text is empty"},
            {"key": "demo.files", "code": "plural_incomplete",
             "message": "count lacks the plural case one of the language en"},
            {"key": "demo.hello", "code": "placeholders_differ", "message": "The text lacks {name}"},
            {"key": "demo.new", "code": "unknown_key",
             "message": "The key has no text in Korean, the source; write that first"},
        ],
    }  # fmt: skip
    assert said(user, "en", "demo.bye") == "Goodbye"
    assert said(user, "en", "auth.login") == "Log in"
    assert user.get(f"{PATH}/en/demo.files").status == 404
    assert send(admin, "en", {"demo.hello": "Hello {name}"}) == {"updated_count": 1, "errors": []}
    assert said(user, "en", "demo.hello") == "Hello {name}"


def test_what_is_no_text_is_its_own_keys_verdict(admin: Client, user: Client) -> None:
    texts = {
        "auth.login": "Sign in", "auth.logout": "Sign\0out", "errors.a\0b": "x", "auth.a": 1, "auth.b": None,
        "auth.c": ["x"], "auth.d": {"x": "y"}, "auth.e": True, "auth.f": 1.5,
    }  # fmt: skip
    answer = send(admin, "en", texts)
    assert answer["updated_count"] == 1
    assert codes(answer) == {
        "auth.logout": "unprintable", "errors.a\0b": "invalid_key",
        **{f"auth.{name}": "no_text" for name in "abcdef"},
    }  # fmt: skip
    assert {error["message"] for error in answer["errors"] if error["code"] == "no_text"} == {"The text is no string"}
    assert said(user, "en", "auth.login") == "Sign in"


def test_icu_that_browsers_do_not_take_is_not_called_malformed(admin: Client) -> None:
    answer = send(admin, "ko", {"demo.a": "{n, spellout}", "demo.b": "{n, spell"})
    assert answer["errors"] == [
        {"key": "demo.a", "code": "unsupported_message",
         "message": "The text is an ICU message of a kind that is not taken: spellout is none of the types number, "
         "date, time, plural, selectordinal, select (at character 13)"},
        {"key": "demo.b", "code": "malformed_message",
         "message": "The text is no ICU message: spell is none of the types number, date, time, plural, "
         "selectordinal, select (at character 10)"},
    ]  # fmt: skip


def test_a_write_without_a_sound_key_writes_nothing(admin: Client, user: Client) -> None:
    assert send(admin, "en", {"no.source": "x"})["updated_count"] == 0
    assert store.get(entities.Catalogue) is None
    assert told() == []


def test_a_text_is_kept_to_the_letter(admin: Client, user: Client) -> None:
    text = " \"it''s\" \n <b>'{'굵게'}'</b> \\ 👋🏽 e\u0301 "
    write(admin, "ko", {"demo.letters": text})
    assert said(user, "ko", "demo.letters") == text
    assert good(user.get("/api/i18n/download/ko"))["demo.letters"] == text


def test_the_source_is_checked_in_itself_alone(admin: Client) -> None:
    answer = send(
        admin, "ko", {"demo.a": "{count, plural, one {하나} other {#개}}", "demo.b": "{count, plural, one {하나}}"}
    )
    assert answer["updated_count"] == 1
    assert codes(answer) == {"demo.b": "malformed_message"}


def test_a_translation_is_checked_against_the_source_as_it_is_now(admin: Client) -> None:
    write(admin, "ko", {"auth.login": "{name} 로그인"})
    assert codes(send(admin, "en", {"auth.login": "Log in"})) == {"auth.login": "placeholders_differ"}
    write(admin, "en", {"auth.login": "Log in as {name}"})


def test_a_write_is_told_with_what_was_said_before(admin: Client) -> None:
    write(admin, "en", {"auth.login": "Sign in", "auth.logout": "Sign out"})
    write(admin, "en", {"auth.login": "Enter", "auth.logout": "Sign out"})
    write(admin, "ko", {"demo.long": "가" * 150})
    first, second, third = told()
    assert (first.action, first.resource, first.resource_id) == ("translation.write", "translation", "en")
    assert first.user_id == account_of(admin).id
    assert first.before == {"auth.login": "Log in", "auth.logout": "Log out"}
    assert first.after == {"auth.login": "Sign in", "auth.logout": "Sign out"}
    assert (second.before, second.after) == ({"auth.login": "Sign in"}, {"auth.login": "Enter"})
    assert (third.before, third.after) == ({"demo.long": None}, {"demo.long": "가" * 99 + "…"})


def test_what_is_said_already_is_counted_and_not_written_again(admin: Client, sign_in: SignIn) -> None:
    write(admin, "en", {"auth.login": "Sign in"})
    before = store.get(entities.Catalogue)
    write(sign_in("admin"), "en", {"auth.login": "Sign in", "auth.logout": "Log out"})
    assert store.get(entities.Catalogue) == before
    assert len(told()) == 1
    assert good(admin.get(f"{PATH}/en/auth.login"))["last_updated_by"] == account_of(admin).id
    assert good(admin.get(f"{PATH}/en/auth.logout"))["last_updated_by"] is None


def test_a_thousand_keys_are_one_transaction(admin: Client, user: Client) -> None:
    texts = {f"bulk.key_{number}": f"글 {number}" for number in range(1000)}
    with recorded() as calls:
        write(admin, "ko", texts)
    (sent,) = calls.of("TransactWriteItems")
    assert len(sent.params["TransactItems"]) <= 60
    assert good(user.get(f"{PATH}/ko?module=bulk"))["total"] == 1000
    assert {key: text for entry in told() for key, text in (entry.after or {}).items()} == texts


def test_the_longest_write_is_one_transaction_and_told_key_by_key(admin: Client) -> None:
    texts = {f"long.{number:04}{'k' * 191}": '"' * 99 + str(number) for number in range(1000)}
    with recorded() as calls:
        write(admin, "ko", texts)
    assert len(calls.of("TransactWriteItems")) == 1
    assert sorted(key for entry in told() for key in entry.after or {}) == sorted(texts)


def test_nothing_is_stored_where_the_transaction_is_refused(admin: Client, user: Client) -> None:
    write(admin, "en", {"auth.login": "Sign in"})
    refused = Refused("ValidationException")
    with failing("TransactWriteItems", lambda _: refused):
        answer = admin.post(PATH, {"language": "en", "translations": {"auth.login": "A", "auth.logout": "B"}})
    assert answer.status == 500
    assert said(user, "en", "auth.login") == "Sign in"
    assert said(user, "en", "auth.logout") == "Log out"
    assert len(told()) == 1


def test_a_part_has_room_for_so_much_and_no_more(admin: Client, user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LARGEST_PART", 3_200)
    monkeypatch.setattr(changes, "part_of", lambda _: "0")
    answer = send(admin, "ko", {f"demo.k{number}": "x" * 800 for number in range(4)})
    assert answer["updated_count"] == 3
    assert answer["errors"] == [
        {"key": "demo.k3", "code": "catalogue_full",
         "message": "The text needs 969 bytes, and of the 3,200 bytes for changed texts with which this key shares its "
         "place 293 are free: shorten the text, or store it under another key, which may have another place"}
    ]  # fmt: skip
    assert user.get(f"{PATH}/ko?module=demo").body["total"] == 3
    write(admin, "ko", {"demo.k1": "y" * 800})
    # A shorter text in place of a longer one makes room.
    write(admin, "ko", {"demo.k0": "y"})
    write(admin, "ko", {"demo.k3": "x" * 800})
    assert codes(send(admin, "ko", {"demo.k0": "x" * 800})) == {"demo.k0": "catalogue_full"}
    assert good(user.get("/api/i18n/download/ko"))["demo.k0"] == "y"


@pytest.mark.parametrize("character", ["x", '"', "가", "\\", "👋", "\n"])
def test_a_part_is_never_larger_than_it_is_weighed(character: str) -> None:
    held = {
        f"demo.{'k' * 150}{number}": entities.Entry(
            value=character * 700, at=shipped.RELEASED, by="u" * 36, source="f" * 12
        )
        for number in range(20)
    }
    part = entities.Part(language="en", number="0", entries=held)
    assert len(part.item()["entries"]["S"].encode()) <= sum(entry.weight(key) for key, entry in held.items())


def test_twenty_who_write_different_keys_lose_nothing(sign_in: SignIn, user: Client) -> None:
    admins = [sign_in("admin") for _ in range(4)]
    texts = {f"race.key_{number}": f"글 {number}" for number in range(20)}
    items = list(texts.items())
    in_threads(20, lambda n: write(admins[n % 4], "ko", dict([items[n]])))
    found = good(user.get("/api/i18n/download/ko"))
    assert {key: found.get(key) for key in texts} == texts
    assert sorted(key for entry in told() for key in entry.after or {}) == sorted(texts)


@pytest.mark.parametrize(
    ("language", "key", "attempts"),
    [("en", "auth.logout", 1), ("ja", "auth.login", 1), ("ko", "auth.logout", 1),
     ("en", "auth.login", 2), ("ko", "auth.login", 2)],
)  # fmt: skip
def test_only_writers_of_one_part_and_of_its_source_are_in_each_others_way(
    admin: Client, user: Client, language: str, key: str, attempts: int
) -> None:
    """Somebody else writes between the reading and the writing of a translation."""
    write(admin, "zh", {"auth.login": "登入"})
    assert entities.part_of("auth.login") != entities.part_of("auth.logout")
    made = []

    def late(_: Any) -> None:
        made.append(1)
        if len(made) == 1:
            write(admin, language, {key: "Enter"})

    with failing("TransactWriteItems", late):
        write(admin, "en", {"auth.login": "Sign in"})
    assert len(made) == attempts + 1
    assert said(user, "en", "auth.login") == "Sign in"
    if (language, key) != ("en", "auth.login"):
        assert said(user, language, key) == "Enter"


def test_whoever_meets_others_again_and_again_is_patient(
    admin: Client, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that stands while nobody waits: fifteen seconds of pauses are no reason to give up."""
    at, met = [0.0], []

    def sleep(seconds: float) -> None:
        at[0] += seconds

    def late(_: Any) -> None:
        met.append(1)
        if len(met) % 2 and at[0] < 15:
            write(admin, "en", {"auth.login": f"Enter {len(met)}"})

    clock = patience.Clock(lambda: at[0], sleep, lambda *_: 5.0)
    with patience.timed_by(clock), failing("TransactWriteItems", late):
        write(admin, "en", {"auth.login": "Sign in"})
    assert at[0] == 15
    assert said(user, "en", "auth.login") == "Sign in"


def test_a_catalogue_that_somebody_else_has_just_begun_is_written_on(
    admin: Client, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = changes._begin

    def overtaken() -> None:
        monkeypatch.setattr(changes, "_begin", plain)
        write(admin, "ja", {"auth.login": "入る"})
        plain()

    monkeypatch.setattr(changes, "_begin", overtaken)
    write(admin, "en", {"auth.login": "Sign in"})
    assert (said(user, "ja", "auth.login"), said(user, "en", "auth.login")) == ("入る", "Sign in")


def test_of_two_who_write_one_key_the_last_one_wins_and_both_are_told(sign_in: SignIn, user: Client) -> None:
    admins = [sign_in("admin") for _ in range(4)]
    in_threads(4, lambda n: write(admins[n], "en", {"auth.login": f"Enter {n}"}))
    trail = told()
    assert said(user, "en", "auth.login") in {f"Enter {n}" for n in range(4)}
    chain = {(entry.before or {})["auth.login"]: (entry.after or {})["auth.login"] for entry in trail}
    assert len(chain) == 4
    text = "Log in"
    while text in chain:
        text = chain.pop(text)
    assert (chain, text) == ({}, said(user, "en", "auth.login"))


def test_a_translation_never_passes_a_source_that_changed_under_it(admin: Client, user: Client) -> None:
    """The source gets a placeholder between the reading and the writing of a translation."""
    between = iter([True])

    def late(_: Any) -> None:
        if next(between, False):
            write(admin, "ko", {"auth.login": "{name} 로그인"})

    with failing("TransactWriteItems", late):
        answer = send(admin, "en", {"auth.login": "Sign in", "auth.logout": "Sign out"})
    assert answer["updated_count"] == 1
    assert codes(answer) == {"auth.login": "placeholders_differ"}
    assert said(user, "en", "auth.login") == "Log in"
    assert said(user, "en", "auth.logout") == "Sign out"


def test_what_somebody_wrote_is_found_and_their_id_can_be_taken_out(
    sign_in: SignIn, user: Client, noon: FrozenClock
) -> None:
    leaving, staying = sign_in("admin"), sign_in("admin")
    theirs, other = account_of(leaving).id, account_of(staying).id
    write(leaving, "en", {"auth.login": "Sign in", "auth.logout": "Sign out"})
    write(leaving, "zh", {"auth.login": "登入"})
    write(staying, "en", {"auth.logout": "Leave"})
    found = [(language, key, entry.value, entry.at) for language, key, entry in changes.written_by(theirs)]
    assert found == [("en", "auth.login", "Sign in", noon.at), ("zh", "auth.login", "登入", noon.at)]
    changes.forget(theirs)
    assert list(changes.written_by(theirs)) == []
    for language in shipped.LANGUAGES:
        rows = store.query(entities.Part, begins="PART#", language=language).items
        assert theirs not in str(rows)
    assert theirs not in str(store.get(entities.Catalogue))
    assert good(user.get(f"{PATH}/en/auth.login")) == {
        "key": "auth.login", "value": "Sign in", "language": "en", "last_updated_by": None,
    }  # fmt: skip
    assert good(user.get(f"{PATH}/en/auth.logout"))["last_updated_by"] == other
    with recorded() as calls:
        changes.forget(theirs)
    assert "TransactWriteItems" not in calls.names


def test_what_is_written_while_an_id_is_taken_out_is_found_too(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving = sign_in("admin")
    theirs = account_of(leaving).id
    write(leaving, "en", {"auth.login": "Sign in"})
    plain, between = changes._forget_in, iter([True])

    def late(user_id: str, language: Language) -> None:
        plain(user_id, language)
        if language == "zh" and next(between, False):
            write(leaving, "ko", {"auth.logout": "나가기"})

    monkeypatch.setattr(changes, "_forget_in", late)
    changes.forget(theirs)
    rows = store.query(entities.Part, begins="PART#", language="ko").items
    assert len(rows) == 1
    assert theirs not in str(rows)
    assert theirs not in str(store.get(entities.Catalogue))
