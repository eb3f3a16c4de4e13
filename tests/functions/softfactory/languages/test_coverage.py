"""Coverage: by variants, with what the source has outgrown counted as not translated, counted once a change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.testing import Client
from softfactory.languages import shipped
from softfactory.languages.coverage import Covered, covered, fingerprint
from tests.functions.softfactory.languages.conftest import good, said, write
from tests.support.calls import recorded

WANTED = {
    language: covered(language, shipped.texts("ko"), lambda _: None).wanted for language in ("en", "ja", "zh")
}  # fmt: skip


def report(client: Client) -> Any:
    return good(client.get("/api/i18n/coverage"))


def test_what_is_shipped_is_complete(user: Client) -> None:
    assert report(user) == {
        "languages": {"ko": 100.0, "en": 100.0, "ja": 100.0, "zh": 100.0},
        "missing_keys": [], "total_missing": 0, "limit": 3000, "offset": 0,
    }  # fmt: skip


def test_a_new_key_is_missing_until_it_is_translated(admin: Client, user: Client) -> None:
    write(admin, "ko", {"demo.hello": "안녕하세요"})
    found = report(user)
    assert found["languages"]["ko"] == 100.0
    assert found["languages"]["ja"] == WANTED["ja"] * 1000 // (WANTED["ja"] + 1) / 10
    assert found["missing_keys"] == [
        {"language": language, "key": "demo.hello", "reason": "missing"} for language in ("en", "ja", "zh")
    ]
    write(admin, "ja", {"demo.hello": "こんにちは"})
    found = report(user)
    assert found["languages"]["ja"] == 100.0
    assert [row["language"] for row in found["missing_keys"]] == ["en", "zh"]


def test_a_plural_counts_with_all_of_its_variants(admin: Client, user: Client) -> None:
    before = WANTED["en"]
    write(admin, "ko", {"demo.rank": "{n, selectordinal, other {#번째}}"})
    assert report(user)["languages"]["en"] == before * 1000 // (before + 4) / 10
    assert report(user)["languages"]["ja"] == WANTED["ja"] * 1000 // (WANTED["ja"] + 1) / 10


def test_a_translation_is_stale_once_its_source_says_something_else(admin: Client, user: Client) -> None:
    write(admin, "ko", {"auth.login": "로그인하기"})
    stale = [{"language": lang, "key": "auth.login", "reason": "stale"} for lang in ("en", "ja", "zh")]
    assert report(user)["missing_keys"] == stale
    assert report(user)["languages"]["en"] < 100
    assert said(user, "en", "auth.login") == "Log in"  # still delivered
    write(admin, "en", {"auth.login": "Log in"})  # the same words, for the new source
    assert report(user)["missing_keys"] == stale[1:]
    write(admin, "ko", {"auth.login": "로그인"})  # what the shipped translations were made from
    assert report(user)["missing_keys"] == stale[:1]


def test_the_report_costs_one_read_until_something_is_changed(admin: Client, user: Client) -> None:
    write(admin, "ko", {f"demo.k{number}": "글" for number in range(300)})
    assert len(report(user)["missing_keys"]) == 900
    with recorded() as calls:
        assert len(report(user)["missing_keys"]) == 900
    assert "PART#" not in str(calls.made)
    assert str(calls.made).count("CATALOGUE") == 1
    write(admin, "zh", {"demo.k0": "文"})
    assert len(report(user)["missing_keys"]) == 899


def test_missing_keys_come_in_pages_and_are_counted(admin: Client, user: Client) -> None:
    write(admin, "ko", {f"demo.k{number}": "글" for number in range(9)})
    whole = report(user)
    assert whole["total_missing"] == len(whole["missing_keys"]) == 27
    assert whole["languages"]["zh"] == WANTED["zh"] * 1000 // (WANTED["zh"] + 9) / 10
    pages = [good(user.get(f"/api/i18n/coverage?limit=10&offset={offset}")) for offset in (0, 10, 20, 30)]
    assert [len(page["missing_keys"]) for page in pages] == [10, 10, 7, 0]
    assert [row for page in pages for row in page["missing_keys"]] == whole["missing_keys"]
    assert [(page["total_missing"], page["limit"], page["offset"]) for page in pages[:2]] == [(27, 10, 0), (27, 10, 10)]
    japanese = good(user.get("/api/i18n/coverage?language=ja&limit=4&offset=7"))
    assert [(row["language"], row["key"]) for row in japanese["missing_keys"]] == [("ja", "demo.k7"), ("ja", "demo.k8")]
    assert (japanese["total_missing"], japanese["languages"]) == (9, whole["languages"])
    assert good(user.get("/api/i18n/coverage?language=ko"))["total_missing"] == 0


def test_more_than_a_thousand_missing_keys_of_a_language_are_all_named(admin: Client, user: Client) -> None:
    for hundreds in range(2):
        write(admin, "ko", {f"demo.k{hundreds}_{number:03}": "글" for number in range(600)})
    found = good(user.get("/api/i18n/coverage?language=zh"))
    assert found["total_missing"] == 1200
    assert len({row["key"] for row in found["missing_keys"]}) == 1200


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=3001", "limit"), ("offset=-1", "offset"), ("offset=9" + "9" * 30, "offset"),
     ("language=fr", "language")],
)  # fmt: skip
def test_a_page_that_there_is_not_is_refused(user: Client, query: str, field: str) -> None:
    answer = user.get(f"/api/i18n/coverage?{query}")
    assert answer.status == 422
    assert [detail["field"] for detail in answer.error["details"]] == [field]


def test_a_release_with_other_texts_is_counted_at_once(
    admin: Client, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(admin, "ko", {"demo.hello": "안녕하세요"})
    write(admin, "en", {"demo.hello": "Hello"})
    sources = {**shipped.texts("ko"), "demo.next": "다음 판"}
    monkeypatch.setattr(
        shipped, "texts", lambda language, real=shipped.texts: sources if language == "ko" else real(language)
    )
    monkeypatch.setattr(shipped, "digest", lambda *_: "another")
    assert {row["key"] for row in report(user)["missing_keys"] if row["language"] == "en"} == {"demo.next"}


def test_all_is_not_said_of_less() -> None:
    assert Covered(10_000, 9_999, {}).percent == 99.9
    assert Covered(3, 2, {}).percent == 66.6
    assert Covered(8, 0, {}).percent == 0.0


@given(
    st.dictionaries(
        st.sampled_from([f"a.k{n}" for n in range(8)]), st.sampled_from(["가", "나", "{n, plural, other {#}}"])
    ),
    st.dictionaries(st.sampled_from([f"a.k{n}" for n in range(8)]), st.sampled_from(["가", "나"])),
)
@settings(max_examples=80, deadline=None)
def test_each_source_is_done_or_lacking(sources: dict[str, str], made_from: dict[str, str]) -> None:
    prints = {key: fingerprint(text) for key, text in made_from.items()}
    found = covered("en", sources, prints.get)
    done = {key for key, text in sources.items() if made_from.get(key) == text}
    assert set(found.lacking) == sources.keys() - done
    assert all((found.lacking[key] == "stale") == (key in made_from) for key in found.lacking)
    assert (found.percent == 100) == (not found.lacking)
    assert found.done <= found.wanted
