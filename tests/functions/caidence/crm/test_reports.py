"""Reports: who may make one on whom, where it is then, and what fails without harm."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pypdf import PdfReader

from caidence.activity.log import Activity
from caidence.crm.reports import Report
from caidence.directory.entities import Organization
from caidence.service import api, store
from caidence.tenancy import usage
from quintet.models.time import frozen
from quintet.net import aws
from quintet.providers import storage
from quintet.providers.errors import Unavailable
from quintet.settings import settings, use
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import SignIn, account_of, as_account, lend, make_brand
from tests.functions.caidence.creators.conftest import make_creator
from tests.functions.caidence.crm.conftest import REPORT, happen, influencer, join, make_campaign
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields
from tests.support.aws import in_threads
from tests.support.calls import recorded

MISSING = (404, "Influencer not found")


def make(client: Client, handle: str = "ana", **query: str) -> Answer:
    return client.post(REPORT, query={"handle": handle, **query})


def file_of(answer: Answer) -> str:
    """Where in the bucket the URL of an answer leads."""
    assert answer.status == 200, answer
    parts = urlsplit(answer.body["download_url"])
    path = unquote(parts.path).lstrip("/")
    bucket = settings().bucket
    return path.removeprefix(f"{bucket}/") if not parts.netloc.startswith(bucket) else path


def content_of(answer: Answer) -> bytes:
    found = aws.client("s3").get_object(Bucket=settings().bucket, Key=file_of(answer))
    assert found["ContentType"] == "application/pdf"
    content: bytes = found["Body"].read()
    return content


def text_of(answer: Answer) -> str:
    pages = PdfReader(io.BytesIO(content_of(answer))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def ana(organization: Organization) -> Any:
    """Somebody on the roster, in a campaign that spent and earned."""
    creator = make_creator(
        organization, handle="ana", platform="instagram", name="Ana 田中", status="active", follower_count=48_200,
        engagement_rate=3.4, category="food",
    )  # fmt: skip
    campaign = make_campaign(organization, "Summer Citrus")
    join(campaign, "ana")
    happen(campaign, "impression", count=1_000)
    happen(campaign, "spend", value=250_000)
    happen(campaign, "conversion", value=400_000, count=20)
    return creator


@pytest.mark.usefixtures("ana")
def test_a_report_is_a_pdf_behind_a_url_that_works_for_an_hour(
    agency_admin: Client, organization: Organization
) -> None:
    account = account_of(agency_admin)
    with frozen(datetime(2026, 9, 1, 8, 30, tzinfo=UTC)):
        client = as_account(agency_admin, account)
        answer = make(client, " @ANA ")
    assert answer.body["expires_at"] == "2026-09-01T09:30:00Z"
    assert set(answer.body) == {"download_url", "expires_at"}
    assert answer.headers["x-data-source"] == "stored"
    asked = parse_qs(urlsplit(answer.body["download_url"]).query)
    assert asked["X-Amz-Expires"] == ["3600"]
    assert asked["response-content-disposition"] == ["attachment; filename*=UTF-8''xray-ana.pdf"]
    assert file_of(answer) == f"caidence/crm/{organization.id}/{influencer(organization, 'ana').id}.pdf"
    said = text_of(answer)
    for part in ("Ana", "田中", "@ana", "ACTIVE", "48,200", "3.4% engagement rate", "Summer Citrus", "2,500.00",
                 "4,000.00", "+60%", organization.name):  # fmt: skip
        assert part in said, part


@pytest.mark.usefixtures("ana")
def test_the_same_data_make_the_same_file_and_count_once(agency_admin: Client, organization: Organization) -> None:
    first = content_of(make(agency_admin))
    assert content_of(make(agency_admin)) == first
    assert usage.of_organization(organization.id).storage == len(first) == usage.storage_used()
    told = [entry.type for entry in store.query(Activity, place=organization.id).items]
    assert told.count("report.generated") == 1


@pytest.mark.usefixtures("ana")
def test_new_data_take_the_place_of_the_old_file(agency_admin: Client, organization: Organization) -> None:
    first = make(agency_admin)
    old = content_of(first)
    for number in range(30):
        join(make_campaign(organization, f"Campaign {number}"), "ana")
    second = make(agency_admin)
    new = content_of(second)
    assert file_of(first) == file_of(second)
    assert new != old
    assert usage.of_organization(organization.id).storage == len(new)
    report = store.get(Report, organization_id=organization.id, influencer_id=influencer(organization, "ana").id)
    assert report is not None
    assert report.size == len(new)


@pytest.mark.usefixtures("ana")
def test_reports_made_at_once_count_once(agency_admin: Client, organization: Organization) -> None:
    answers = in_threads(4, lambda _: make(agency_admin).status)
    assert answers == [200] * 4
    assert usage.of_organization(organization.id).storage == len(content_of(make(agency_admin)))


@pytest.mark.usefixtures("ana")
def test_the_activity_list_tells_of_a_report(agency_admin: Client, organization: Organization) -> None:
    make(agency_admin)
    entry = store.query(Activity, place=organization.id, limit=1).items[0]
    assert (entry.type, entry.description) == ("report.generated", "Generated the report on @ana")
    assert entry.user_id == account_of(agency_admin).id


@pytest.mark.usefixtures("ana")
def test_an_unknown_handle_and_anothers_are_not_found(
    agency_admin: Client, sign_in: SignIn, other: Organization
) -> None:
    assert detail(make(agency_admin, "nobody")) == MISSING
    assert detail(make(sign_in("agency_admin", other))) == MISSING
    assert detail(make(sign_in("agency_admin", None))) == MISSING


@pytest.mark.usefixtures("ana")
def test_another_organization_cannot_be_named(
    agency_admin: Client, organization: Organization, other: Organization
) -> None:
    join(make_campaign(other), "ana")
    foreign = (404, "Organization not found")
    assert detail(make(agency_admin, organization_id=other.id)) == foreign
    assert detail(make(agency_admin, organization_id=NOBODY)) == foreign
    assert make(agency_admin, organization_id=organization.id).status == 200


@pytest.mark.usefixtures("ana")
def test_a_super_admin_names_the_organization_only_where_several_have_the_handle(
    super_admin: Client, organization: Organization, other: Organization
) -> None:
    assert organization.id in file_of(make(super_admin))
    assert detail(make(super_admin, "nobody")) == MISSING
    join(make_campaign(other), "ana")
    answer = make(super_admin)
    assert fields(answer) == ["query.organization_id"]
    assert other.id in file_of(make(super_admin, organization_id=other.id))
    assert detail(make(super_admin, organization_id=NOBODY)) == (404, "Organization not found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "query.handle"),
        ({"handle": ""}, "query.handle"),
        ({"handle": "  "}, "query.handle"),
        ({"handle": "@"}, "query.handle"),
        ({"handle": "no spaces"}, "query.handle"),
        ({"handle": "x" * 101}, "query.handle"),
        ({"handle": "ana", "organization_id": "1"}, "query.organization_id"),
    ],
)
def test_bad_input_is_named(agency_admin: Client, query: dict[str, str], field: str) -> None:
    assert fields(agency_admin.post(REPORT, query=query)) == [field]


@pytest.mark.parametrize("role", ["viewer", "creator", "brand_member", "brand_admin", "agency_member"])
@pytest.mark.usefixtures("ana")
def test_who_may_not_write_customer_relations_is_refused(sign_in: SignIn, role: str) -> None:
    assert make(sign_in(role)).status == 403


@pytest.mark.usefixtures("ana")
def test_permission_for_a_brand_alone_does_not_reach_the_organizations_influencers(
    viewer: Client, organization: Organization
) -> None:
    brand = make_brand(organization)
    lend(viewer, "crm:write", scope="brand", id=brand.id)
    assert make(viewer).status == 403


def test_without_a_token_nobody_comes_in(platform: Client) -> None:
    assert detail(make(platform)) == (401, "Could not validate credentials")


@pytest.mark.usefixtures("ana")
def test_storage_that_fails_is_told_and_leaves_nothing(
    agency_admin: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(*_: object) -> None:
        raise Unavailable("storage answered InternalError")

    monkeypatch.setattr(storage, "put", put)
    assert detail(make(agency_admin)) == (502, "The report could not be stored: storage answered InternalError")
    assert usage.of_organization(organization.id).storage == 0
    assert store.query(Report, organization_id=organization.id).items == []


@pytest.mark.usefixtures("ana")
def test_without_a_bucket_there_are_no_reports(agency_admin: Client) -> None:
    with use({"QUINTET_BUCKET": ""}):
        assert detail(make(agency_admin)) == (503, "No place for reports is configured")


def test_demo_influencers_have_demo_reports_while_the_platform_is_empty(
    development: Client,
) -> None:
    answer = make(development, "@lena.bakes")
    assert answer.headers["x-data-source"] == "demo"
    assert "demo data" in text_of(answer)
    assert content_of(make(development, "lena.bakes")) == content_of(answer)
    assert detail(make(development, "nobody")) == MISSING


def test_a_demo_handle_is_nobody_once_there_are_influencers(agency_admin: Client, organization: Organization) -> None:
    make_creator(organization, handle="ana")
    assert detail(make(agency_admin, "lena.bakes")) == MISSING


@pytest.mark.usefixtures("ana")
def test_a_report_reads_a_bounded_number_of_campaigns(agency_admin: Client, organization: Organization) -> None:
    with recorded() as few:
        make(agency_admin)
    for number in range(3):
        campaign = make_campaign(organization, f"Campaign {number}")
        join(campaign, "ana")
        for _ in range(4):
            happen(campaign, "click", count=10)
    with recorded() as many:
        make(agency_admin)
    assert many.names == few.names


def test_the_operation_takes_the_layer_that_has_the_faces() -> None:
    (operation,) = [each for each in api.load() if each.id == "crm.generate_report"]
    assert operation.layers == ("documents",)
