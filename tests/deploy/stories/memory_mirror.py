"""The companion: Rose talks, wakes at night and is looked after, her home listens, the clock does what falls due."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from infra.local import elevenlabs, youtube
from infra.local.elevenlabs import ElevenLabs
from infra.local.translate import Translate
from infra.local.youtube import Uploaded, YouTube
from tests.deploy.cloud import Cloud
from tests.deploy.front import Front
from tests.deploy.home import Home
from tests.deploy.mirror import (
    API,
    CARL,
    EMMA,
    LATE,
    PASSWORD,
    PLACE,
    ROSE,
    at,
    call,
    count,
    login,
    mails,
    make,
    ok,
    thing,
)
from tests.deploy.mirror_clock import EFFECTS
from tests.deploy.stories import Outside, Stage
from tests.deploy.waiting import mail_is_down, until

__all__ = ["EFFECTS", "outside", "remembered", "tell"]

GUEST = "guest@example.com"
WORRY = "Help, I don't know where I am"
VIDEO = Uploaded("aaaaaaaaaa1", "Dusty Springfield - Son Of A Preacher Man", "DustyVEVO")


@dataclass
class Beyond:
    """What Memory Mirror talks to."""

    studio: ElevenLabs
    home: Home


@contextmanager
def outside(cloud: Cloud) -> Iterator[Outside]:
    """ElevenLabs', YouTube's and Amazon Translate's stand-ins; device shadows are the embedded AWS's own."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        studio, tube, translate = ElevenLabs(Path(folder) / "voices.jsonl"), YouTube((VIDEO,)), Translate()
        for server in (studio, tube, translate):
            server.start()
            stack.callback(server.stop)
        home = Home(cloud)
        stack.callback(home.stop)
        yield Outside(
            parameters={
                "MemoryMirrorElevenlabsUrl": studio.url,
                "MemoryMirrorYoutubeUrl": tube.url,
                "MemoryMirrorIotEndpoint": cloud.url,
            },
            secrets={"elevenlabs_api_key": elevenlabs.API_KEY, "youtube_api_key": youtube.API_KEY},
            environment={
                "AWS_ENDPOINT_URL_TRANSLATE": translate.url,
                "QUINTET_OUTBOUND_PLAIN": "1",
                "QUINTET_OUTBOUND_NETWORKS": "127.0.0.0/8",
                "QUINTET_OUTBOUND_PORTS": str(studio.server_address[1]),
            },
            service=Beyond(studio, home),
        )


def tell(front: Front, stage: Stage) -> None:
    email, password = stage.admin
    admin = login(front, email, password)
    rose, carl = _sign_up(front, stage)
    patient = _introduce(rose, carl, stage)
    _talk(rose)
    _look_back(rose)
    _listen(rose)
    _furnish(rose, stage)
    _speak(rose, stage)
    _look_after(carl, admin, patient)
    _wake_at_night(front, rose, carl, stage)
    _fall_due(front, rose, stage)
    _write(carl, rose, stage)
    _sign_up_late(front, stage)
    _part(front)
    stage.notes["front"] = front


def _sign_up(front: Front, stage: Stage) -> tuple[Front, Front]:
    """Rose is there at once; who cares for her proves their address by a code first."""
    for email, role in ((ROSE, "user"), (CARL, "caregiver"), (EMMA, "caregiver")):
        body = {"email": email, "password": PASSWORD, "full_name": email.partition("@")[0].title(), "role": role}
        session = ok(front.post("/auth/register", body))
        stage.notes[email] = session["user"]["id"]
        assert session["user"]["confirmed"] is False
    with mail_is_down(stage, "AuthRegister"):
        body = {"email": LATE, "password": PASSWORD, "full_name": "Late", "role": "caregiver"}
        ok(front.post("/auth/register", body))
    assert mails(stage, LATE) == []
    carl = login(front, CARL)
    ok(carl.post("/auth/confirm", {"code": _code(stage, CARL)}))
    return login(front, ROSE), login(front, CARL)


def _sign_up_late(front: Front, stage: Stage) -> None:
    """Emma has another code sent, which she may half a minute after the first."""
    emma = login(front, EMMA)
    until(lambda: emma.post("/auth/send-code").status == 200)
    session = ok(emma.post("/auth/confirm", {"code": _code(stage, EMMA)}))
    renewed = ok(front.post("/auth/refresh", {"refresh_token": session["refresh_token"]}))
    assert ok(front.as_caller(renewed["access_token"]).get("/auth/me"))["confirmed"] is True
    ok(emma.post("/auth/logout"))


def _introduce(rose: Front, carl: Front, stage: Stage) -> str:
    profile = {
        "full_name": "Rose Miller", "preferred_name": "Rose", "language": "en", "favourite_era": "1960s",
        "interests": ["baking", "gardening"], "comforts": ["a cup of tea"], "cognitive_level": "mild",
    }  # fmt: skip
    make(rose, "UserProfile", **profile)
    make(rose, "Music", title="The Carnival Is Over", artist="The Seekers", era="1960s", moods=["calm"])
    assert carl.get("/entities/Patient").data["items"] == []
    patient = make(rose, "Patient", name="Rose Miller", caregivers=[CARL, EMMA])
    assert [one["id"] for one in ok(carl.get("/entities/Patient"))["items"]] == [patient]
    told = (("The bakery", "Every morning at five I lit the oven, and Paul sang."),
            ("The garden", "Sweet peas up to the roof, and one was mine."),
            ("The sea", "Emma ran straight into the cold sea and shrieked."))  # fmt: skip
    first, *_ = [make(rose, "Memory", title=title, content=text, **PLACE) for title, text in told]
    ok(carl.put(f"/entities/Memory/{first}", {"tags": ["bakery", "bread"]}))
    assert ok(rose.get(f"/entities/Memory/{first}"))["tags"] == ["bakery", "bread"]
    dropped = make(carl, "CareJournalEntry", content="Never mind")
    ok(carl.delete(f"/entities/CareJournalEntry/{dropped}"))
    stage.notes.update(patient=patient, memory=first)
    return patient


def _talk(rose: Front) -> None:
    assert call(rose, "analyzeSentiment", text="I want to go home, where is everyone?")["anxiety_level"] > 0
    answer = rose.post(f"{API}/chatWithAI", {"message": "I must open the bakery, the bread is in the oven"})
    assert answer.headers["x-answer-source"] == "fallback"
    assert ok(answer)["response"]
    turns = [{"role": "user", "content": text} for text in ("Where are my keys?", "What day is it?", "And Paul?")]
    assert call(rose, "assessCognitiveLevel", conversation_history=turns)["cognitive_level"]
    assert call(rose, "generatePersonalizedConversation", emotionalState="anxious", anxietyLevel=6)["approach"]
    assert call(rose, "suggestVisualResponses", conversation_context="Rose is happy")["visual_suggestions"]
    assert call(rose, "proactiveEngagement")["suggestion_type"]
    french = call(rose, "translateText", text="Good morning", targetLanguage="fr", sourceLanguage="en")
    assert french == {"translatedText": "⟦fr⟧ Good morning", "detectedLanguage": "en"}


def _look_back(rose: Front) -> None:
    assert call(rose, "recallMemories", context="Rose talks of baking bread", detected_era="1960s")["memories"]
    call(rose, "findRelevantMedia", context="The bakery")
    assert call(rose, "generateMemoryReflection", reflection_type="life_story")["memories_used"]
    call(rose, "generateMemorySession", sessionType="reminiscence")
    call(rose, "generateAIContent", type="story", cognitiveLevel="mild")
    first, second = (call(rose, "generatePersonalizedStory", theme="garden", mood="calm") for _ in range(2))
    assert first["theme"] == second["theme"] == "garden"
    assert first["content"] != second["content"]


def _listen(rose: Front) -> None:
    made = call(rose, "generatePlaylist", name="Sunday Morning", mood="calm", era="1960s")
    assert ok(rose.get(f"/entities/Playlist/{made['playlist_id']}"))["name"] == "Sunday Morning"
    call(rose, "suggestMusic", mood="calm", era="1960s")
    found = call(rose, "searchMusic", query="Dusty Springfield", era="1960s")["results"]
    assert [one["video_id"] for one in found] == [VIDEO.id]


def _furnish(rose: Front, stage: Stage) -> None:
    """The devices' things are in the embedded AWS, where each role reaches the system's own alone."""
    home: Home = stage.outside.service.home
    home.start()
    devices = {
        kind: make(rose, "SmartDevice", name=kind.title(), type=kind, capabilities=able)
        for kind, able in (("light", ["turn_on", "set_brightness"]), ("lock", ["lock"]), ("speaker", ["play"]))
    }
    home.things |= {thing(stage, device) for device in devices.values()}
    lamp = {"device_id": devices["light"], "action": "turn_on"}
    reply = call(rose, "controlSmartDevice", **lamp)
    assert reply["success"], reply
    assert home.reported[thing(stage, devices["light"])]["power"] == "on"
    steps = [lamp, {"device_id": devices["lock"], "action": "lock"}]
    make(rose, "SmartHomeRoutine", name="Good night", steps=steps)
    assert call(rose, "executeSmartHomeRoutine", routineName="Good night")["devicesControlled"] == 2
    dim = {"device_id": devices["light"], "action": "set_brightness", "parameters": {"brightness": 30}}
    make(rose, "MoodAutomation", name="Soft light", moods=["anxious"], actions=[dim])
    assert call(rose, "moodBasedDeviceControl", anxiety_level=7, detected_mood="anxious")["devices_updated"] == 1
    stage.notes["speaker"] = devices["speaker"]


def _speak(rose: Front, stage: Stage) -> None:
    recording = f"{stage.outside.service.studio.url}/_sample"
    voice = call(rose, "cloneVoice", audio_file_url=recording, voice_name="Grandma Rose")["voice_id"]
    said = call(rose, "synthesizeClonedVoice", text="Good morning, how are you?", voice_id=voice)
    with httpx.Client(trust_env=False) as http:
        heard = http.get(said["audio_url"])
    assert heard.status_code == 200
    assert heard.content.startswith((b"ID3", b"\xff"))


def _look_after(carl: Front, admin: Front, patient: str) -> None:
    assert call(carl, "trackPatientSession", patient_id=patient)["patient"]["id"] == patient
    assert call(carl, "detectBehaviorAnomalies")["risk_level"]
    call(carl, "generateCareInsights")
    assert call(admin, "generateCaregiverInsights", days=7)["period_days"] == 7
    report = call(admin, "generateCaregiverReport", report_type="weekly", patient_id=patient)
    assert report["patient_id"] == patient
    seen = {"resource_type": "memory", "resource_id": "a-printed-page"}
    assert call(carl, "auditCompliance", action_type="export", **seen)["audit_id"]
    call(admin, "logAuditEvent", action_type="read", user_email=CARL, user_name="Carl", **seen)
    log = ok(admin.get("/entities/AuditLog", query={"patient_id": patient}))["items"]
    assert {CARL, ROSE} <= {one["user_email"] for one in log}


def _wake_at_night(front: Front, rose: Front, carl: Front, stage: Stage) -> None:
    """A worried message at three in the morning: comfort, an incident, mails to both, and an alert for the first."""
    make(
        rose, "AlertCondition", name="Something happened in the night", kind="night_incident", threshold=1,
        window_hours=12, cooldown_minutes=0, contacts=[CARL, EMMA],
    )  # fmt: skip
    heard = {"voiceTranscript": WORRY, "environmentalSounds": ["banging"], "timeOfNight": "03:15"}
    reply = call(rose, "detectNightEmergency", **heard)
    assert (reply["emergencyType"], reply["alertCaregiver"]) == ("DISORIENTATION", True)
    assert reply["distressLevel"] >= 7
    call(rose, "nightModeChat", userMessage="I can't find my husband")
    call(rose, "nightWatchAI", context="ambient", time_of_night="02:30")
    incidents = ok(carl.get("/entities/NightIncident"))["items"]
    assert [one["incident_type"] for one in incidents] == ["DISORIENTATION"]
    assert [count(stage, "Rose Miller may need you", email) for email in (CARL, EMMA)] == [1, 1]
    ok(front.post(f"{API}/checkAlertConditions"))
    until(lambda: count(stage, "Alert: Something happened", CARL) >= 1)
    stage.notes["incident"] = incidents[0]["id"]


def _fall_due(front: Front, rose: Front, stage: Stage) -> None:
    """What is due now happens once, whether the clock or a caller comes first."""
    make(rose, "Reminder", title="Tea is ready", recipients=[CARL], **at(datetime.now(UTC)))
    ok(front.post(f"{API}/triggerReminders"))
    until(lambda: count(stage, "Tea is ready", CARL) == 1)
    ok(front.post(f"{API}/triggerReminders"))
    ok(front.post(f"{API}/playScheduledPlaylist"))
    ok(front.post(f"{API}/autoFixErrors"))
    ok(front.post(f"{API}/generateMaintenanceReport"))
    health = ok(front.post(f"{API}/healthCheck"))
    assert health["status"] in ("healthy", "degraded"), health  # a busy machine's database is slow
    assert count(stage, "Tea is ready", CARL) == 1


def _write(carl: Front, rose: Front, stage: Stage) -> None:
    sent = call(carl, "sendBulkEmail", subject="This week", body="Rose sang.", recipientEmails=[EMMA, "nobody"])
    assert (sent["successCount"], sent["failureCount"]) == (1, 1)
    told = {"message_id": "m1", "sender_name": "Carl", "message_preview": "All is well"}
    assert call(carl, "sendChatNotification", **told, recipient_emails=[ROSE])["notified"] == 1
    captured = {"client_id": "c1", "message": "Where is Paul?", "response": "He is at work."}
    for _ in range(2):
        synced = call(rose, "syncOfflineData", sync_type="full", offline_conversations=[captured])
        assert synced == {"success": True, "conversations_synced": 1, "conflicts": []}
    assert count(stage, "This week", EMMA) == 1


def _part(front: Front) -> None:
    body = {"email": GUEST, "password": PASSWORD, "full_name": "A Guest"}
    guest = front.as_caller(ok(front.post("/auth/register", body))["access_token"])
    make(guest, "Memory", title="A short visit", content="I came and went.")
    ok(guest.post("/auth/erase", {"password": PASSWORD}))
    assert front.post("/auth/login", {"email": GUEST, "password": PASSWORD}).status == 401


def remembered(front: Front, stage: Stage) -> dict[str, Any]:
    """What the story left of Rose, as her caregiver reads it."""
    carl = login(front, CARL)
    kept = {"Memory": "memory", "NightIncident": "incident", "Patient": "patient"}
    return {kind: ok(carl.get(f"/entities/{kind}/{stage.notes[note]}")) for kind, note in kept.items()}


def _code(stage: Stage, email: str) -> str:
    """The newest code that was mailed to an address."""
    found = re.findall(r"\\n(\d{6})\\n", "".join(mails(stage, email)))
    assert found, mails(stage, email)
    return str(found[-1])
