"""The demo data of a roster."""

from __future__ import annotations

from caidence.affiliate.demo import CREATORS as SEEDED
from caidence.affiliate.demo import seed_affiliate
from caidence.directory.entities import Organization
from quintet.testing import Client
from tests.functions.caidence.affiliate.conftest import opened, summed
from tests.functions.caidence.conftest import account_of, make_brand
from tests.functions.caidence.creators.conftest import CREATORS
from tests.functions.caidence.tenancy.conftest import ids


def test_a_demo_roster_has_creators_with_figures(member: Client, organization: Organization) -> None:
    brand = make_brand(organization)
    made = [seed_affiliate(account_of(member), brand) for _ in range(2)]
    assert made[0] == made[1]
    shown = member.get(CREATORS, query={"brand_id": brand.id}).body
    assert [row["handle"] for row in reversed(shown)] == [creator["handle"] for creator in SEEDED]
    assert ids(member.get(CREATORS, query={"status": "active"})) == [
        row["id"] for row in shown if row["affiliate_code"]
    ]
    figures = [member.get(f"{CREATORS}/{row['id']}/performance").body for row in reversed(shown)]
    assert figures == [
        summed(clicks=412, conversions=4, revenue=26_360, commission=3_295, rate=0.97),
        summed(clicks=1_268, conversions=3, revenue=11_960, commission=1_196, rate=0.24),
        summed(),
    ]
    code = shown[-1]["affiliate_code"]
    assert opened(member, code).headers["location"] == f"https://shop.example.com/sol-citrus?ref={code}"
