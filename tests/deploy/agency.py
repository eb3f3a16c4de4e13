"""A day's work of an agency on its platform: campaigns, creators, the studio, the assistant, jobs and workflows."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.deploy.front import Answer, Front
from tests.deploy.stories import Stage
from tests.deploy.waiting import until

API = "/api/v1"
CAMPAIGNS, CREATORS, DISCOVERY = f"{API}/campaigns", f"{API}/creators", f"{API}/discovery"
JOBS, SEND, WORKFLOW = f"{API}/jobs", f"{API}/communications/send", f"{API}/workflow"
COPY = {"title": "Morning run", "platform": "instagram", "content_type": "caption", "prompt": "Juice for runners"}
POSTER = {"title": "Summer of Citrus", "style": "bold", "prompt": "Oranges in the morning sun"}
DECK = {"title": "Summer of Citrus", "source_type": "campaign"}
PHONE = "+4915112345678"
BROWSER = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Safari/604.1"}


def work(agent: Front, stage: Stage) -> None:
    """What an agency's administrator does; each operation succeeds at least once."""
    campaign = _run_a_campaign(agent)
    _keep_a_roster(agent)
    _find_creators(agent)
    _use_the_studio(agent)
    _ask_the_assistant(agent)
    _write_to_people(agent)
    _leave_work_to_the_queue(agent, stage, campaign)


def _run_a_campaign(agent: Front) -> str:
    made = ok(agent.post(CAMPAIGNS, {"name": "Summer of Citrus", "channels": ["instagram"]}))
    at = f"{CAMPAIGNS}/{made['id']}"
    assert [one["id"] for one in ok(agent.get(CAMPAIGNS))] == [made["id"]]
    assert ok(agent.put(at, {"budget": 1_000_00}))["budget"] == 1_000_00
    ok(agent.post(f"{at}/influencers", query={"influencer_handle": "@Ana.Cooks"}))
    assert ok(agent.post(f"{at}/launch"))["status"] == "active"
    for event in ({"event_type": "impression", "count": 200}, {"event_type": "click", "count": 9}):
        ok(agent.post(f"{at}/events", {**event, "channel": "instagram", "device": "mobile"}))
    spend = {"event_type": "spend", "value": 5_000, "external_id": "invoice-1"}
    assert ok(agent.post(f"{at}/events", spend))["id"] == ok(agent.post(f"{at}/events", spend))["id"]
    assert [one["handle"] for one in ok(agent.get(at))["influencers"]] == ["ana.cooks"]
    assert ok(agent.get(f"{CAMPAIGNS}/analytics/stats"))["spend"] == 5_000
    assert agent.get(f"{API}/analytics/dashboard").headers["x-data-source"] == "stored"
    channels = {"channels": ["instagram", "tiktok"]}
    assert ok(agent.post(f"{API}/analytics/audience-overlap", channels))["unique_reach"] > 0
    ok(agent.post(f"{API}/analytics/influencer-credibility", {"handle": "ana.cooks", "platform": "instagram"}))
    shares = ok(agent.post(f"{API}/analytics/competitor-analysis", {"competitors": ["Fizz", "Spritz"]}))
    assert sum(one["percentage"] for one in shares["share_of_voice"]) == 100
    assert ok(agent.get(f"{API}/dashboard/stats", query={"range": "30d"}))["active_campaigns"] == 1
    assert "Summer of Citrus" in str(ok(agent.get(f"{API}/dashboard/activities")))
    assert [one["id"] for one in ok(agent.get(f"{API}/dashboard/campaigns"))] == [made["id"]]
    old = ok(agent.post(CAMPAIGNS, {"name": "Old one"}))["id"]
    ok(agent.delete(f"{CAMPAIGNS}/{old}"))
    return str(made["id"])


def _keep_a_roster(agent: Front) -> None:
    made = ok(agent.post(CREATORS, {"handle": "ana.cooks", "platform": "instagram", "email": "ana@creators.example"}))
    at = f"{CREATORS}/{made['id']}"
    assert [one["id"] for one in ok(agent.get(CREATORS, query={"status": "prospect"}))] == [made["id"]]
    assert ok(agent.patch(at, {"status": "active", "commission_rate": 12.5}))["status"] == "active"
    code = ok(agent.post(f"{at}/affiliate", {"target_url": "https://shop.example.com/"}))["affiliate_code"]
    assert agent.get(f"/r/{code}", headers=BROWSER).status == 302
    sale = {"code": code, "external_id": "order-1", "amount": 4_990, "status": "sale"}
    assert ok(agent.post(f"{API}/affiliate/conversions", sale))["commission"] == 624
    assert ok(agent.get(f"{at}/performance"))["clicks"] == 1
    (related,) = ok(agent.get(f"{API}/crm/relationships"))
    assert (related["handle"], related["total_spend"]) == ("ana.cooks", 5_000)
    report = ok(agent.post(f"{API}/crm/generate-report", query={"handle": "ana.cooks"}))["download_url"]
    with httpx.Client(trust_env=False) as http:
        assert http.get(report).content.startswith(b"%PDF")
    gone = ok(agent.post(CREATORS, {"handle": "gone", "platform": "tiktok"}))["id"]
    ok(agent.delete(f"{CREATORS}/{gone}"))
    assert ok(agent.get(f"{CREATORS}/{gone}"))["status"] == "past"


def _find_creators(agent: Front) -> None:
    """With credits that run out."""
    assert ok(agent.get(f"{DISCOVERY}/smoke"))["status"] == "ok"
    for name in ("languages", "locations/instagram", "yt-topics", "twitch-games"):
        assert ok(agent.get(f"{DISCOVERY}/classifiers/{name}"))
    assert ok(agent.post(f"{DISCOVERY}/credits/initialize", query={"initial_balance": "1.10"}))["balance"] == 1.1
    found = ok(agent.post(f"{DISCOVERY}/search", {"query": "vegan cooking"}, query={"limit": "5"}))
    one = {"platform": "instagram", "handle": found["results"][0]["handle"]}
    assert ok(agent.post(f"{DISCOVERY}/similar", query=one))["results"]
    bought = ok(agent.post(f"{DISCOVERY}/enrich", query={**one, "mode": "full"}))
    assert (bought["credits_remaining"], bought["cached"]) == (0.05, False)
    assert ok(agent.post(f"{DISCOVERY}/enrich", query={**one, "mode": "full"}))["cached"]
    ok(agent.post(f"{DISCOVERY}/post-details", query={"platform": "tiktok", "post_id": "1"}))
    assert agent.post(f"{DISCOVERY}/search", {"query": "juice"}, query={"limit": "3"}).status == 402
    assert ok(agent.get(f"{DISCOVERY}/credits"))["balance"] == 0.02


def _use_the_studio(agent: Front) -> None:
    for path, wish, change in (
        ("content", COPY, None), ("design", {**POSTER, "aspect_ratio": "4:5"}, {"title": "Spring of Citrus"}),
    ):  # fmt: skip
        made = ok(agent.post(f"{API}/{path}/generate", wish))
        at = f"{API}/{path}/{made['id']}"
        assert [one["id"] for one in ok(agent.get(f"{API}/{path}"))] == [made["id"]]
        if change:
            image = agent.get(f"{at}/image")
            assert (image.status, image.headers["content-type"]) == (200, "image/png")
            assert ok(agent.put(at, change))["title"] == change["title"]
        assert ok(agent.get(at))["prompt"] == wish["prompt"]
        ok(agent.delete(at))
    deck = ok(agent.post(f"{API}/presentation/generate", DECK))
    assert ok(agent.get(f"{API}/presentation/{deck['id']}")) == deck
    assert ok(agent.get(f"{API}/presentation")) == [deck]


def _ask_the_assistant(agent: Front) -> None:
    project = ok(agent.post(f"{API}/projects", {"name": "Summer"}))
    assert ok(agent.get(f"{API}/projects")) == [project]
    session = ok(agent.post(f"{API}/chat/message", {"message": "How do I split a budget?"}))["session_id"]
    assert ok(agent.get(f"{API}/chat/sessions")) == [session]
    assert [one["role"] for one in ok(agent.get(f"{API}/chat/history/{session}"))] == ["user", "assistant"]
    ok(agent.post(f"{API}/agent/enhance_description", {"text": "We want to sell juice."}))
    goal = {"goal": "Sell 500 bottles in six weeks", "product": "Juice", "audience": "Runners"}
    assert set(ok(agent.post(f"{API}/agent/draft_campaign", goal))) == {"plan_a", "plan_b"}
    wish = {"role": "Owner", "project_type": "Launch", "objective": "500 sign-ups"}
    assert ok(agent.post(f"{API}/agent/generate", wish))["project_id"]
    assert len(ok(agent.get(f"{API}/marcom/tools"))) >= 20
    tool = {"tool_id": "product_description", "inputs": {"product": "Juice", "benefits": "cold, fresh"}}
    assert "Juice" in ok(agent.post(f"{API}/marcom/generate", tool))["content"]


def _write_to_people(agent: Front) -> None:
    assert ok(agent.get(f"{API}/communications/status"))["email"]["connected"]
    mail = {"to_email": "reader@example.com", "subject": "Hello", "body": "The juice is here."}
    assert ok(agent.post(f"{SEND}/email", mail))["success"]
    assert ok(agent.post(f"{SEND}/sms", {"phone_number": PHONE, "message": "Hello"}))["success"]
    assert ok(agent.post(f"{SEND}/whatsapp", {"phone_number": PHONE, "content": "Hello"}))["success"]


def _leave_work_to_the_queue(agent: Front, stage: Stage, campaign: str) -> None:
    """Jobs from the queue, a workflow to its end, and one that fails and is resumed."""
    asked = ok(agent.post(f"{JOBS}/enqueue", {"task_name": "generate_presentation", "kwargs": DECK}))["job_id"]
    made = [ok(agent.post(f"{JOBS}/generate-{what}", wish))["job_id"]
            for what, wish in (("content", COPY), ("design", POSTER))]  # fmt: skip
    for job in (asked, *made):
        _until_done(agent, job)
    assert ok(agent.get(f"{JOBS}/health"))["status"] == "ok"
    mailing = {"campaign_id": campaign, "subject": "Hi", "body": "Hello"}
    steps: list[dict[str, Any]] = [
        {"type": "generate_content", **COPY}, {"type": "wait", "seconds": 1},
        {"type": "call_job", "task_name": "send_campaign_emails", "kwargs": mailing},
    ]  # fmt: skip
    flow = ok(agent.post(WORKFLOW, {"name": "Launch", "description": "A launch", "steps_json": steps}))
    at = f"{WORKFLOW}/{flow['id']}"
    whole = ok(agent.post(f"{at}/run"))["id"]
    until(lambda: _run(agent, at, whole)["status"] == "completed")
    ok(agent.patch(at, {"steps_json": [{"type": "wait", "seconds": 900}]}))
    assert [one["run_count"] for one in ok(agent.get(WORKFLOW))] == [1]
    stuck = ok(agent.post(f"{at}/run"))["id"]
    until(lambda: bool(_waiting_jobs(stage)))
    for note in _waiting_jobs(stage):  # the queue gives its message up
        queue = stage.resources["DeadJobsQueue"]
        stage.cloud.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(note))
    until(lambda: _run(agent, at, stuck)["status"] == "failed")
    assert ok(agent.post(f"{at}/runs/{stuck}/resume"))["status"] in ("queued", "running")
    assert ok(agent.get(at))["run_count"] == 2
    stage.notes["jobs"] = [asked, *made]


def _until_done(agent: Front, job: str) -> None:
    until(lambda: ok(agent.get(f"{JOBS}/status/{job}"))["status"] == "completed")


def _waiting_jobs(stage: Stage) -> list[dict[str, Any]]:
    """The queue's messages about the jobs that wait."""
    pages = stage.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=stage.resources["Table"])
    jobs = [item for page in pages for item in page["Items"] if item["PK"]["S"].startswith("JOBS#")]
    waiting = [item for item in jobs if item.get("status", {}).get("S") == "queued"]
    return [{"tenant": one["tenant"]["S"], "id": one["id"]["S"], "attempt": 1} for one in waiting]


def _run(agent: Front, at: str, run: str) -> Any:
    return next(one for one in ok(agent.get(f"{at}/history")) if one["id"] == run)


def ok(answer: Answer) -> Any:
    """What a call that succeeded answers."""
    assert answer.status < 400, answer
    return answer.data
