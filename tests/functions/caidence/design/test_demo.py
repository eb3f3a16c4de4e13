"""Demo data of content, designs and presentations: worth opening, and made once."""

from __future__ import annotations

from caidence.content.demo import seed_content
from caidence.content.entities import Content
from caidence.design.demo import seed_designs
from caidence.design.entities import DesignAsset
from caidence.directory.entities import Organization
from caidence.presentations.demo import seed_presentations
from caidence.presentations.entities import Presentation
from caidence.service import store
from quintet.testing import Client
from tests.functions.caidence.conftest import account_of, make_brand
from tests.functions.caidence.design.conftest import DESIGN, files


def test_the_demo_is_made_once_and_every_picture_opens(member: Client, organization: Organization) -> None:
    author, brand = account_of(member), make_brand(organization, "Sol Citrus")
    for _ in range(2):
        seed_content(author, brand)
        seed_designs(author, brand)
        seed_presentations(author)
    counts = [store.count(kind, organization_id=organization.id) for kind in (Content, DesignAsset)]
    assert [*counts, store.count(Presentation, place=organization.id), len(files())] == [3, 3, 1, 3]
    for asset in member.get(DESIGN).body:
        assert asset["brand_id"] == brand.id
        assert member.get(asset["image_url"]).status == 200
