"""Generated content: who reads and writes it, who words it, and that another organization's is not there."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.activity.log import Activity
from caidence.content import generation
from caidence.content.entities import Content
from caidence.content.generation import ContentWish
from caidence.directory.entities import Organization
from caidence.service import store
from infra.local.converse import Step
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import BASE, SignIn, account_of, lend, make_brand, make_user
from tests.support.aws import in_threads
from tests.support.model import model

CONTENT, GENERATE = f"{BASE}/content", f"{BASE}/content/generate"
NOBODY = "0198c0de-0000-7000-8000-000000000099"
MISSING = {"detail": "Content not found"}
BRIEF = {
    "title": "Cold-pressed summer",
    "platform": "instagram",
    "content_type": "caption",
    "prompt": "Write a caption for our cold-pressed orange juice. Mention the Andalusian groves.",
}


def made(client: Client, **more: Any) -> dict[str, Any]:
    answer = client.post(GENERATE, {**BRIEF, **more})
    assert answer.status == 200, answer
    return dict(answer.body)


def refused_fields(answer: Answer) -> list[str]:
    assert answer.status == 422, answer
    return [".".join(map(str, problem["loc"])) for problem in answer.body["detail"]]


def activities(organization: Organization) -> list[tuple[str, str]]:
    rows = store.query(Activity, "main", place=organization.id, limit=50).items
    return [(row.type, row.description) for row in rows]


def test_without_a_token_nothing_of_content_is_to_be_had(platform: Client) -> None:
    for method, path in [
        ("GET", CONTENT),
        ("POST", GENERATE),
        ("GET", f"{CONTENT}/{NOBODY}"),
        ("DELETE", f"{CONTENT}/{NOBODY}"),
    ]:
        assert platform.request(method, path, {}).status == 401, (method, path)


def test_generated_content_is_kept_whole(member: Client, organization: Organization) -> None:
    answer = member.post(GENERATE, BRIEF)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert answer.body == {
        **BRIEF,
        "id": answer.body["id"],
        "organization_id": organization.id,
        "brand_id": None,
        "content": answer.body["content"],
        "user_id": account_of(member).id,
        "created_at": answer.body["created_at"],
        "updated_at": answer.body["created_at"],
    }
    assert "Andalusian groves" in answer.body["content"]
    assert "Cold-pressed summer" in answer.body["content"]
    assert member.get(f"{CONTENT}/{answer.body['id']}").body == answer.body
    assert member.get(f"{CONTENT}/").body == [answer.body]
    assert activities(organization) == [("content.generated", "Generated caption for instagram: Cold-pressed summer")]


def test_the_model_writes_where_there_is_one_and_knows_the_brand(member: Client, organization: Organization) -> None:
    brand = make_brand(organization, "Sol Citrus")
    with model(Step(input={"content": "Squeezed this morning. 🍊"})) as asked:
        answer = member.post(GENERATE, {**BRIEF, "brand_id": brand.id})
    assert (answer.body["content"], answer.headers["x-answer-source"]) == ("Squeezed this morning. 🍊", "model")
    assert answer.body["brand_id"] == brand.id
    (call,) = asked.asked
    assert "Sol Citrus" in call.body["messages"][0]["content"][0]["text"]
    assert "marketing agency" in call.body["system"][0]["text"]


def test_a_model_that_writes_too_much_for_the_platform_is_asked_again(member: Client) -> None:
    tweet = {**BRIEF, "platform": "Twitter / X", "content_type": "post"}
    with model(Step(input={"content": "x" * 281}), Step(input={"content": "y" * 280})) as asked:
        answer = member.post(GENERATE, tweet)
    assert (answer.body["content"], len(asked.asked)) == ("y" * 280, 2)
    with model(Step(input={"content": "x" * 281}), Step(input={"content": ""})):
        answer = member.post(GENERATE, tweet)
    assert answer.headers["x-answer-source"] == "fallback"
    assert len(answer.body["content"]) <= 280


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " \t"}, "body.title"),
        ({"title": "x" * 201}, "body.title"),
        ({"title": None}, "body.title"),
        ({"platform": ""}, "body.platform"),
        ({"content_type": 7}, "body.content_type"),
        ({"prompt": "x" * 4001}, "body.prompt"),
        ({"brand_id": "no-uuid"}, "body.brand_id"),
        ({"organization_id": 3}, "body.organization_id"),
    ],
)
def test_a_bad_brief_is_refused_by_field(member: Client, change: dict[str, Any], field: str) -> None:
    assert refused_fields(member.post(GENERATE, {**BRIEF, **change})) == [field]
    assert member.get(CONTENT).body == []


def test_who_may_read_and_who_may_write(sign_in: SignIn, viewer: Client, member: Client) -> None:
    row = made(member)
    assert viewer.get(f"{CONTENT}/{row['id']}").body == row
    refused = viewer.post(GENERATE, BRIEF)
    assert (refused.status, refused.body) == (403, {"detail": "Not enough permissions"})
    assert viewer.delete(f"{CONTENT}/{row['id']}").status == 403
    assert made(sign_in("creator"))["title"] == BRIEF["title"]
    reader = sign_in("viewer")
    lend(reader, "content:read", allowed=False)
    assert reader.get(CONTENT).status == 403


def test_a_brand_may_be_lent_alone(viewer: Client, organization: Organization) -> None:
    ours, others = make_brand(organization), make_brand(organization, "Still")
    lend(viewer, "content:write", scope="brand", id=ours.id)
    row = made(viewer, brand_id=ours.id)
    refused = viewer.post(GENERATE, {**BRIEF, "brand_id": others.id})
    assert refused.body == {"detail": "deny: role viewer does not grant content:write"}
    assert viewer.post(GENERATE, BRIEF).status == 403
    assert viewer.delete(f"{CONTENT}/{row['id']}").status == 200


def test_another_organizations_content_is_not_there(member: Client, sign_in: SignIn, other: Organization) -> None:
    stranger = sign_in("agency_admin", other)
    row = made(member)
    assert stranger.get(f"{CONTENT}/{row['id']}").body == MISSING
    assert stranger.delete(f"{CONTENT}/{row['id']}").body == MISSING
    assert (stranger.get(CONTENT).body, stranger.get(CONTENT).headers["x-total-count"]) == ([], "0")
    foreign = make_brand(other)
    assert member.post(GENERATE, {**BRIEF, "brand_id": foreign.id}).body == {"detail": "Brand not found"}
    assert member.post(GENERATE, {**BRIEF, "organization_id": other.id}).body == {"detail": "Organization not found"}
    assert [each["id"] for each in member.get(CONTENT).body] == [row["id"]]


def test_super_admins_see_all_and_name_the_organization(
    super_admin: Client, member: Client, sign_in: SignIn, organization: Organization, other: Organization
) -> None:
    first, second = made(member), made(sign_in("agency_admin", other))
    answer = super_admin.get(CONTENT)
    assert [row["id"] for row in answer.body] == [second["id"], first["id"]]
    assert super_admin.get(f"{CONTENT}/{first['id']}").body == first
    assert refused_fields(super_admin.post(GENERATE, BRIEF)) == ["body.organization_id"]
    assert made(super_admin, organization_id=organization.id)["organization_id"] == organization.id
    assert sign_in("agency_admin", None).post(GENERATE, BRIEF).status == 403


def test_a_list_is_paged_newest_first(member: Client) -> None:
    rows = [made(member, title=f"Number {n}")["id"] for n in range(3)]
    first = member.get(CONTENT, query={"limit": 2})
    assert ([row["id"] for row in first.body], first.headers["x-total-count"]) == ([rows[2], rows[1]], "3")
    link = first.headers["link"].partition("<")[2].partition(">")[0]
    assert [row["id"] for row in member.get(CONTENT + link).body] == [rows[0]]
    assert [row["id"] for row in member.get(CONTENT, query={"skip": 2}).body] == [rows[0]]
    assert refused_fields(member.get(CONTENT, query={"limit": 101})) == ["query.limit"]


def test_deleted_content_is_gone_and_leaves_a_line_of_activity(member: Client, organization: Organization) -> None:
    row = made(member)
    assert member.delete(f"{CONTENT}/{row['id']}").body == {"message": "Content deleted", "id": row["id"]}
    assert member.delete(f"{CONTENT}/{row['id']}").body == MISSING
    assert member.get(f"{CONTENT}/{row['id']}").body == MISSING
    assert member.get(CONTENT).headers["x-total-count"] == "0"
    assert activities(organization)[0] == ("content.deleted", "Deleted Cold-pressed summer")


def test_of_parallel_deletions_one_deletes_and_the_count_stays_right(member: Client) -> None:
    kept, row = made(member), made(member)
    answers = in_threads(6, lambda _: member.delete(f"{CONTENT}/{row['id']}").status)
    assert sorted(answers, key=str) == [200, 404, 404, 404, 404, 404]
    listed = member.get(CONTENT)
    assert ([each["id"] for each in listed.body], listed.headers["x-total-count"]) == ([kept["id"]], "1")


def test_a_repeated_request_with_one_key_generates_once(member: Client) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first, second = (member.post(GENERATE, BRIEF, headers=headers) for _ in range(2))
    assert (first.body, second.headers["idempotency-replayed"]) == (second.body, "true")
    assert member.get(CONTENT).headers["x-total-count"] == "1"


def test_a_job_that_runs_twice_generates_once(platform: Client, organization: Organization) -> None:
    user = make_user("agency_member", organization)
    wish = ContentWish.model_validate(BRIEF)

    def run(_: int) -> Content:
        return generation.generate(wish, user, organization.id, id=NOBODY)

    with model():  # the stand-in answers with the smallest valid text
        rows = in_threads(4, run)
    assert [row for row in rows if not isinstance(row, Content) or row.content != run(0).content] == []
    assert store.count(Content, organization_id=organization.id) == 1
    assert len(activities(organization)) == 1
