"""A walk through Memory Mirror that uses every operation once, as Rose and those who care for her do.

The clock stands still on a November morning in Whitby, so that what falls due is the same at every run. Cloned
voices, devices and translation are played by their stand-ins; without a model the fallbacks answer.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.local import elevenlabs
from infra.local.devices import Devices
from infra.local.elevenlabs import ElevenLabs
from infra.local.translate import Translate
from memory_mirror import demo
from memory_mirror.service import api
from quintet.keys import keyring
from quintet.models.time import FrozenClock, frozen
from quintet.net import aws as clients
from quintet.settings import settings, use
from quintet.testing import Client
from tests.bench.walk import Walk
from tests.support import aws
from tests.support.aws import SECRET, sent_emails

BASE = "/functions"
MORNING = datetime(2026, 11, 20, 9, 0, 20, tzinfo=UTC)
"""Rose's playlist of every morning is due."""
CLARA, CLARA_PASSWORD = "clara@example.com", "a-garden-of-roses"
WORRY = "Help, I don't know where I am"
TURNS = [
    {"role": "user", "content": "I have to open the bakery before seven, where are my keys?"},
    {"role": "assistant", "content": "The bakery must smell wonderful in the morning."},
    {"role": "user", "content": "Paul carries the trays. Where are my keys? And what day is it?"},
    {"role": "assistant", "content": "It is a quiet Friday. Tell me about Paul."},
    {"role": "user", "content": "He sang, he always sang. What day is it?"},
]


class MirrorWalk(Walk):
    """A walk of Rose, her caregiver and an administrator."""

    def __init__(self) -> None:
        super().__init__(api)
        self.rose, self.carer, self.admin = (
            self.log_in(email) for email in (demo.ROSE_EMAIL, demo.CARER_EMAIL, demo.ADMIN_EMAIL)
        )

    def log_in(self, email: str, password: str = demo.PASSWORD) -> Client:
        body = {"email": email, "password": password}
        return self.client.as_caller(self.step(self.client, "POST", "/auth/login", body)["access_token"])

    def call(self, who: Client, function: str, body: Any = None) -> Any:
        """One call of a documented function."""
        return self.step(who, "POST", f"{BASE}/{function}", body)


def walked() -> Walk:
    """The walk when it is done, in a companion of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="quintet-bench-") as folder,
        aws.system("memory_mirror"),
        _outside(Path(folder)) as studio,
        frozen(MORNING) as clock,
    ):
        demo.seed()
        walk = MirrorWalk()
        _accounts(walk, clock)
        _entities(walk)
        _conversation(walk)
        _night(walk)
        _memories(walk)
        _music(walk)
        _home(walk)
        _voice(walk, studio)
        _messages(walk)
        _care(walk)
        _compliance(walk)
        _clock(walk, clock)
        return walk


@contextmanager
def _outside(folder: Path) -> Iterator[ElevenLabs]:
    """The stand-ins, known to the functions; answers the voices', which has recordings, too."""
    servers = Devices(folder / "devices.jsonl"), ElevenLabs(folder / "voices.jsonl"), Translate()
    devices, studio, translate = servers
    text = json.dumps({**SECRET, "elevenlabs_api_key": elevenlabs.API_KEY})
    clients.client("secretsmanager").put_secret_value(SecretId=settings().secret, SecretString=text)
    keyring.reset()
    with ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.stop)
        known = {
            "QUINTET_IOT_ENDPOINT": devices.url,
            "QUINTET_ELEVENLABS_URL": studio.url,
            "AWS_ENDPOINT_URL_TRANSLATE": translate.url,
            "QUINTET_OUTBOUND_PLAIN": "1",
            "QUINTET_OUTBOUND_NETWORKS": "127.0.0.0/8",
            "QUINTET_OUTBOUND_PORTS": str(studio.server_address[1]),
        }
        stack.enter_context(use(known))
        yield studio


def _accounts(walk: MirrorWalk, clock: FrozenClock) -> None:
    body = {"email": CLARA, "password": CLARA_PASSWORD, "full_name": "Clara Reed", "role": "caregiver"}
    session = walk.step(walk.client, "POST", "/auth/register", body)
    clara = walk.client.as_caller(session["access_token"])
    clock.advance(seconds=35)
    walk.step(clara, "POST", "/auth/send-code")
    walk.step(clara, "POST", "/auth/confirm", {"code": _code_mailed_to(CLARA)})
    walk.step(walk.client, "POST", "/auth/refresh", {"refresh_token": session["refresh_token"]})
    walk.step(clara, "GET", "/auth/me")
    walk.step(clara, "POST", "/auth/logout")
    clara = walk.log_in(CLARA, CLARA_PASSWORD)
    clara.post("/entities/CareJournalEntry", {"content": "Nobody to look after yet."})
    walk.step(clara, "POST", "/auth/erase", {"password": CLARA_PASSWORD})


def _entities(walk: MirrorWalk) -> None:
    path = "/entities/Memory"
    told = {"title": "The first loaf", "content": "It was flat, and we ate it all.", "era": "1960s"}
    made = walk.step(walk.carer, "POST", path, {**told, "sentiment": "positive"})["id"]
    walk.step(walk.carer, "PUT", f"{path}/{made}", {"title": "My first loaf"})
    walk.step(walk.carer, "GET", f"{path}/{made}")
    walk.step(walk.carer, "GET", path + "?era=1960s")
    walk.step(walk.carer, "DELETE", f"{path}/{made}")


def _conversation(walk: MirrorWalk) -> None:
    walk.call(walk.rose, "analyzeSentiment", {"text": "I want to go home, where is everyone?"})
    walk.call(walk.rose, "chatWithAI", {"message": "I think I need to pick up Emma from school"})
    walk.call(walk.rose, "assessCognitiveLevel", {"conversation_history": TURNS})
    feeling = {"emotionalState": "anxious", "anxietyLevel": 6, "currentContext": "Evening routine"}
    walk.call(walk.rose, "generatePersonalizedConversation", feeling)
    walk.call(walk.rose, "suggestVisualResponses", {"conversation_context": "Rose is happy", "anxiety_level": 2})
    walk.call(walk.rose, "proactiveEngagement")
    walk.call(walk.rose, "translateText", {"text": "Good morning", "targetLanguage": "fr", "sourceLanguage": "en"})


def _night(walk: MirrorWalk) -> None:
    heard = {"voiceTranscript": WORRY, "environmentalSounds": ["banging"], "timeOfNight": "03:15"}
    assert walk.call(walk.rose, "detectNightEmergency", heard)["alertCaregiver"]
    walk.call(walk.rose, "nightModeChat", {"userMessage": "I can't find my husband"})
    walk.call(walk.rose, "nightWatchAI", {"context": "ambient", "time_of_night": "02:30"})


def _memories(walk: MirrorWalk) -> None:
    walk.call(walk.rose, "recallMemories", {"context": "Rose talks of baking bread", "detected_era": "1960s"})
    walk.call(walk.rose, "findRelevantMedia", {"context": "The bakery", "conversation_topics": ["bread"]})
    walk.call(walk.rose, "generateMemoryReflection", {"reflection_type": "life_story"})
    walk.call(walk.rose, "generateMemorySession", {"sessionType": "reminiscence"})
    walk.call(walk.rose, "generateAIContent", {"type": "story", "cognitiveLevel": "mild"})
    walk.call(walk.rose, "generatePersonalizedStory", {"theme": "garden", "mood": "calm"})


def _music(walk: MirrorWalk) -> None:
    walk.call(walk.rose, "generatePlaylist", {"name": "Sunday Morning", "mood": "calm", "era": "1960s"})
    walk.call(walk.rose, "suggestMusic", {"mood": "calm", "era": "1960s"})
    walk.call(walk.rose, "searchMusic", {"query": "Beatles", "era": "1960s"})


def _home(walk: MirrorWalk) -> None:
    lamp = demo.demo_id(demo.LAMP)
    command = {"device_id": lamp, "action": "turn_on", "parameters": {"brightness": 80}}
    assert walk.call(walk.rose, "controlSmartDevice", command)["success"]
    assert walk.call(walk.rose, "executeSmartHomeRoutine", {"routineName": "Good night"})["success"]
    dim = {"device_id": lamp, "action": "set_brightness", "parameters": {"brightness": 40}}
    walk.rose.post("/entities/MoodAutomation", {"name": "Soft light", "moods": ["anxious"], "actions": [dim]})
    assert walk.call(walk.rose, "moodBasedDeviceControl", {"anxiety_level": 7, "detected_mood": "anxious"})["applied"]


def _voice(walk: MirrorWalk, studio: ElevenLabs) -> None:
    sample = {"audio_file_url": f"{studio.url}/_sample", "voice_name": "Grandma Rose"}
    voice = walk.call(walk.rose, "cloneVoice", sample)["voice_id"]
    walk.call(walk.rose, "synthesizeClonedVoice", {"text": "Good morning, how are you today?", "voice_id": voice})


def _messages(walk: MirrorWalk) -> None:
    mail = {"subject": "This week", "body": "Rose sang in the kitchen.", "recipientEmails": [demo.DAUGHTER_EMAIL]}
    walk.call(walk.carer, "sendBulkEmail", mail)
    told = {"message_id": "m1", "sender_name": "Carl", "message_preview": "All is well"}
    walk.call(walk.carer, "sendChatNotification", {**told, "recipient_emails": [demo.ROSE_EMAIL]})
    captured = {"client_id": "c1", "message": "Where is Paul?", "response": "He is at work."}
    walk.call(walk.rose, "syncOfflineData", {"sync_type": "full", "offline_conversations": [captured]})


def _care(walk: MirrorWalk) -> None:
    patient = demo.demo_id(1)
    walk.call(walk.carer, "trackPatientSession", {"patient_id": patient})
    walk.call(walk.carer, "detectBehaviorAnomalies")
    walk.call(walk.carer, "generateCareInsights")
    walk.call(walk.admin, "generateCaregiverInsights", {"days": 7})
    walk.call(walk.admin, "generateCaregiverReport", {"report_type": "weekly", "patient_id": patient})


def _compliance(walk: MirrorWalk) -> None:
    seen = {"resource_type": "memory", "resource_id": demo.demo_id(10)}
    walk.call(walk.carer, "auditCompliance", {"action_type": "export", **seen})
    who = {"user_email": demo.CARER_EMAIL, "user_name": "Carl Carer"}
    walk.call(walk.admin, "logAuditEvent", {"action_type": "read", **who, **seen})
    walk.call(walk.client, "healthCheck")


def _clock(walk: MirrorWalk, clock: FrozenClock) -> None:
    """The clock's functions, each with something to do."""
    due = {"title": "Tea time", "starts_at": "2026-11-20T09:00:00", "timezone": "UTC"}
    walk.carer.post("/entities/Reminder", {**due, "recipients": [demo.CARER_EMAIL]})
    assert walk.call(walk.client, "triggerReminders")["triggered"] == 1
    assert walk.call(walk.client, "playScheduledPlaylist")["played"]
    clock.advance(hours=1)
    walk.rose.token = walk.log_in(demo.ROSE_EMAIL).token
    walk.call(walk.rose, "detectNightEmergency", {"voiceTranscript": WORRY, "timeOfNight": "04:20"})
    assert walk.call(walk.client, "checkAlertConditions")["triggered"] == 1
    walk.call(walk.client, "autoFixErrors")
    walk.call(walk.client, "generateMaintenanceReport")
    walk.event("housekeeping.sweep")


def _code_mailed_to(email: str) -> str:
    """The code in the newest e-mail to an address."""
    texts = [str(mail["body"]) for mail in sent_emails() if email in str(mail["destinations"])]
    found = re.search(r"^\d{6}$", texts[-1], re.MULTILINE)
    assert found is not None, texts[-1]
    return found[0]
