"""Influencers in campaigns: who is meant by a handle, and whom they reach while a campaign is active."""

from __future__ import annotations

import pytest

from caidence.campaigns import history, influencers
from caidence.campaigns.entities import MOST_INFLUENCERS, MOST_PLATFORMS, Campaign, Influencer, Namesakes
from caidence.campaigns.figures import EVERYBODY
from caidence.campaigns.figures import organization as org
from caidence.campaigns.influencers import Seen
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.api import ApiError
from quintet.store import until_settled
from quintet.testing import Client
from tests.functions.caidence.campaigns.conftest import (
    MISSING,
    add,
    at,
    detail,
    fields,
    good,
    make_campaign,
    report,
    stored,
)
from tests.support.aws import in_threads


def learned(organization: Organization, seen: Seen) -> None:
    """A roster says something of somebody, for the first time or again."""

    def attempt() -> None:
        tx = store.transaction()
        held = [
            one for one in store.each(Influencer, organization_id=organization.id) if one.creator_id == seen.creator_id
        ]
        if held:
            influencers.follow(tx, organization.id, held[0].id, seen)
        else:
            influencers.enrol(tx, organization.id, seen)
        tx.commit()

    until_settled(attempt)


def handles(client: Client, campaign: Campaign) -> list[str]:
    return sorted(each["handle"] for each in good(client.get(at(campaign)))["influencers"])


def test_an_unknown_influencer_becomes_known_by_the_handle(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization, channels=["Email", "TikTok"])
    answer = good(add(member, campaign, "  @Ana.Cooks "))
    influencer = answer["influencer"]
    assert answer == {
        "message": "Influencer added to campaign", "campaign_id": campaign.id,
        "influencer": {
            "id": influencer["id"], "organization_id": organization.id, "handle": "ana.cooks", "platform": "tiktok",
            "name": "ana.cooks", "created_at": influencer["created_at"], "updated_at": influencer["created_at"],
        },
    }  # fmt: skip
    assert good(member.get(at(campaign)))["influencers"] == [influencer]


def test_adding_twice_changes_nothing(member: Client, organization: Organization) -> None:
    campaign, another = make_campaign(organization), make_campaign(organization)
    first = good(add(member, campaign, "ana"))
    before = stored(campaign)
    assert good(add(member, campaign, "@ANA")) == first
    assert stored(campaign) == before
    assert good(add(member, another, "ana"))["influencer"] == first["influencer"]
    assert store.count(Influencer, organization_id=organization.id) == 1


def test_of_parallel_additions_of_one_handle_one_influencer_is_made(member: Client, organization: Organization) -> None:
    campaigns = [make_campaign(organization, status="active") for _ in range(2)]
    answers = in_threads(4, lambda n: good(add(member, campaigns[n % 2], "ana"))["influencer"]["id"])
    assert len(set(map(str, answers))) == 1, answers
    assert [stored(campaign).influencers for campaign in campaigns] == [1, 1]
    (ana,) = store.query(Influencer, organization_id=organization.id).items
    assert ana.active_in == 2


def test_an_organizations_influencers_are_its_own(
    member: Client, super_admin: Client, organization: Organization, other: Organization
) -> None:
    mine, foreign = make_campaign(organization), make_campaign(other)
    first = good(add(member, mine, "ana"))["influencer"]["id"]
    assert good(add(super_admin, foreign, "ana"))["influencer"]["id"] != first
    assert detail(add(member, foreign, "ana")) == MISSING


@pytest.mark.parametrize("handle", ["", " ", "@", "a b", "ana/cooks", "x" * 101, "...", "a\u200bb", "a\u0000"])
def test_what_is_no_handle_is_refused(member: Client, organization: Organization, handle: str) -> None:
    campaign = make_campaign(organization)
    assert fields(add(member, campaign, handle)) == ["query.influencer_handle"]
    assert fields(member.post(at(campaign, "/influencers"))) == ["query.influencer_handle"]
    assert handles(member, campaign) == []


def test_a_full_campaign_takes_nobody_more_and_can_be_launched_spent_in_and_deleted(
    member: Client, organization: Organization
) -> None:
    campaign = make_campaign(organization)
    for number in range(MOST_INFLUENCERS):
        store_directly(campaign, f"h{number}")
    answer = add(member, campaign, "one.more")
    assert detail(answer) == (409, "A campaign has at most 80 influencers")
    assert add(member, campaign, "h3").status == 200
    good(member.post(at(campaign, "/launch")))
    report(member, campaign, "spend", value=8_001, external_id="1")
    spent = sum(relation.spend for relation in everybody(organization))
    assert spent == 8_001
    good(member.delete(at(campaign)))
    assert {person.active_in for person in store.each(Influencer, organization_id=organization.id)} == {0}


def store_directly(campaign: Campaign, handle: str) -> None:
    """What adding somebody writes, without the activity."""
    old = stored(campaign)
    tx = store.transaction()
    tx.replace(old, old.model_copy(update={"influencers": old.influencers + 1}))
    influencers.join(tx, old, handle, None)
    tx.commit()


def everybody(organization: Organization) -> list[history.Relation]:
    return history.of_influencers(list(store.each(Influencer, organization_id=organization.id)))


def test_reach_is_the_followers_of_those_in_active_campaigns_each_once(
    member: Client, organization: Organization, other: Organization
) -> None:
    first, second = make_campaign(organization), make_campaign(organization)

    def reach() -> int:
        found = influencers.reach(org(organization.id))
        assert influencers.reach(EVERYBODY) == found
        return found

    learned(organization, Seen("a", "ana", "instagram", "Ana", 1000))
    add(member, first, "ana")
    add(member, second, "ana")
    add(member, second, "ben")
    assert reach() == 0
    good(member.post(at(first, "/launch")))
    assert reach() == 1000
    good(member.post(at(second, "/launch")))
    assert reach() == 1000
    learned(organization, Seen("b", "ben", "tiktok", "Ben", 70))
    learned(organization, Seen("c", "ana", "youtube", "", 5))
    assert reach() == 1070, "who has the same handle elsewhere is somebody else"
    learned(organization, Seen("a", "ana", "instagram", "", 500))
    assert reach() == 570
    learned(organization, Seen("a", "anna", "threads", "", 500))
    assert reach() == 570, "who moves takes the followers along"
    learned(organization, Seen("b", "ben", "tiktok"))
    assert reach() == 500, "who has none any more"
    learned(organization, Seen("b", "ben", "tiktok", "", 70))
    add(member, first, "ben")
    assert reach() == 570
    good(member.put(at(second), {"status": "paused"}))
    assert reach() == 570
    good(member.delete(at(first)))
    assert reach() == 0
    assert influencers.reach(org(other.id)) == 0


def test_a_roster_says_who_somebody_is(member: Client, organization: Organization) -> None:
    campaign = make_campaign(organization)
    good(add(member, campaign, "ana"))
    learned(organization, Seen("a", "ana", "instagram", "Ana Ruiz", 10))
    learned(organization, Seen("n", "new", "youtube", "New"))
    assert good(member.get(at(campaign)))["influencers"][0]["name"] == "Ana Ruiz"
    learned(organization, Seen("a", "ana", "instagram", "", 10))
    assert good(member.get(at(campaign)))["influencers"][0]["name"] == "ana", "a name that is taken away is gone"
    known = influencers.named(organization.id, "new")
    assert known is not None
    assert (known.platform, known.name, known.followers) == ("youtube", "New", None)


def test_who_was_only_in_a_draft_that_was_deleted_was_in_no_campaign(
    member: Client, organization: Organization
) -> None:
    draft, spent = make_campaign(organization), make_campaign(organization)
    for number in range(30):
        store_directly(draft, f"h{number}")
    good(add(member, spent, "h3"))
    report(member, spent, "spend", value=5)
    for campaign in (draft, spent):
        good(member.delete(at(campaign)))
    found = {relation.influencer.handle: relation for relation in everybody(organization)}
    assert len(found) == 30
    assert {handle for handle, relation in found.items() if relation.campaigns} == {"h3"}
    assert (found["h3"].influencer.joined, found["h4"].influencer.joined) == (1, 0)


def test_of_several_who_have_a_handle_a_campaign_means_one(member: Client, organization: Organization) -> None:
    """Who is in it already, else the one on the first of its channels, else who came first."""
    for platform in ("youtube", "instagram", "tiktok"):
        learned(organization, Seen(platform, "ana", platform))
    by_channel = make_campaign(organization, channels=["email", "TikTok", "instagram"])
    otherwise = make_campaign(organization, channels=["podcast"])
    platforms = [good(add(member, each, "ana"))["influencer"]["platform"] for each in (by_channel, otherwise)]
    assert platforms == ["tiktok", "youtube"]
    assert member.put(at(otherwise), {"channels": ["instagram"]}).status == 200
    assert good(add(member, otherwise, "ana"))["influencer"]["platform"] == "youtube"
    assert stored(otherwise).influencers == 1


def test_a_handle_is_on_the_roster_for_a_bounded_number_of_platforms(organization: Organization) -> None:
    people = {f"p{number}": f"i{number}" for number in range(MOST_PLATFORMS)}
    store.create(Namesakes(organization_id=organization.id, handle="ana", people=people))
    with pytest.raises(ApiError, match="at most 50 platforms"):
        learned(organization, Seen("a", "ana", "instagram"))


def test_parallel_launches_count_everybody_in_both(member: Client, organization: Organization) -> None:
    learned(organization, Seen("a", "ana", "instagram", "Ana", 1000))
    campaigns = [make_campaign(organization) for _ in range(3)]
    for campaign in campaigns:
        add(member, campaign, "ana")
    assert in_threads(3, lambda n: member.post(at(campaigns[n], "/launch")).status) == [200] * 3
    assert influencers.named(organization.id, "ana").active_in == 3  # type: ignore[union-attr]
    assert influencers.reach(org(organization.id)) == 1000


def test_relations_know_campaigns_and_what_was_spent(
    member: Client, organization: Organization, other: Organization
) -> None:
    first, second = make_campaign(organization, name="First"), make_campaign(organization, name="Second")
    add(member, first, "ana")
    report(member, first, "spend", value=100)
    add(member, first, "ben")
    add(member, second, "ana")
    report(member, first, "spend", value=51)
    report(member, second, "spend", value=7)
    report(member, second, "click", value=7)
    assert influencers.named(other.id, "ana") is influencers.named(organization.id, "nobody") is None
    ben, ana = everybody(organization)
    assert (ben.campaigns, ana.campaigns) == (1, 2)
    assert ben.spend + ana.spend == 158
    assert ben.spend in (25, 26)
    parts = history.parts(ana.influencer)
    assert [(part.campaign.name, part.sums.spend, part.share) for part in parts] == [
        ("Second", 7, 7),
        ("First", 151, 75),
    ]
    good(member.delete(at(second)))
    assert [part.campaign.name for part in history.parts(ana.influencer)] == ["First"]
    assert everybody(organization)[1] == ana
    assert history.of_influencers([]) == []
