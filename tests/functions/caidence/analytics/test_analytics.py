"""The analytics dashboard and the simulated estimates, and where each says that its figures come from."""

from __future__ import annotations

import pytest

from caidence.analytics.simulation import reach_of
from caidence.directory.entities import Organization
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.campaigns.conftest import add, at, detail, fields, good, make_campaign, report
from tests.functions.caidence.conftest import BASE, SignIn, lend
from tests.functions.caidence.creators.conftest import make_creator

ANALYTICS = f"{BASE}/analytics"
QUESTIONS = [
    ("audience-overlap", {"channels": ["a", "b"]}),
    ("influencer-credibility", {"handle": "ana", "platform": "instagram"}),
    ("competitor-analysis", {"competitors": ["a", "b"]}),
]

pytestmark = pytest.mark.usefixtures("noon")


def source(answer: Answer) -> str:
    assert answer.status == 200, answer
    return answer.headers["x-data-source"]


def test_without_a_token_nothing_of_analytics_is_to_be_had(platform: Client) -> None:
    assert platform.get(f"{ANALYTICS}/dashboard").status == 401
    for question, body in QUESTIONS:
        assert platform.post(f"{ANALYTICS}/{question}", body).status == 401


def test_who_is_denied_analytics_is_told_by_which_rule(viewer: Client, organization: Organization) -> None:
    override = lend(viewer, "analytics:read", False, "organization", organization.id)
    lend(viewer, "analytics:read", True, "brand", "0198c0de-0000-7000-8000-000000000099")
    reason = f"deny: override {override.id} (organization {organization.id})"
    assert detail(viewer.get(f"{ANALYTICS}/dashboard")) == (403, reason)
    for question, body in QUESTIONS:
        assert detail(viewer.post(f"{ANALYTICS}/{question}", body)) == (403, reason)


def test_an_empty_platform_shows_demo_values_marked_as_such(viewer: Client, sign_in: SignIn) -> None:
    for client in (viewer, sign_in("viewer", None), sign_in("root", None)):
        answer = client.get(f"{ANALYTICS}/dashboard")
        assert source(answer) == "demo"
        assert answer.body["total_reach"] > 0
        assert answer.body["conversions"] == sum(point["conversions"] for point in answer.body["timeline"]) > 0
        assert answer.body["roi"] > 0
        assert [point["date"] for point in answer.body["timeline"]][::11] == ["2025-12-01", "2026-11-01"]
        assert all(point["impressions"] > 0 for point in answer.body["timeline"])
        assert sum(round(10 * each["percentage"]) for each in answer.body["device_breakdown"]) == 1000


def test_an_organization_without_events_has_zeros_as_soon_as_there_is_a_campaign(
    viewer: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    make_campaign(other)
    for client in (viewer, sign_in("viewer", None), sign_in("viewer", other)):
        answer = client.get(f"{ANALYTICS}/dashboard")
        assert source(answer) == "stored"
        timeline = answer.body.pop("timeline")
        assert answer.body == {
            "total_reach": 0, "engagement_rate": 0.0, "conversions": 0, "roi": 0.0, "device_breakdown": [],
        }  # fmt: skip
        assert len(timeline) == 12
        assert {point["impressions"] for point in timeline} == {0}


def test_figures_outlive_the_last_campaign(member: Client, viewer: Client, sign_in: SignIn, organization: Organization,
                                           other: Organization) -> None:  # fmt: skip
    campaign = make_campaign(organization)
    report(member, campaign, "impression", count=5)
    good(member.delete(at(campaign)))
    assert source(viewer.get(f"{ANALYTICS}/dashboard")) == "stored"
    assert source(sign_in("viewer", other).get(f"{ANALYTICS}/dashboard")) == "stored"


def test_the_dashboard_tells_what_was_stored(
    member: Client, super_admin: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    campaign, foreign = make_campaign(organization), make_campaign(other)
    report(member, campaign, "impression", count=900, device="mobile", occurred_at="2025-12-01T00:00:00Z")
    report(member, campaign, "impression", count=100, device="desktop", occurred_at="2025-11-30T23:59:59Z")
    report(member, campaign, "engagement", count=50, device="mobile")
    report(member, campaign, "conversion", count=2, value=3000, device="mobile")
    report(member, campaign, "spend", value=1000)
    report(super_admin, foreign, "impression", count=7)
    answer = sign_in("viewer").get(f"{ANALYTICS}/dashboard")
    assert source(answer) == "stored"
    timeline = answer.body.pop("timeline")
    assert answer.body == {
        "total_reach": 1000, "engagement_rate": 5.0, "conversions": 2, "roi": 200.0,
        "device_breakdown": [
            {"device": "mobile", "percentage": 90.5}, {"device": "desktop", "percentage": 9.5},
            {"device": "unassigned", "percentage": 0.0},
        ],
    }  # fmt: skip
    assert (timeline[0]["date"], timeline[0]["impressions"], timeline[-1]["spend"]) == ("2025-12-01", 900, 1000)
    assert good(super_admin.get(f"{ANALYTICS}/dashboard"))["total_reach"] == 1007


def test_reach_is_the_followers_in_active_campaigns_where_there_are_some(
    member: Client, organization: Organization
) -> None:
    campaign = make_campaign(organization)
    report(member, campaign, "impression", count=5)
    make_creator(organization, handle="ana", follower_count=12_000)
    good(add(member, campaign, "ana"))
    assert good(member.get(f"{ANALYTICS}/dashboard"))["total_reach"] == 5
    good(member.post(at(campaign, "/launch")))
    assert good(member.get(f"{ANALYTICS}/dashboard"))["total_reach"] == 12_000


def test_the_overlap_of_channels_does_not_depend_on_order_and_case(viewer: Client) -> None:
    first = viewer.post(f"{ANALYTICS}/audience-overlap", {"channels": ["Instagram", " tiktok", "YouTube"]})
    second = viewer.post(f"{ANALYTICS}/audience-overlap", {"channels": ["youtube", "TIKTOK", "ig", "instagram"]})
    assert source(first) == "simulated"
    assert first.body == second.body
    assert [each["channel"] for each in first.body["channels"]] == ["instagram", "tiktok", "youtube"]
    assert sum(each["reach"] for each in first.body["channels"]) == first.body["total_reach"]
    assert sum(each["unique_reach"] for each in first.body["channels"]) == first.body["unique_reach"]
    expected = 100 * (1 - first.body["unique_reach"] / first.body["total_reach"])
    assert abs(first.body["overlap_percentage"] - expected) < 0.01


def test_stored_impressions_say_what_a_channel_reaches(
    member: Client, organization: Organization, sign_in: SignIn, other: Organization
) -> None:
    campaign = make_campaign(organization)
    report(member, campaign, "impression", count=700, channel="instagram")
    report(member, campaign, "impression", count=300, channel="tiktok")
    report(member, campaign, "click", channel="email")
    question = {"channels": ["instagram", "tiktok"]}
    answer = member.post(f"{ANALYTICS}/audience-overlap", question)
    assert (source(answer), answer.body["total_reach"]) == ("simulated", 1000), "the overlap is nobody's measurement"
    assert answer.body["channels"][0] == {"channel": "instagram", "reach": 700, "unique_reach": 700}
    mixed = member.post(f"{ANALYTICS}/audience-overlap", {"channels": ["instagram", "email"]})
    assert source(mixed) == "simulated"
    email, instagram = (each["reach"] for each in mixed.body["channels"])
    assert instagram == 700
    assert email == max(1, reach_of("email") * 1000 // (reach_of("instagram") + reach_of("tiktok"))), "on their scale"
    foreign = sign_in("viewer", other).post(f"{ANALYTICS}/audience-overlap", question)
    assert source(foreign) == "simulated"
    assert foreign.body["total_reach"] == reach_of("instagram") + reach_of("tiktok")


def test_what_is_no_channel_is_not_compared_and_gives_no_scale(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    report(member, campaign, "impression", count=7, channel="skywriting")
    report(member, campaign, "impression", count=9)
    for none in ("other", "Unassigned"):
        answer = member.post(f"{ANALYTICS}/audience-overlap", {"channels": ["instagram", "email", none]})
        assert fields(answer) == ["body.channels"]
    found = good(member.post(f"{ANALYTICS}/audience-overlap", {"channels": ["instagram", "email"]}))
    assert found["total_reach"] == reach_of("instagram") + reach_of("email")


def test_words_for_a_platform_are_one_channel(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    for word in ("Meta", "facebook ads", "FB"):
        report(member, campaign, "impression", count=10, channel=word)
    report(member, campaign, "impression", count=5, channel="TikTok Shop")
    found = good(member.post(f"{ANALYTICS}/audience-overlap", {"channels": ["facebook", "tiktok"]}))
    assert [each["reach"] for each in found["channels"]] == [30, 5]


@pytest.mark.parametrize(
    "names", [None, [], ["a"], ["a", " A "], [str(n) for n in range(11)], ["a", ""], ["a", "b" * 101], "ab", ["a"] * 51]
)
@pytest.mark.parametrize(
    ("question", "name"), [("audience-overlap", "channels"), ("competitor-analysis", "competitors")]
)
def test_two_to_ten_different_names_are_compared(viewer: Client, question: str, name: str, names: object) -> None:
    (place,) = fields(viewer.post(f"{ANALYTICS}/{question}", {name: names}))
    assert place.startswith(f"body.{name}")
    assert fields(viewer.post(f"{ANALYTICS}/{question}", {})) == [f"body.{name}"]


def test_ten_names_and_repeated_ones_are_well(viewer: Client) -> None:
    ten = [str(n) for n in range(10)]
    assert len(good(viewer.post(f"{ANALYTICS}/audience-overlap", {"channels": ten}))["channels"]) == 10
    voices = good(viewer.post(f"{ANALYTICS}/competitor-analysis", {"competitors": [*ten, "0"]}))["share_of_voice"]
    assert sum(each["percentage"] for each in voices) == 100


def test_an_influencer_has_one_credibility(viewer: Client) -> None:
    def asked(handle: str, platform: str) -> Answer:
        return viewer.post(f"{ANALYTICS}/influencer-credibility", {"handle": handle, "platform": platform})

    answer = asked("@Ana.Cooks", "Instagram")
    assert source(answer) == "simulated"
    assert asked(" ana.cooks", "ig").body == answer.body
    assert asked("ana.cooks", "tiktok").body != answer.body
    assert answer.body.keys() == {
        "handle", "platform", "credibility_score", "fake_follower_percentage", "verification_status", "risk_level",
    }  # fmt: skip
    assert (answer.body["handle"], answer.body["platform"]) == ("ana.cooks", "instagram")


def test_what_is_stored_of_an_influencer_says_how_credible_they_are(
    member: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    def asked(client: Client, handle: str, platform: str = "instagram") -> Answer:
        return client.post(f"{ANALYTICS}/influencer-credibility", {"handle": handle, "platform": platform})

    make_creator(organization, handle="real", follower_count=10_000, engagement_rate=4.5, status="active")
    make_creator(organization, handle="bought", follower_count=900_000, engagement_rate=0.01)
    make_creator(organization, handle="unknown", follower_count=10_000)
    real, bought = asked(member, "@Real"), asked(member, "bought")
    assert source(real) == source(bought) == "stored"
    assert (real.body["credibility_score"], real.body["risk_level"]) == (90, "low")
    assert real.body["verification_status"] == "verified"
    assert (bought.body["credibility_score"], bought.body["risk_level"]) == (6, "high")
    assert source(asked(member, "unknown")) == "simulated", "followers alone say nothing"
    assert source(asked(member, "real", "tiktok")) == "simulated", "it is another one there"
    assert source(asked(sign_in("viewer", other), "real")) == "simulated", "what others know stays theirs"
    assert asked(sign_in("root", None), "real").body == real.body
    campaign = make_campaign(organization)
    good(add(member, campaign, "unknown"))
    report(member, campaign, "impression", count=2_000)
    report(member, campaign, "engagement", count=80)
    measured = asked(member, "unknown")
    assert (source(measured), measured.body["credibility_score"]) == ("stored", 85)
    report(member, campaign, "conversion", count=3, value=100)
    assert asked(member, "unknown").body["credibility_score"] == 95


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"platform": "instagram"}, "body.handle"),
        ({"handle": "a b", "platform": "instagram"}, "body.handle"),
        ({"handle": "ana"}, "body.platform"),
        ({"handle": "ana", "platform": "myspace"}, "body.platform"),
    ],
)
def test_a_bad_question_about_an_influencer_is_refused(viewer: Client, body: dict[str, str], field: str) -> None:
    assert fields(viewer.post(f"{ANALYTICS}/influencer-credibility", body)) == [field]


def test_competitors_keep_their_names_and_their_figures(viewer: Client) -> None:
    first = viewer.post(f"{ANALYTICS}/competitor-analysis", {"competitors": ["Spritz", "Fizz"]})
    assert source(first) == "simulated"
    assert [each["competitor"] for each in first.body["share_of_voice"]] == ["Fizz", "Spritz"]
    assert sum(each["percentage"] for each in first.body["share_of_voice"]) == 100
    assert all(each["positive"] + each["neutral"] + each["negative"] == 100 for each in first.body["sentiment"])
    second = good(viewer.post(f"{ANALYTICS}/competitor-analysis", {"competitors": ["FIZZ", "spritz"]}))
    assert [each["percentage"] for each in second["share_of_voice"]] == [
        each["percentage"] for each in first.body["share_of_voice"]
    ]
    assert [each["positive"] for each in second["sentiment"]] == [each["positive"] for each in first.body["sentiment"]]
