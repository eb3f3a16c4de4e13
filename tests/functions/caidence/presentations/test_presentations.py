"""Presentations: outlined by a model or the house, and seen by their author's organization."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caidence.access.defaults import DEFAULT_ID
from caidence.activity.log import Activity
from caidence.directory.entities import Organization
from caidence.presentations import generation
from caidence.presentations.entities import Presentation, Slide
from caidence.presentations.generation import Deck, PresentationWish
from caidence.presentations.outlines import outline
from caidence.service import store
from infra.local.converse import Step
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, account_of, as_account, make_user
from tests.support.aws import in_threads
from tests.support.model import model

LIST, GENERATE = f"{BASE}/presentation", f"{BASE}/presentation/generate"
NOBODY = "0198c0de-0000-7000-8000-000000000099"
WISH = {"title": "Summer launch", "source_type": "campaign"}
SLIDE = {"title": "The point", "bullets": ["One", "Two"], "notes": "Say it."}


def made(client: Client, **more: Any) -> dict[str, Any]:
    answer = client.post(GENERATE, {**WISH, **more})
    assert answer.status == 200, answer
    return dict(answer.body)


def test_in_production_a_token_is_needed(platform: Client) -> None:
    for method, path in [("POST", GENERATE), ("GET", LIST), ("GET", f"{LIST}/{NOBODY}")]:
        assert platform.request(method, path, WISH).status == 401, (method, path)


def test_in_development_the_default_account_makes_and_sees_them(development: Client) -> None:
    row = made(development)
    assert (row["user_id"], row["organization_id"]) == (DEFAULT_ID, None)
    assert development.get(f"{LIST}/").body == [row]
    assert development.get(f"{LIST}/{row['id']}").body == row


def test_a_presentation_is_kept_whole(viewer: Client, organization: Organization) -> None:
    answer = viewer.post(GENERATE, WISH)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    slides = [slide.model_dump() for slide in outline("Summer launch", "campaign")]
    assert answer.body == {
        **WISH,
        "id": answer.body["id"],
        "organization_id": organization.id,
        "user_id": account_of(viewer).id,
        "slides": slides,
        "created_at": answer.body["created_at"],
        "updated_at": answer.body["created_at"],
    }
    assert viewer.get(f"{LIST}/{answer.body['id']}").body == answer.body
    (activity,) = store.query(Activity, "main", place=organization.id, limit=9).items
    assert (activity.type, activity.description) == (
        "presentation.generated",
        "Generated the presentation Summer launch",
    )


def test_the_model_outlines_where_there_is_one(viewer: Client) -> None:
    with model(Step(input={"slides": [SLIDE] * 3})) as asked:
        answer = viewer.post(GENERATE, WISH)
    assert (answer.body["slides"], answer.headers["x-answer-source"]) == ([SLIDE] * 3, "model")
    assert "Summer launch" in asked.asked[0].body["messages"][0]["content"][0]["text"]
    with model(Step(input={"slides": [SLIDE]}), Step(error="ThrottlingException")):
        assert viewer.post(GENERATE, WISH).headers["x-answer-source"] == "fallback"


def test_an_organization_sees_its_own_and_nobody_elses(
    viewer: Client, member: Client, super_admin: Client, sign_in: SignIn, other: Organization
) -> None:
    stranger, alone, another = sign_in("agency_admin", other), sign_in("viewer", None), sign_in("viewer", None)
    ours, theirs, own = made(viewer), made(stranger), made(alone)
    for client, row in [(member, ours), (stranger, theirs), (alone, own)]:
        answer = client.get(LIST)
        assert ([each["id"] for each in answer.body], answer.headers["x-total-count"]) == ([row["id"]], "1")
        for each in (ours, theirs, own):
            found = client.get(f"{LIST}/{each['id']}")
            expected = each if each == row else {"detail": "Presentation not found"}
            assert found.body == expected
    assert another.get(LIST).body == []
    assert [row["id"] for row in super_admin.get(LIST).body] == [own["id"], theirs["id"], ours["id"]]
    assert [super_admin.get(f"{LIST}/{row['id']}").body for row in (ours, theirs, own)] == [ours, theirs, own]
    assert super_admin.get(f"{LIST}/{NOBODY}").status == 404


def test_what_somebody_made_alone_stays_theirs_when_they_join_an_organization(
    platform: Client, member: Client, organization: Organization
) -> None:
    user = make_user("viewer", None)
    client = as_account(platform, user)
    own = [made(client, title=f"Own {n}")["id"] for n in range(2)]
    store.replace(user, user.model_copy(update={"organization_id": organization.id}))
    ours = [made(client, title=f"Ours {n}")["id"] for n in range(2)]
    whole = client.get(LIST)
    expected = [ours[1], ours[0], own[1], own[0]]
    assert ([row["id"] for row in whole.body], whole.headers["x-total-count"]) == (expected, "4")
    for skip in range(5):
        page = client.get(LIST, query={"skip": skip, "limit": 2})
        assert ([row["id"] for row in page.body], page.headers["x-total-count"]) == (expected[skip : skip + 2], "4")
    assert [client.get(f"{LIST}/{row}").status for row in expected] == [200] * 4
    assert [row["id"] for row in member.get(LIST).body] == ours[::-1]
    assert [member.get(f"{LIST}/{row}").status for row in own] == [404, 404]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"title": ""}, "title"), ({"title": "x" * 201}, "title"), ({"source_type": None}, "source_type"),
     ({"source_type": "\n"}, "source_type"), ({"source_type": ["a"]}, "source_type")],
)  # fmt: skip
def test_a_bad_wish_is_refused_by_field(viewer: Client, change: dict[str, Any], field: str) -> None:
    answer = viewer.post(GENERATE, {**WISH, **change})
    assert answer.status == 422
    assert [problem["loc"] for problem in answer.body["detail"]] == [["body", field]]


def test_a_list_is_paged_newest_first(viewer: Client) -> None:
    rows = [made(viewer, title=f"Number {n}")["id"] for n in range(3)]
    first = viewer.get(LIST, query={"limit": 2})
    assert ([row["id"] for row in first.body], first.headers["x-total-count"]) == ([rows[2], rows[1]], "3")
    assert [row["id"] for row in viewer.get(LIST, query={"skip": 2}).body] == [rows[0]]


def test_a_job_that_runs_twice_outlines_once(platform: Client, organization: Organization) -> None:
    user, wish = make_user("viewer", organization), PresentationWish.model_validate(WISH)
    rows = in_threads(4, lambda _: generation.generate(wish, user, id=NOBODY))
    assert [row for row in rows if not isinstance(row, Presentation)] == []
    assert generation.generate(wish, user, id=NOBODY) in rows
    assert store.count(Presentation, place=organization.id) == 1


@given(
    st.text("aé界 .🎉-{}", min_size=1, max_size=200).filter(str.strip),
    st.text(max_size=50) | st.sampled_from(["campaign", "Sales pitch", "csv"]),
)
def test_an_outline_is_a_valid_deck_about_its_title(title: str, source_type: str) -> None:
    slides = [slide.model_dump() for slide in outline(title, source_type)]
    Deck.model_validate({"slides": slides})
    assert slides == [slide.model_dump() for slide in outline(title, source_type)]


def test_different_sources_make_different_talks() -> None:
    talks = [outline("Q3", source) for source in ("campaign", "sales pitch", "survey report", "document")]
    assert len({tuple(slide.title for slide in talk) for talk in talks}) == 4
    assert all(any("Q3" in slide.title for slide in talk[1:]) for talk in talks)


def test_a_hundred_of_the_largest_fit_into_one_reply() -> None:
    slide = Slide(title="界" * 120, bullets=["界" * 120] * 5, notes='"' * 500)
    escaped = len(slide.model_dump_json().encode()) + 500  # a quote is escaped once more on the way out of a function
    assert 100 * 10 * escaped < 5_500_000
