"""Affiliate links: one code for each creator, where its link leads, and which clicks count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from caidence.activity.log import Activity
from caidence.affiliate.clicks import MOST, Visit
from caidence.affiliate.codes import AffiliateCode
from caidence.affiliate.targets import in_ascii, with_code
from caidence.creators.entities import STATUSES, Creator
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.models.time import frozen
from quintet.settings import use
from quintet.store import BUSY
from quintet.store.calls import table_call
from quintet.testing import Client
from quintet.testing.events import DOMAIN
from tests.functions.caidence.affiliate.conftest import LAPTOP, PHONE, code_of, figures, opened, summed
from tests.functions.caidence.conftest import SignIn, lend, make_brand
from tests.functions.caidence.creators.conftest import CREATORS, make_creator, stored
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields
from tests.support.aws import in_threads

SHOP = "https://shop.example.com/summer?utm_source=ana#top"


@pytest.fixture
def creator(organization: Organization) -> Creator:
    return make_creator(organization, handle="ana")


def path(creator: Creator) -> str:
    return f"{CREATORS}/{creator.id}/affiliate"


def test_a_creator_has_one_code_for_good(member: Client, organization: Organization, creator: Creator) -> None:
    answer = member.post(path(creator))
    code = answer.body["affiliate_code"]
    assert answer.status == 200
    assert answer.body == {
        "affiliate_code": code, "affiliate_url": f"https://{DOMAIN}/r/{code}", "target_url": None,
    }  # fmt: skip
    for body in (None, {}, {"target_url": None}):
        assert member.post(path(creator), body).body == answer.body
    shown = member.get(f"{CREATORS}/{creator.id}").body
    assert (shown["affiliate_code"], shown["affiliate_url"]) == (code, f"https://{DOMAIN}/r/{code}")
    assert member.get(CREATORS).body == [shown]
    told = [each.description for each in store.each(Activity, place=organization.id)]
    assert told == ["Made an affiliate link for @ana", "Added @ana (instagram) to the roster"]


def test_of_many_who_ask_for_a_code_at_once_all_get_the_same(member: Client, creator: Creator) -> None:
    answers = in_threads(8, lambda _: member.post(path(creator)).body["affiliate_code"])
    assert len(set(answers)) == 1
    codes = [item for item in table_call("Scan")["Items"] if item.get("kind", {}).get("S") == AffiliateCode.kind]
    assert [item["code"]["S"] for item in codes] == [stored(creator).affiliate_code] == list(set(answers))


def test_a_code_that_is_taken_is_not_given_twice(
    member: Client, organization: Organization, creator: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = code_of(member, creator)
    letters = iter(first + "abcdefgh")
    monkeypatch.setattr("caidence.affiliate.codes.secrets.choice", lambda _: next(letters))
    assert code_of(member, make_creator(organization)) == "abcdefgh"
    assert stored(creator).affiliate_code == first


def test_the_public_address_is_the_operators(member: Client, creator: Creator) -> None:
    code = code_of(member, creator)
    with use({"QUINTET_PUBLIC_URL": "https://go.example.com/c/"}):
        assert member.post(path(creator)).body["affiliate_url"] == f"https://go.example.com/c/r/{code}"


def test_who_may_make_a_link(platform: Client, sign_in: SignIn, creator: Creator, other: Organization) -> None:
    assert platform.post(path(creator)).status == 401
    for role in ("viewer", "brand_member", "creator"):
        assert sign_in(role).post(path(creator)).status == 403
    assert detail(sign_in("agency_admin", other).post(path(creator))) == (404, "Creator not found")
    member = sign_in("agency_member")
    assert detail(member.post(f"{CREATORS}/{NOBODY}/affiliate")) == (404, "Creator not found")
    assert fields(member.post(f"{CREATORS}/7/affiliate")) == ["path.creator_id"]
    assert stored(creator) == creator


def test_a_permission_for_a_brand_makes_links_there(viewer: Client, organization: Organization) -> None:
    brand = make_brand(organization)
    lend(viewer, "creators:write", scope="brand", id=brand.id)
    assert viewer.post(path(make_creator(organization, brand))).status == 200
    assert viewer.post(path(make_creator(organization))).status == 403


def test_a_link_leads_where_the_shop_is_with_the_code(member: Client, platform: Client, creator: Creator) -> None:
    code = code_of(member, creator)
    answer = opened(platform, code)
    assert (answer.status, answer.body, answer.headers["location"]) == (
        302, None, f"https://{DOMAIN}/?ref={code}",
    )  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"
    assert code_of(member, creator, target_url=SHOP) == code
    assert opened(platform, code.upper()).headers["location"] == (
        f"https://shop.example.com/summer?utm_source=ana&ref={code}#top"
    )
    moved = member.post(path(creator), {"target_url": "https://shop.example.com"})
    assert moved.body["target_url"] == "https://shop.example.com"
    assert opened(platform, code).headers["location"] == f"https://shop.example.com?ref={code}"
    assert member.post(path(creator)).body == moved.body


def test_a_first_link_may_name_its_page(member: Client, platform: Client, creator: Creator) -> None:
    code = code_of(member, creator, target_url="https://shop.example.com/a")
    assert opened(platform, code).headers["location"] == f"https://shop.example.com/a?ref={code}"


def test_links_without_a_page_lead_to_the_operators(member: Client, creator: Creator) -> None:
    code = code_of(member, creator)
    with use({"QUINTET_AFFILIATE_TARGET": "https://www.example.com/welcome"}):
        assert opened(member, code).headers["location"] == f"https://www.example.com/welcome?ref={code}"


@pytest.mark.parametrize(
    "target",
    ["", "shop", "//shop.example.com", "javascript:alert(1)", "https://", "https://a b.example", "https://u:p@x.example",
     "https://x.example/\r\nSet-Cookie: a=b", "https://x.example/" + "a" * 2048, "https://x.example/" + "é" * 1000, 7],
)  # fmt: skip
def test_what_is_no_page_is_refused(member: Client, creator: Creator, target: Any) -> None:
    assert fields(member.post(path(creator), {"target_url": target})) == ["body.target_url"]
    assert stored(creator) == creator


def test_an_address_beyond_ascii_is_written_as_a_header_can_carry_it() -> None:
    given = "https://straße.example:8443/größe/50%25?q=münchen&x=%C3%A4#läden"
    assert in_ascii(given) == (
        "https://xn--strae-oqa.example:8443/gr%C3%B6%C3%9Fe/50%25?q=m%C3%BCnchen&x=%C3%A4#l%C3%A4den"
    )
    assert with_code("https://a.example/?", "c") == "https://a.example/?ref=c"


@pytest.mark.parametrize("code", ["nobody22", "%20", "a" * 201, "r#x", "code%00"])
def test_a_code_that_there_is_not_leads_nowhere(platform: Client, code: str) -> None:
    assert opened(platform, code).status == 404


def test_a_visitor_counts_once_a_day(member: Client, creator: Creator) -> None:
    code = code_of(member, creator)
    with frozen(datetime(2026, 3, 1, 22, tzinfo=UTC)) as clock:
        for agent, ip in [
            (PHONE, "203.0.113.9"),
            (PHONE, "203.0.113.9"),
            (LAPTOP, "203.0.113.9"),
            (PHONE, "198.51.100.1"),
        ]:
            assert opened(member, code, agent, ip).status == 302
        assert figures(creator) == summed(clicks=3)
        clock.advance(hours=3)
        opened(member, code)
        opened(member, code)
    assert figures(creator) == summed(clicks=4)


def test_addresses_of_one_network_are_one_visitor(member: Client, creator: Creator) -> None:
    code = code_of(member, creator)
    for ip in ("2001:db8:1:2::7", "2001:db8:1:2:abcd::9", "2001:db8:1:3::7"):
        opened(member, code, ip=ip)
    assert figures(creator) == summed(clicks=2)


def test_the_same_visitor_counts_for_each_creator(member: Client, organization: Organization) -> None:
    creators = [make_creator(organization) for _ in range(2)]
    for creator in creators:
        opened(member, code_of(member, creator))
    assert [figures(creator) for creator in creators] == [summed(clicks=1)] * 2


def test_a_visitor_who_comes_many_times_at_once_counts_once(member: Client, creator: Creator) -> None:
    code = code_of(member, creator)
    answers = in_threads(8, lambda _: opened(member, code).status)
    assert answers == [302] * 8
    assert figures(creator) == summed(clicks=1)


@pytest.mark.parametrize("agent", [None, "", "curl/8.10.1", "Mozilla/5.0 (compatible; Googlebot/2.1)"])
def test_a_machine_is_sent_on_and_not_counted(member: Client, creator: Creator, agent: str | None) -> None:
    assert opened(member, code_of(member, creator), agent).status == 302
    assert figures(creator) == summed()


def test_an_address_counts_a_few_times_a_day_whatever_its_browsers_call_themselves(
    member: Client, creator: Creator
) -> None:
    code = code_of(member, creator)
    with frozen(datetime(2026, 3, 1, 22, tzinfo=UTC)) as clock:
        assert [opened(member, code, f"{PHONE} v{n}").status for n in range(MOST + 3)] == [302] * (MOST + 3)
        assert figures(creator) == summed(clicks=MOST)
        opened(member, code, PHONE, "198.51.100.1")
        assert figures(creator) == summed(clicks=MOST + 1)
        clock.advance(hours=3)
        opened(member, code, f"{PHONE} v0")
    assert figures(creator) == summed(clicks=MOST + 2)


def test_asking_for_the_head_alone_is_no_click(member: Client, creator: Creator) -> None:
    answer = member.as_caller(None).request("HEAD", f"/r/{code_of(member, creator)}", headers={"User-Agent": PHONE})
    assert answer.status == 302
    assert figures(creator) == summed()


@pytest.mark.parametrize(("public", "home"), [("", f"https://{DOMAIN}/"), ("https://go.example.com/c", None)])
def test_a_link_of_which_nobody_named_a_page_leads_to_the_platform(
    member: Client, creator: Creator, public: str, home: str | None
) -> None:
    """To an address that is the same from wherever the link was opened, with a closing slash and without."""
    code = code_of(member, creator)
    with use({"QUINTET_PUBLIC_URL": public}):
        for link in (code, f"{code}/"):
            assert opened(member, link).headers["location"] == f"{home or 'https://go.example.com/c/'}?ref={code}"


def test_a_page_loaded_ahead_is_not_counted(member: Client, creator: Creator) -> None:
    assert opened(member, code_of(member, creator), **{"Sec-Purpose": "prefetch"}).status == 302
    assert figures(creator) == summed()


@pytest.mark.parametrize("status", STATUSES)
def test_links_of_past_creators_go_on(member: Client, organization: Organization, status: str) -> None:
    creator = make_creator(organization, status=status)
    assert opened(member, code_of(member, creator)).status == 302
    assert figures(creator) == summed(clicks=1)


def test_what_is_kept_of_a_visit_names_nobody_and_expires(member: Client, creator: Creator) -> None:
    code = code_of(member, creator)
    with frozen(datetime(2026, 3, 1, 23, 59, tzinfo=UTC)) as clock:
        opened(member, code)
        ends = int(clock.at.timestamp()) + 2 * 86_400
        clock.advance(hours=1)
        opened(member, code)
    visits = [item for item in table_call("Scan")["Items"] if item.get("kind", {}).get("S") == Visit.kind]
    assert "203.0.113.9" not in str(visits)
    assert "iPhone" not in str(visits)
    assert sorted(int(item["expires_at"]["N"]) for item in visits) == [ends, ends + 3600]
    assert len({item["visitor"]["S"] for item in visits}) == 2  # nobody can be followed from one day to the next


def test_a_visitor_is_sent_on_though_nothing_can_be_counted(
    member: Client, creator: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = code_of(member, creator)

    def failing(*_: object) -> bool:
        raise BUSY()

    monkeypatch.setattr("caidence.affiliate.clicks.count", failing)
    assert opened(member, code).status == 302


def test_the_performance_is_for_readers(
    platform: Client, sign_in: SignIn, creator: Creator, other: Organization
) -> None:
    at = f"{CREATORS}/{creator.id}/performance"
    assert platform.get(at).status == 401
    assert sign_in("viewer").get(at).status == 403
    assert detail(sign_in("agency_admin", other).get(at)) == (404, "Creator not found")
    reader = sign_in("brand_member")
    assert fields(reader.get(f"{CREATORS}/7/performance")) == ["path.creator_id"]
    answer = reader.get(at)
    assert (answer.status, answer.body) == (200, summed())
