"""Generated traffic against the whole marketplace, judged by its own OpenAPI: no 5xx, no undocumented status or shape.

A request comes as one of those the operation is for: the administrator, the brand or the influencer of what is there.
Half of the ids name something that exists.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from quintet.auth import tokens
from quintet.models import new_id
from quintet.net import aws as clients
from stoory import demo
from stoory.accounts.entities import EmailClaim, PhoneClaim
from stoory.applications.entities import Application
from stoory.applications.states import ApplicationStatus
from stoory.campaigns.entities import Campaign
from stoory.plans.entities import Plan
from stoory.plans.subscriptions import Subscription
from stoory.service import Role, User, api, store
from tests.fuzz.support import CHECKS, aim_fields, aim_path, few, number_of, schema_of
from tests.support import aws, market, till

pytestmark = pytest.mark.fuzz

ALL = frozenset(Role)
FINISHED = 6
schema = schema_of(api)
callers = {f"{o.method} {o.path}": o.caller for o in api.load() if o.method}
people: dict[str, market.Party] = {}
paths: dict[str, list[str]] = {}
fields: dict[str, list[str]] = {}


@pytest.fixture(scope="module", autouse=True)
def marketplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demo's people with campaigns and applications in every state, plans, a subscription, and a till."""
    with aws.aws_backend():
        key = clients.client("kms").create_key(Description="tests")["KeyMetadata"]["KeyId"]
    extra = {"QUINTET_SMS_SENDER": "QUINTET", "QUINTET_KMS_KEY": key}
    with aws.system("stoory", extra), till.till(tmp_path_factory.mktemp("till")):
        demo.seed()
        for role, email in ((Role.ADMIN, demo.ADMIN_EMAIL), (Role.BRAND, demo.BRAND_EMAIL)):
            people[role] = _known(role, _user(store.get(EmailClaim, email=email)))
        people[Role.INFLUENCER] = _known(Role.INFLUENCER, _user(store.get(PhoneClaim, phone=demo.PHONE)))
        _fill(people[Role.BRAND], people[Role.INFLUENCER])
        yield


def _user(claim: EmailClaim | PhoneClaim | None) -> str:
    assert claim is not None
    return claim.user_id


def _known(role: Role, user_id: str) -> market.Party:
    found = market.Party(api)
    found.id = user_id
    found.token, _ = tokens.issue(user_id, {"role": role}, timedelta(hours=2))
    return found


def _fill(brand: market.Party, influencer: market.Party) -> None:
    campaigns = [market.campaign(brand, status=status)["id"] for status in (*["LIVE"] * 8, *["DRAFT"] * 4)]
    applications = [market.applied(influencer, campaign)["id"] for campaign in campaigns[:3]]
    market.accepted(brand, applications[0])
    applications += [till.finished(brand, influencer).id for _ in range(FINISHED)]
    applications.append(till.finished(brand, influencer, status=ApplicationStatus.CANCELLED).id)
    begun = brand.post(f"{market.BASE}/subscriptions", {"plan_id": demo.MONTHLY})
    assert begun.status == 201, begun
    campaigns.append(demo.CAMPAIGN)
    plans = [demo.MONTHLY, demo.YEARLY]
    paths.update(
        campaigns=campaigns, applications=applications, chat=applications, plans=plans, subscriptions=[brand.id]
    )
    fields.update(campaignId=campaigns, applicationId=applications, application_id=applications, plan_id=plans)
    fields.update(brand_id=[brand.id], phone=[demo.PHONE], email=[demo.BRAND_EMAIL])


@schema.parametrize()
@few
def test_generated_requests_are_answered_as_documented(case: Any) -> None:
    aim_path(case, paths)
    aim_fields(case.query, fields)
    aim_fields(case.body, fields)
    # The generator also tries methods that an operation does not have, hence the operation's own.
    caller = callers[f"{case.operation.method.upper()} {case.operation.path}"]
    roles = sorted(caller.roles or ALL) if caller and issubclass(caller, User) else sorted(ALL)
    role = roles[number_of((case.path_parameters, case.query, case.body)) % len(roles)]
    # A key of its own: the generator likes to repeat keys, and a reply that is repeated reaches no handler.
    headers = {"Authorization": f"Bearer {people[role].token}"}
    if "Idempotency-Key" in (case.headers or {}):
        headers["Idempotency-Key"] = new_id()
    case.call_and_validate(checks=CHECKS, headers=headers)


def test_the_traffic_left_the_books_right() -> None:
    """After whatever was sent: totals are what is listed, places what is accepted, and no paisa came or went."""
    brand, influencer = people[Role.BRAND], people[Role.INFLUENCER]
    listed = list(store.each(Application, "gsi2", influencer_id=influencer.id))
    assert store.count(Application, "gsi2", influencer_id=influencer.id) == len(listed)
    assert store.count(Application, "gsi3", brand_id=brand.id) == len(listed)
    assert store.count(Plan, "gsi1") == sum(1 for _ in store.each(Plan, "gsi1"))
    assert store.count(Subscription, "gsi1") == sum(1 for _ in store.each(Subscription, "gsi1"))
    campaigns = list(store.each(Campaign, "gsi2", audience="public"))
    assert store.count(Campaign, "gsi2", audience="public") == len(campaigns)
    held = {ApplicationStatus.ACCEPTED, ApplicationStatus.COMPLETED}
    for campaign in campaigns:
        applications = store.each(Application, "gsi1", campaign_id=campaign.id)
        assert campaign.accepted_count == sum(one.status in held for one in applications)
    till.check_books([one for one in listed if one.status is ApplicationStatus.COMPLETED and one.agreed_amount])
