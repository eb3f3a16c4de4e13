"""The part of C(AI)DENCE's walk that is an agency's work, with its outside services on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from botocore.stub import Stubber

from infra.local.influencers_club import API_KEY, InfluencersClub
from quintet.keys import keyring
from quintet.net import aws
from quintet.settings import settings, use
from quintet.testing.events import sqs_event
from tests.support.aws import SECRET

if TYPE_CHECKING:
    from tests.bench.walk_caidence import PlatformWalk

BASE = "/api/v1"
COPY = {"title": "Morning run", "platform": "instagram", "content_type": "caption", "prompt": "Juice for runners"}
POSTER = {"title": "Summer of Citrus", "style": "bold", "prompt": "Oranges in the morning sun"}
DECK = {"title": "Summer of Citrus", "source_type": "campaign"}
PHONE = "+4915112345678"


@contextmanager
def outside() -> Iterator[None]:
    """Influencers Club's stand-in, a queue for the jobs, and senders of text messages."""
    with ExitStack() as open_things:
        club = InfluencersClub()
        club.start()
        open_things.callback(club.stop)
        secret = json.dumps({**SECRET, "influencers_club_api_key": API_KEY})
        aws.client("secretsmanager").put_secret_value(SecretId=settings().secret, SecretString=secret)
        keyring.reset()
        queue = aws.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
        values = {
            "QUINTET_INFLUENCERS_CLUB_URL": club.url, "QUINTET_QUEUE_JOBS": queue, "QUINTET_SMS_SENDER": "QUINTET",
            "QUINTET_WHATSAPP_PHONE_ID": "phone-number-id-1",
        }  # fmt: skip
        open_things.enter_context(use(values))
        yield


def work(walk: PlatformWalk) -> None:
    """Every operation of an agency's work, once."""
    _campaigns(walk)
    _creators(walk)
    _discovery(walk)
    _studio(walk)
    _assistant(walk)
    _messages(walk)
    _jobs(walk)
    _workflows(walk)


def _campaigns(walk: PlatformWalk) -> None:
    path, who = f"{BASE}/campaigns", walk.agent
    made = walk.step(who, "POST", path, {"name": "Autumn", "channels": ["instagram"]})["id"]
    walk.step(who, "POST", f"{path}/{made}/influencers?influencer_handle=slowkitchen")
    walk.step(who, "POST", f"{path}/{made}/launch")
    walk.step(who, "POST", f"{path}/{made}/events", {"event_type": "click", "channel": "instagram", "count": 9})
    walk.step(who, "PUT", f"{path}/{made}", {"budget": 100_000})
    for place in (path, f"{path}/{made}", f"{path}/analytics/stats", f"{BASE}/analytics/dashboard"):
        walk.step(who, "GET", place)
    walk.step(who, "POST", f"{BASE}/analytics/audience-overlap", {"channels": ["instagram", "tiktok"]})
    asked = {"handle": "ana.cooks", "platform": "instagram"}
    walk.step(who, "POST", f"{BASE}/analytics/influencer-credibility", asked)
    walk.step(who, "POST", f"{BASE}/analytics/competitor-analysis", {"competitors": ["Fizz", "Spritz"]})
    for part in ("stats", "activities", "campaigns"):
        walk.step(who, "GET", f"{BASE}/dashboard/{part}")
    walk.step(who, "DELETE", f"{path}/{made}")


def _creators(walk: PlatformWalk) -> None:
    path, who = f"{BASE}/creators", walk.agent
    made = walk.step(who, "POST", path, {"handle": "new.one", "platform": "tiktok", "follower_count": 4_000})["id"]
    walk.step(who, "GET", path)
    walk.step(who, "PATCH", f"{path}/{made}", {"status": "active", "commission_rate": 12.5})
    target = {"target_url": "https://shop.example.com/"}
    code = walk.step(who, "POST", f"{path}/{made}/affiliate", target)["affiliate_code"]
    operation, _ = walk.client.find("GET", f"/r/{code}")
    assert operation is not None
    with walk.booked(operation.id):
        assert walk.client.get(f"/r/{code}", headers={"User-Agent": "Mozilla/5.0 (X11) Firefox/140"}).status == 302
    sale = {"code": code, "external_id": "order-1", "amount": 4_990, "status": "sale"}
    walk.step(who, "POST", f"{BASE}/affiliate/conversions", sale)
    for place in (f"{path}/{made}", f"{path}/{made}/performance", f"{BASE}/crm/relationships"):
        walk.step(who, "GET", place)
    walk.step(who, "POST", f"{BASE}/crm/generate-report?handle=ana.cooks")
    walk.step(who, "DELETE", f"{path}/{made}")


def _discovery(walk: PlatformWalk) -> None:
    path, who = f"{BASE}/discovery", walk.member
    walk.step(who, "POST", f"{path}/credits/initialize?initial_balance=100")
    classifiers = ("languages", "locations/instagram", "yt-topics", "twitch-games")
    for part in ("smoke", *(f"classifiers/{name}" for name in classifiers)):
        walk.step(who, "GET", f"{path}/{part}")
    found = walk.step(who, "POST", f"{path}/search?ai_search=juice&limit=20")["results"][0]["handle"]
    for part in ("similar", "enrich"):
        walk.step(who, "POST", f"{path}/{part}?platform=instagram&handle={found}")
    walk.step(who, "POST", f"{path}/post-details?platform=tiktok&post_id=1")
    walk.step(who, "GET", f"{path}/credits")
    walk.event("discovery.release_expired_holds")


def _studio(walk: PlatformWalk) -> None:
    who = walk.agent
    for path, wish in (("content", COPY), ("design", {**POSTER, "aspect_ratio": "4:5"})):
        made = walk.step(who, "POST", f"{BASE}/{path}/generate", wish)["id"]
        walk.step(who, "GET", f"{BASE}/{path}")
        walk.step(who, "GET", f"{BASE}/{path}/{made}")
        if path == "design":
            with walk.booked("design.get_image"):
                assert who.get(f"{BASE}/design/{made}/image").status == 200
            walk.step(who, "PUT", f"{BASE}/design/{made}", {"title": "Spring of Citrus"})
        walk.step(who, "DELETE", f"{BASE}/{path}/{made}")
    walk.event("design.sweep_files")
    deck = walk.step(who, "POST", f"{BASE}/presentation/generate", DECK)["id"]
    walk.step(who, "GET", f"{BASE}/presentation")
    walk.step(who, "GET", f"{BASE}/presentation/{deck}")


def _assistant(walk: PlatformWalk) -> None:
    who = walk.agent
    walk.step(who, "POST", f"{BASE}/projects", {"name": "Autumn"})
    walk.step(who, "GET", f"{BASE}/projects")
    session = walk.step(who, "POST", f"{BASE}/chat/message", {"message": "How do I split a budget?"})["session_id"]
    walk.step(who, "GET", f"{BASE}/chat/sessions")
    walk.step(who, "GET", f"{BASE}/chat/history/{session}")
    walk.step(who, "POST", f"{BASE}/agent/enhance_description", {"text": "We want to sell juice."})
    goal = {"goal": "Sell 500 bottles in six weeks", "product": "Juice", "audience": "Runners"}
    walk.step(who, "POST", f"{BASE}/agent/draft_campaign", goal)
    wish = {"role": "Owner", "project_type": "Launch", "objective": "500 sign-ups"}
    walk.step(who, "POST", f"{BASE}/agent/generate", wish)
    walk.step(who, "GET", f"{BASE}/marcom/tools")
    tool = {"tool_id": "product_description", "inputs": {"product": "Juice", "benefits": "cold, fresh"}}
    walk.step(who, "POST", f"{BASE}/marcom/generate", tool)


def _messages(walk: PlatformWalk) -> None:
    path, who = f"{BASE}/communications", walk.agent
    mail = {"to_email": "reader@example.com", "subject": "Hello", "body": "The juice is here."}
    walk.step(who, "POST", f"{path}/send/email", mail)
    walk.step(who, "POST", f"{path}/send/sms", {"phone_number": PHONE, "message": "Hello"})
    with Stubber(aws.client("socialmessaging")) as meta:  # moto does not have it
        meta.add_response("send_whatsapp_message", {"messageId": "1"})
        walk.step(who, "POST", f"{path}/send/whatsapp", {"phone_number": PHONE, "content": "Hello"})
    with use({"QUINTET_WHATSAPP_PHONE_ID": ""}):
        walk.step(who, "GET", f"{path}/status")


def _jobs(walk: PlatformWalk) -> None:
    path, who = f"{BASE}/jobs", walk.agent
    _notes()
    walk.step(who, "POST", f"{path}/enqueue", {"task_name": "generate_presentation", "kwargs": DECK})
    walk.step(who, "POST", f"{path}/generate-design", POSTER)
    job = walk.step(who, "POST", f"{path}/generate-content", COPY)["job_id"]
    notes = _notes()
    for note in notes:
        walk.event("jobs.run", sqs_event([note]))
    assert walk.step(who, "GET", f"{path}/status/{job}")["status"] == "completed"
    walk.step(who, "GET", f"{path}/health")
    walk.event("jobs.sweep")


def _workflows(walk: PlatformWalk) -> None:
    path, who = f"{BASE}/workflow", walk.agent
    steps = [{"type": "generate_content", **COPY}, {"type": "wait", "seconds": 60}]
    made = walk.step(who, "POST", path, {"name": "Launch", "description": "Two steps", "steps_json": steps})["id"]
    run = walk.step(who, "POST", f"{path}/{made}/run")["id"]
    (note,) = _notes()
    walk.event("jobs.bury", sqs_event([note]))
    walk.step(who, "POST", f"{path}/{made}/runs/{run}/resume")
    walk.step(who, "PATCH", f"{path}/{made}", {"name": "Relaunch"})
    for place in (path, f"{path}/{made}", f"{path}/{made}/history"):
        walk.step(who, "GET", place)


def _notes() -> list[Any]:
    """The messages that lie in the queue, taken out."""
    sqs, queue = aws.client("sqs"), settings().get("QUINTET_QUEUE_JOBS")
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]
