"""What the agent answers over HTTP: who may ask, what is refused, who answered, and what is kept."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from caidence.agent.handover import Brief
from caidence.agent.planning import imagined, outlined, researched
from caidence.directory.entities import Organization
from infra.local.converse import Step
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields, ids
from tests.support.model import model

ENHANCE, DRAFT, GENERATE = (f"{BASE}/agent/{name}" for name in ("enhance_description", "draft_campaign", "generate"))
PROJECTS = f"{BASE}/projects"
BODIES: dict[str, dict[str, Any]] = {
    ENHANCE: {"text": "We want to sell our juice to runners."},
    DRAFT: {
        "goal": "Sell 500 crates within six weeks",
        "product": "Sol Citrus juice",
        "audience": "Young runners in Berlin",
    },
    GENERATE: {"role": "Brand manager", "project_type": "Product launch", "objective": "Win 500 sign-ups in May"},
}
BRIEF = Brief(**BODIES[DRAFT])
RESEARCH = researched(BRIEF)
STRATEGY = outlined(BRIEF, RESEARCH)
IDEAS = imagined(BRIEF, RESEARCH, STRATEGY)
ROLES = [Step(input=one.model_dump()) for one in (RESEARCH, STRATEGY, IDEAS)]


def told(asked: Any) -> Any:
    """The facts that a model was told."""
    text = asked.body["messages"][0]["content"][0]["text"]
    (document,) = re.findall(r"<data-[0-9a-f]+>\n(.*)\n</data", text)
    return json.loads(document)


@pytest.mark.parametrize("path", BODIES)
def test_without_a_token_nothing_is_to_be_had(path: str, platform: Client) -> None:
    assert platform.post(path, BODIES[path]).status == 401


@pytest.mark.parametrize("path", BODIES)
def test_every_field_is_needed_and_says_something(path: str, viewer: Client) -> None:
    needed = [f"body.{name}" for name in BODIES[path]]
    assert fields(viewer.post(path, {})) == needed
    assert fields(viewer.post(path, dict.fromkeys(BODIES[path], " \n"))) == needed
    assert fields(viewer.post(path, dict.fromkeys(BODIES[path]))) == needed
    assert fields(viewer.post(path, dict.fromkeys(BODIES[path], "x" * 5001))) == needed


@pytest.mark.parametrize("path", BODIES)
def test_in_development_nobody_needs_to_sign_in(path: str, development: Client) -> None:
    assert development.post(f"{path}/", BODIES[path]).status == 200


def test_a_description_is_enhanced_by_the_model_or_by_rules(viewer: Client) -> None:
    with model(Step(input={"enhanced_text": "Run on sunshine."})):
        answer = viewer.post(ENHANCE, BODIES[ENHANCE])
    assert (answer.body, answer.headers["x-answer-source"]) == ({"enhanced_text": "Run on sunshine."}, "model")
    answer = viewer.post(ENHANCE, BODIES[ENHANCE])
    assert answer.headers["x-answer-source"] == "fallback"
    assert answer.body["enhanced_text"].startswith("We want to sell our juice to runners. ")


def test_a_draft_has_two_whole_plans(viewer: Client) -> None:
    answer = viewer.post(DRAFT, BODIES[DRAFT])
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert set(answer.body) == {"plan_a", "plan_b"}
    for plan in answer.body.values():
        assert set(plan) == {"name", "summary", "channels", "timeline", "content_ideas", "budget_split"}
        assert list(plan["budget_split"]) == plan["channels"]
        assert sum(plan["budget_split"].values()) == 100
        assert {idea["channel"] for idea in plan["content_ideas"]} == set(plan["channels"])
        assert "84 crates a week" in plan["summary"]
    assert answer.body["plan_a"]["channels"] != answer.body["plan_b"]["channels"]


def test_a_draft_is_three_calls_each_with_what_the_one_before_found(viewer: Client) -> None:
    findings = RESEARCH.model_copy(update={"insights": ["They run before sunrise."]})
    with model(Step(input=findings.model_dump()), *ROLES[1:]) as it:
        answer = viewer.post(DRAFT, BODIES[DRAFT])
        asked = list(it.asked)
    assert answer.headers["x-answer-source"] == "model"
    researcher, strategist, creative = (told(one) for one in asked)
    assert researcher == BODIES[DRAFT]
    assert strategist["research"]["insights"] == ["They run before sunrise."]
    assert creative["insights"] == ["They run before sunrise."]
    assert creative["plans"]["plan_b"]["name"] == STRATEGY.plan_b.name
    words = [one.body["system"][0]["text"] for one in asked]
    assert [re.findall(r"You are the (\w+) of a campaign team", text) for text in words] == [
        ["researcher"], ["strategist"], ["creative"],
    ]  # fmt: skip
    assert answer.body["plan_a"]["name"] == STRATEGY.plan_a.name


@pytest.mark.parametrize("silent", [0, 1, 2], ids=["researcher", "strategist", "creative"])
def test_a_role_that_the_model_does_not_play_is_computed_and_the_others_go_on(silent: int, viewer: Client) -> None:
    steps = [Step(error="ValidationException") if place == silent else step for place, step in enumerate(ROLES)]
    with model(*steps) as it:
        answer = viewer.post(DRAFT, BODIES[DRAFT])
        assert len(it.asked) == 3
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert sum(answer.body["plan_a"]["budget_split"].values()) == 100


def test_a_strategy_that_does_not_add_up_and_ideas_for_other_channels_are_not_taken(viewer: Client) -> None:
    wrong = STRATEGY.model_dump()
    wrong["plan_a"]["budget_split"][0]["percent"] += 5
    foreign = IDEAS.model_dump()
    foreign["plan_b"][0]["channel"] = "Billboards"
    with model(ROLES[0], Step(input=wrong), Step(input=wrong), Step(input=foreign), Step(input=foreign)) as it:
        answer = viewer.post(DRAFT, BODIES[DRAFT])
        assert len(it.asked) == 5
    assert answer.headers["x-answer-source"] == "fallback"
    assert sum(answer.body["plan_a"]["budget_split"].values()) == 100
    assert "Billboards" not in json.dumps(answer.body)


def test_a_strategy_is_kept_as_a_project_of_the_organization(viewer: Client, organization: Organization) -> None:
    answer = viewer.post(GENERATE, {**BODIES[GENERATE], "assets": ["mailing list", {"name": "film of the grove"}]})
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert set(answer.body) == {"project_id", "strategy"}
    assert set(answer.body["strategy"]) == {
        "summary", "positioning", "audience", "channels", "phases", "kpis", "risks", "next_steps",
    }  # fmt: skip
    (project,) = viewer.get(PROJECTS).body
    assert (project["id"], project["organization_id"]) == (answer.body["project_id"], organization.id)
    assert project["name"] == "Product launch: Win 500 sign-ups in May"
    assert (project["project_type"], project["objective"]) == ("Product launch", "Win 500 sign-ups in May")
    assert answer.body["strategy"]["summary"] in project["description"]
    assert "film of the grove" in project["description"]


def test_a_strategy_is_devised_by_the_model_when_there_is_one(viewer: Client) -> None:
    with model() as it:
        answer = viewer.post(GENERATE, {**BODIES[GENERATE], "assets": {"list": 5000}})
        (asked,) = it.asked
    assert answer.headers["x-answer-source"] == "model"
    assert told(asked) == {**BODIES[GENERATE], "assets": {"list": 5000}}


def test_a_strategy_goes_to_no_organization_that_is_not_the_callers(
    viewer: Client, sign_in: SignIn, super_admin: Client, other: Organization
) -> None:
    for wanted in (other.id, NOBODY):
        answer = viewer.post(GENERATE, {**BODIES[GENERATE], "organization_id": wanted})
        assert detail(answer) == (404, "Organization not found")
    assert super_admin.get(PROJECTS).body == []
    made = super_admin.post(GENERATE, {**BODIES[GENERATE], "organization_id": other.id}).body
    assert ids(sign_in("viewer", other).get(PROJECTS)) == [made["project_id"]]
    assert ids(viewer.get(PROJECTS)) == []


@pytest.mark.parametrize("assets", ["x" * 20_001, ["x" * 100] * 200, {"deep": {"er": "x" * 20_001}}])
def test_assets_are_bounded(assets: Any, viewer: Client) -> None:
    assert fields(viewer.post(GENERATE, {**BODIES[GENERATE], "assets": assets})) == ["body.assets"]


@pytest.mark.parametrize(
    "assets", [None, [], {}, "a film", 7, True, [None, [[["deep"]]]], {"id": "x", "": ""}, {"a": "\u202e\u0007"}]
)
def test_assets_are_whatever_there_is(assets: Any, viewer: Client) -> None:
    assert viewer.post(GENERATE, {**BODIES[GENERATE], "assets": assets}).status == 200


def test_a_request_with_a_key_keeps_one_project(viewer: Client) -> None:
    first, second = (viewer.post(GENERATE, BODIES[GENERATE], headers={"Idempotency-Key": "a"}) for _ in range(2))
    assert first.body == second.body
    assert len(viewer.get(PROJECTS).body) == 1
