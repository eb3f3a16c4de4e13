"""Reading the interface's texts: languages, lists, single texts and packs, shipped ones and changed ones alike."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.languages import operations, shipped, snapshot
from softfactory.languages.plural_rules import Language
from tests.functions.softfactory.conftest import account_of
from tests.functions.softfactory.languages.conftest import good, said, write
from tests.support.calls import failing, recorded

RELEASED = "2026-12-01T00:00:00Z"
EN = shipped.texts("en")


def keys(client: Client, path: str) -> list[str]:
    return [row["key"] for row in good(client.get(path))["strings"]]


@pytest.mark.parametrize(
    "path", ["languages", "strings/ko", "strings/ko/auth.login", "coverage", "download/ko"]
)  # fmt: skip
def test_texts_are_read_by_whoever_is_signed_in(suite: Client, user: Client, path: str) -> None:
    assert suite.get(f"/api/i18n/{path}").status == 401
    assert user.get(f"/api/i18n/{path}").status == 200


def test_languages_have_their_own_names_and_flags(user: Client) -> None:
    assert good(user.get("/api/i18n/languages")) == {
        "languages": [
            {"code": "ko", "name": "Korean", "native_name": "한국어", "flag_emoji": "🇰🇷"},
            {"code": "en", "name": "English", "native_name": "English", "flag_emoji": "🇺🇸"},
            {"code": "ja", "name": "Japanese", "native_name": "日本語", "flag_emoji": "🇯🇵"},
            {"code": "zh", "name": "Chinese", "native_name": "中文", "flag_emoji": "🇨🇳"},
        ]
    }


@pytest.mark.parametrize("path", ["strings/fr", "strings/KO", "strings/zh-CN", "strings/fr/auth.login", "download/fr"])
def test_another_language_is_not_found(user: Client, path: str) -> None:
    assert user.get(f"/api/i18n/{path}").status == 404


@pytest.mark.parametrize("language", shipped.LANGUAGES)
def test_a_fresh_table_has_all_that_is_shipped(user: Client, language: Language) -> None:
    texts = shipped.texts(language)
    found = good(user.get(f"/api/i18n/strings/{language}"))
    rows = [{"key": key, "value": text, "last_updated": RELEASED} for key, text in texts.items()]
    assert found == {"strings": rows, "items": rows, "total": len(texts), "limit": 1000, "offset": 0}
    assert good(user.get(f"/api/i18n/download/{language}")) == texts


def test_a_changed_text_lies_over_the_shipped_one(admin: Client, user: Client, noon: FrozenClock) -> None:
    write(admin, "en", {"auth.login": "Sign in"})
    noon.advance(minutes=1)
    rows = good(user.get("/api/i18n/strings/en"))["strings"]
    assert len(rows) == len(EN)
    assert {"key": "auth.login", "value": "Sign in", "last_updated": "2026-11-30T12:00:00Z"} in rows
    assert good(user.get("/api/i18n/download/en")) == {**EN, "auth.login": "Sign in"}
    assert said(user, "ja", "auth.login") == "ログイン"


def test_one_text_says_who_wrote_it(admin: Client, user: Client) -> None:
    write(admin, "en", {"auth.login": "Sign in"})
    assert good(user.get("/api/i18n/strings/en/auth.login")) == {
        "key": "auth.login", "value": "Sign in", "language": "en", "last_updated_by": account_of(admin).id,
    }  # fmt: skip
    assert good(user.get("/api/i18n/strings/en/auth.logout")) == {
        "key": "auth.logout", "value": "Log out", "language": "en", "last_updated_by": None,
    }  # fmt: skip


def test_a_key_without_a_text_is_not_found(admin: Client, user: Client) -> None:
    write(admin, "ko", {"promo.title": "봄 세일"})
    assert said(user, "ko", "promo.title") == "봄 세일"
    for path in ("en/promo.title", "ko/promo.other", "ko/promo", "ko/%ED%95%9C.a", "ko/" + "a" * 201):
        answer = user.get(f"/api/i18n/strings/{path}")
        assert answer.status == 404, path


def test_a_key_has_dots_dashes_and_underscores(admin: Client, user: Client) -> None:
    key = "a.b-c_d." + "e" * 192
    write(admin, "ko", {key: "긴 키"})
    assert said(user, "ko", key) == "긴 키"


def test_a_module_is_what_keys_begin_with(user: Client) -> None:
    found = keys(user, "/api/i18n/strings/ko?module=time")
    assert found
    assert found == [key for key in shipped.texts("ko") if key.startswith("time.")]
    assert good(user.get("/api/i18n/strings/ko?module=time"))["total"] == len(found)
    assert keys(user, "/api/i18n/strings/ko?module=tim") == []
    assert good(user.get("/api/i18n/strings/ko?module=none"))["total"] == 0
    assert len(keys(user, "/api/i18n/strings/ko?module=")) == len(shipped.texts("ko"))


@pytest.mark.parametrize("sort", ["key", "name"])
def test_texts_come_in_the_order_of_their_keys(user: Client, sort: str) -> None:
    found = keys(user, f"/api/i18n/strings/en?sort={sort}")
    assert found == sorted(EN)
    assert keys(user, f"/api/i18n/strings/en?sort=-{sort}") == found[::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("offset=-1", "offset"),
     ("sort=value", "sort"), ("sort=-created_at", "sort")],
)  # fmt: skip
def test_a_list_refuses_what_it_cannot_show(user: Client, query: str, field: str) -> None:
    answer = user.get(f"/api/i18n/strings/ko?{query}")
    assert answer.status == 422
    assert [detail["field"] for detail in answer.error["details"]] == [field]


@pytest.mark.parametrize("sort", ["key", "-key"])
def test_pages_by_offset_and_by_cursor_are_the_whole_list(admin: Client, user: Client, sort: str) -> None:
    path = f"/api/i18n/strings/en?sort={sort}&limit=150"
    whole = keys(user, f"/api/i18n/strings/en?sort={sort}")
    by_offset = [key for offset in (0, 150, 300, 450) for key in keys(user, f"{path}&offset={offset}")]
    assert by_offset == whole
    first = user.get(path)
    # What comes between two pages neither repeats nor hides anything.
    write(admin, "ko", {"a.first": "가", "zz.last": "나"})
    write(admin, "en", {"a.first": "A", "zz.last": "B"})
    found, answer = [row["key"] for row in first.body["strings"]], first
    while "link" in answer.headers:
        after = answer.headers["link"].partition("?")[2].partition(">")[0]
        answer = user.get(f"/api/i18n/strings/en?{after}")
        found += [row["key"] for row in good(answer)["strings"]]
    new = ["zz.last"] if sort == "key" else ["a.first"]
    assert found == whole + new


def test_a_cursor_is_good_for_its_own_list_alone(user: Client) -> None:
    link = user.get("/api/i18n/strings/en?limit=5").headers["link"]
    after = link.partition("?")[2].partition(">")[0]
    assert user.get(f"/api/i18n/strings/ja?{after}").error["code"] == "invalid_cursor"
    assert user.get(f"/api/i18n/strings/en?{after}&sort=-key").error["code"] == "invalid_cursor"


def test_a_page_that_no_reply_could_carry_ends_early(
    admin: Client, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(admin, "ko", {f"big.k{number}": '"' * 1000 for number in range(9)})
    monkeypatch.setattr(operations, "MAX_PAGE_BYTES", 40_000)
    path, sizes = "/api/i18n/strings/ko?module=big", []
    answer = user.get(path)
    found = []
    while True:
        assert good(answer)["total"] == 9
        sizes.append(len(answer.body["strings"]))
        found += [row["key"] for row in answer.body["strings"]]
        if "link" not in answer.headers:
            break
        answer = user.get("/api/i18n/strings/ko?" + answer.headers["link"].partition("?")[2].partition(">")[0])
    assert found == [f"big.k{number}" for number in range(9)]
    assert max(sizes) < 9
    assert min(sizes) >= 1


def test_a_pack_is_asked_again_for_a_single_read(admin: Client, user: Client) -> None:
    write(admin, "en", {"auth.login": "Sign in"})
    first = user.get("/api/i18n/download/en")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    snapshot._read.clear()  # another instance of the function
    with recorded() as calls:
        again = user.get("/api/i18n/download/en", headers={"If-None-Match": f'W/"other", {tag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, None, tag)
    assert "TRANSLATIONS#" not in str(calls.made)
    assert user.get("/api/i18n/download/ja").headers["etag"] != tag


def test_a_packs_tag_changes_with_its_own_texts(admin: Client, user: Client) -> None:
    def tags() -> dict[str, str]:
        return {lang: user.get(f"/api/i18n/download/{lang}").headers["etag"] for lang in shipped.LANGUAGES}

    before = tags()
    write(admin, "en", {"auth.login": "Sign in"})
    after = tags()
    assert {lang for lang in before if before[lang] != after[lang]} == {"en"}
    write(admin, "en", {"auth.login": "Sign in"})
    assert tags() == after
    write(admin, "en", {"auth.login": "Log in"})
    assert tags()["en"] not in {before["en"], after["en"]}
    stale = user.get("/api/i18n/download/en", headers={"If-None-Match": after["en"]})
    assert good(stale)["auth.login"] == "Log in"


def test_a_warm_function_reads_no_part_twice(admin: Client, user: Client) -> None:
    write(admin, "en", {key: f"{text} " for key, text in EN.items() if key.startswith("time.")})
    good(user.get("/api/i18n/strings/en"))
    with recorded() as calls:
        good(user.get("/api/i18n/strings/en"))
    assert "PART#" not in str(calls.made)


def test_a_write_that_comes_between_is_read_anew(admin: Client, user: Client) -> None:
    """The parts are read after the catalogue: a part that was written over meanwhile belongs to a newer state."""
    write(admin, "en", {"auth.login": "Sign in"})
    snapshot._read.clear()
    between = iter([True])

    def late(asked: Any) -> None:
        if "PART#" in str(asked) and next(between, False):
            write(admin, "en", {"auth.login": "Enter"})

    with failing("BatchGetItem", late):
        pack = user.get("/api/i18n/download/en")
    assert good(pack)["auth.login"] == "Enter"
    assert user.get("/api/i18n/download/en").headers["etag"] == pack.headers["etag"]
