"""The night functions over HTTP: the floor decides, the caregivers are told once, a model may raise and never lower."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.local.converse import Step
from memory_mirror.guards.replies import fault
from memory_mirror.languages.spoken import LANGUAGES, fits
from memory_mirror.messages.entities import Notification
from memory_mirror.night.comfort import Known, comforting
from memory_mirror.night.entities import NightIncident
from memory_mirror.night.rules import action_for, graded, hinted, unpromising, watched
from memory_mirror.records.record import recent
from memory_mirror.safety import Kind, Verdict
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.memory_mirror.conftest import MakePatient, SignIn, subject_of
from tests.support.aws import in_threads
from tests.support.model import model

DETECT, CHAT, WATCH = "/functions/detectNightEmergency", "/functions/nightModeChat", "/functions/nightWatchAI"
WORRIED = {
    "voiceTranscript": "Help, I don't know where I am",
    "voicePatterns": {"volume": 85, "speech_rate": "rapid"},
    "environmentalSounds": ["banging"],
    "movementData": {},
    "timeOfNight": "03:15",
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TOLD = "I have told the people who look after you."


@pytest.fixture(autouse=True)
def mail(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The e-mails that were sent: to and subject."""
    sent: list[tuple[str, str]] = []

    def send(to: str, subject: str, _text: str, _html: str | None = None) -> None:
        sent.append((to, subject))

    monkeypatch.setattr("quintet.providers.email.send_email", send)
    return sent


@pytest.fixture
def cared_for(rose: Client, make_patient: MakePatient) -> Client:
    """Rose, whom carer@example.com looks after."""
    make_patient(rose, caregivers=["carer@example.com"])
    return rose


def done(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    return dict(answer.body)


def incidents_of(client: Client) -> list[NightIncident]:
    return recent(NightIncident, subject_of(client))


@pytest.mark.parametrize(("path", "body"), [(DETECT, {}), (CHAT, {"userMessage": "Hello"}), (WATCH, {})])
def test_without_a_session_there_is_no_answer(mirror: Client, path: str, body: dict[str, Any]) -> None:
    answer = mirror.post(path, body)
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (DETECT, {"timeOfNight": "25:00"}, "timeOfNight"),
        (DETECT, {"timeOfNight": "3am"}, "timeOfNight"),
        (DETECT, {"voiceTranscript": 7}, "voiceTranscript"),
        (DETECT, {"voiceTranscript": "x" * 4001}, "voiceTranscript"),
        (DETECT, {"voicePatterns": []}, "voicePatterns"),
        (DETECT, {"environmentalSounds": "banging"}, "environmentalSounds"),
        (DETECT, {"environmentalSounds": ["tv"] * 101}, "environmentalSounds"),
        (DETECT, {"movementData": {"note": "x" * 30_000}}, "movementData"),
        (CHAT, {}, "userMessage"),
        (CHAT, {"userMessage": "   "}, "userMessage"),
        (CHAT, {"userMessage": "Hello", "conversationHistory": [{"role": "user"}]}, "conversationHistory"),
        (CHAT, {"userMessage": "Hello", "userProfile": "Rose"}, "userProfile"),
        (WATCH, {"time_of_night": "2:30"}, "time_of_night"),
        (WATCH, {"context": "asleep"}, "context"),
        (WATCH, {"detected_anxiety_indicators": "crying"}, "detected_anxiety_indicators"),
    ],
)
def test_a_bad_field_is_named(rose: Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = rose.post(path, body)
    assert answer.status == 400
    assert answer.body.keys() == {"error"}
    assert answer.body["error"].startswith(field)


def test_a_worried_voice_at_three_is_comforted_and_alerts_the_caregiver_once(
    cared_for: Client, mail: list[tuple[str, str]]
) -> None:
    answer = cared_for.post(DETECT, WORRIED)
    body = done(answer)
    assert MOMENT.fullmatch(body.pop("timestamp"))
    comfort = body.pop("comfortResponse")
    assert body == {"emergencyType": "DISORIENTATION", "distressLevel": 7, "alertCaregiver": True}
    assert comfort.startswith("I'm here with you.")
    assert TOLD in comfort
    assert answer.headers["x-answer-source"] == "fallback"
    cared_for.post(DETECT, WORRIED)
    (incident,) = incidents_of(cared_for)
    assert (incident.incident_type, incident.distress_level, incident.sightings) == ("DISORIENTATION", 7, 2)
    assert (incident.source, incident.created_by) == ("detectNightEmergency", "rose@example.com")
    assert mail == [("carer@example.com", "Rose Miller may need you: not knowing the place or the time")]
    (notice,) = recent(Notification, subject_of(cared_for))
    assert (notice.recipient_email, notice.type, notice.related_id) == (
        "carer@example.com", "night_incident", incident.id,
    )  # fmt: skip


def test_a_calm_night_is_left_alone(cared_for: Client, mail: list[Any]) -> None:
    body = done(cared_for.post(DETECT, {"environmentalSounds": ["snoring"], "timeOfNight": "03:15"}))
    assert (body["emergencyType"], body["distressLevel"], body["alertCaregiver"]) == ("NONE", 0, False)
    empty = done(cared_for.post(DETECT))
    assert (empty["emergencyType"], empty["distressLevel"], empty["alertCaregiver"]) == ("NONE", 0, False)
    assert (incidents_of(cared_for), mail) == ([], [])


def test_calls_at_once_alert_once(cared_for: Client, mail: list[Any]) -> None:
    answers = in_threads(8, lambda _: done(cared_for.post(DETECT, WORRIED)))
    assert {a["emergencyType"] for a in answers if isinstance(a, dict)} == {"DISORIENTATION"}
    (incident,) = incidents_of(cared_for)
    assert incident.sightings == 8
    assert len(mail) == 1


def test_without_caregivers_nobody_is_promised(rose: Client) -> None:
    body = done(rose.post(DETECT, {"voiceTranscript": "I've fallen and I can't get up"}))
    assert (body["emergencyType"], body["distressLevel"], body["alertCaregiver"]) == ("FALL", 9, True)
    assert TOLD not in body["comfortResponse"]
    (incident,) = incidents_of(rose)
    assert incident.caregivers_alerted == []


def test_comfort_is_in_the_language_that_was_spoken_with_her_name_and_what_calms_her(cared_for: Client) -> None:
    profile = {"full_name": "Rose Miller", "preferred_name": "Rosie", "language": "en", "comforts": ["the rose garden"]}
    cared_for.post("/entities/UserProfile", profile)
    german = done(cared_for.post(CHAT, {"userMessage": "Ich habe solche Angst"}))["response"]
    assert german.startswith("Ich bin hier bei Ihnen, Rosie.")
    english = done(cared_for.post(CHAT, {"userMessage": "I'm so scared"}))["response"]
    assert english.startswith("I'm here with you, Rosie.")
    assert "the rose garden" in english


def test_a_good_memory_is_offered_when_nothing_else_is_known_and_never_one_that_hurts(rose: Client) -> None:
    rose.post("/entities/UserProfile", {"full_name": "Rose Miller", "topics_to_avoid": ["hospital"]})
    for title, more in (("The flood", {"safe": False}), ("Hospital garden", {}), ("Summer at the lake", {})):
        answer = rose.post("/entities/Memory", {"title": title, "content": "…", "sentiment": "positive", **more})
        assert answer.status == 201, answer.body
    reply = done(rose.post(CHAT, {"userMessage": "I'm so scared"}))["response"]
    assert "Summer at the lake" in reply


def test_a_message_in_the_night_is_graded(cared_for: Client, mail: list[Any]) -> None:
    def graded_as(text: str, **more: Any) -> tuple[str, bool]:
        body = done(cared_for.post(CHAT, {"userMessage": text, **more}))
        assert body.keys() == {"response", "alertLevel", "suggestCaregiver"}
        return body["alertLevel"], body["suggestCaregiver"]

    example = {"conversationHistory": [], "incidentType": "disorientation", "userProfile": {}}
    assert graded_as("I can't find my husband", **example) == ("low", False)
    assert graded_as("What a lovely evening it is") == ("low", False)
    assert graded_as("I'm so scared") == ("medium", True)
    assert mail == []
    assert graded_as("Help me, please help me") == ("high", True)
    assert graded_as("I can't breathe") == ("critical", True)
    assert len(mail) == 2
    assert sorted(one.incident_type for one in incidents_of(cared_for)) == ["BREATHING", "DISTRESS"]


def test_the_same_words_are_not_said_twice_in_a_row(rose: Client) -> None:
    first = done(rose.post(CHAT, {"userMessage": "I'm so scared"}))["response"]
    history = [{"role": "user", "content": "I'm so scared"}, {"role": "assistant", "content": first}]
    second = done(rose.post(CHAT, {"userMessage": "I'm so scared", "conversationHistory": history}))["response"]
    assert second != first


def test_the_profile_of_the_request_gives_the_name_that_is_not_stored(rose: Client) -> None:
    body = {"userMessage": "Good evening", "userProfile": {"name": "Rose Miller", "language": "en"}}
    assert "Rose." in done(rose.post(CHAT, body))["response"]


def test_the_watch_recommends_one_thing(cared_for: Client, mail: list[Any]) -> None:
    quiet: dict[str, Any] = {
        "context": "ambient",
        "user_interaction": None,
        "time_of_night": "02:30",
        "detected_anxiety_indicators": [],
        "previous_incidents": [],
    }
    assert done(cared_for.post(WATCH, quiet)) == {
        "distress_level": 2,
        "recommended_action": "continue_monitoring",
        "comfort_message": None,
        "alert_caregiver": False,
    }
    audio = done(cared_for.post(WATCH, {"context": "active"}))
    assert (audio["distress_level"], audio["recommended_action"]) == (3, "play_comfort_audio")
    spoken = done(cared_for.post(WATCH, {"context": "distressed"}))
    assert (spoken["distress_level"], spoken["recommended_action"]) == (6, "check_in_verbally")
    assert spoken["comfort_message"]
    assert mail == []
    alarm = {"context": "distressed", "detected_anxiety_indicators": ["crying", "pacing"]}
    assert done(cared_for.post(WATCH, alarm)) == {
        "distress_level": 8,
        "recommended_action": "alert_caregiver",
        "comfort_message": done(cared_for.post(WATCH, alarm))["comfort_message"],
        "alert_caregiver": True,
    }
    assert [to for to, _ in mail] == ["carer@example.com"]


def test_what_was_said_to_the_watch_counts(cared_for: Client, mail: list[Any]) -> None:
    body = {"context": "ambient", "user_interaction": {"type": "voice", "transcript": "There is smoke in my room"}}
    found = done(cared_for.post(WATCH, body))
    assert (found["distress_level"], found["recommended_action"], found["alert_caregiver"]) == (
        9, "alert_caregiver", True,
    )  # fmt: skip
    assert len(mail) == 1


def test_a_caregiver_reports_for_their_patient_and_no_other(cared_for: Client, carer: Client, sign_in: SignIn) -> None:
    done(carer.post(DETECT, WORRIED))
    assert len(incidents_of(cared_for)) == 1
    patient = cared_for.get("/entities/Patient").body["items"][0]["id"]
    stranger = sign_in("caregiver", "other@example.com")
    answer = stranger.post(DETECT, WORRIED, headers={"X-Patient-Id": patient})
    assert (answer.status, answer.body) == (404, {"error": "Patient not found"})
    assert len(incidents_of(cared_for)) == 1


def test_a_model_words_the_reply_and_may_raise_the_level(cared_for: Client, mail: list[Any]) -> None:
    view = {"emergency_type": "FALL", "distress_level": 8, "words": "Oh Rose, rest there, I am with you."}
    calm = {"emergency_type": "NONE", "distress_level": 1, "words": "The night is soft, Rose. I am with you."}
    with model(Step(input=calm), Step(input=view)) as bedrock:
        answer = cared_for.post(CHAT, {"userMessage": "What a lovely evening it is"})
        assert done(answer) == {"response": calm["words"], "alertLevel": "low", "suggestCaregiver": False}
        assert answer.headers["x-answer-source"] == "model"
        raised = done(cared_for.post(CHAT, {"userMessage": "The floor is so hard and cold here"}))
        assert (raised["alertLevel"], raised["suggestCaregiver"]) == ("high", True)
        assert TOLD in raised["response"]
        assert "rose@example.com" not in str(bedrock.asked[0].body)
    assert [one.incident_type for one in incidents_of(cared_for)] == ["FALL"]
    assert len(mail) == 1


def test_a_model_never_lowers_and_an_alarm_does_not_wait_for_it(cared_for: Client) -> None:
    calm = {"emergency_type": "NONE", "distress_level": 0, "words": "All is well, I am here with you."}
    with model(Step(input=calm), Step(input=calm)) as bedrock:
        body = done(cared_for.post(CHAT, {"userMessage": "I'm so scared"}))
        assert (body["alertLevel"], body["suggestCaregiver"]) == ("medium", True)
        assert len(bedrock.asked) == 1
        body = done(cared_for.post(CHAT, {"userMessage": "I can't breathe"}))
        assert (body["alertLevel"], len(bedrock.asked)) == ("critical", 1)


@pytest.mark.parametrize(
    "words",
    ["Help is on the way.", "I have called your daughter.", "You are wrong, your husband is dead.",
     "Take 2 tablets and rest.", "Ich bin bei Ihnen und alles ist gut, schlafen Sie jetzt ruhig weiter."],
)  # fmt: skip
def test_a_models_unfit_words_are_not_said(cared_for: Client, words: str) -> None:
    view = {"emergency_type": "NONE", "distress_level": 1, "words": words}
    with model(Step(input=view), Step(input=view)):
        answer = cared_for.post(CHAT, {"userMessage": "What a lovely evening it is"})
    assert done(answer)["response"].startswith("I'm here with you.")
    assert answer.headers["x-answer-source"] == "fallback"


def test_what_an_app_believes_is_heeded_but_alarms_nobody() -> None:
    assert hinted(Verdict(), "physical") == Verdict(Kind.PAIN, 6, evidence=("told by the app",))
    assert not hinted(Verdict(), "physical").alerting
    assert hinted(Verdict(), "party") == Verdict()
    assert hinted(Verdict(Kind.FALL, 9, physical=True), "anxiety") == Verdict(Kind.FALL, 9, physical=True)


def test_grades_and_actions_follow_the_level() -> None:
    grades = [(graded(Verdict(Kind.DISTRESS, level)), action_for(Verdict(Kind.DISTRESS, level))) for level in range(11)]
    assert grades == [
        *[("low", "continue_monitoring")] * 3,
        *[("low", "play_comfort_audio")] * 2,
        *[("medium", "check_in_verbally")] * 2,
        *[("high", "alert_caregiver")] * 2,
        *[("critical", "alert_caregiver")] * 2,
    ]
    assert graded(Verdict(Kind.PAIN, 5, physical=True)) == "high"


def test_an_earlier_serious_incident_makes_the_watch_more_careful() -> None:
    def level(*incidents: Any) -> int:
        return watched("active", None, [], incidents, "02:00", "en").level

    assert (level(), level({"distress_level": 3, "resolved": True})) == (3, 3)
    assert (level({"distress_level": 8}), level({"resolved": False})) == (4, 4)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_comfort_exists_for_every_danger_in_every_language(language: str, kind: Kind) -> None:
    person = Known("Rose", language, ("tea",), ("Paul",), ("Lake",))
    for said in ("a", "b", "c", "d"):
        text = comforting(kind, language, person, said=said)
        assert "Rose" in text
        assert fault(text, language) is None, text
        assert fits(text, language)
        assert unpromising(text) == text
        told = comforting(kind, language, person, told=True, said=said)
        assert len(told) > len(text)
        with pytest.raises(ValueError, match="nobody was called"):
            unpromising(told)


def test_comfort_spares_what_belongs_to_another_language() -> None:
    person = Known("Rose", "en", ("the rose garden",))
    assert "rose garden" in comforting(Kind.DISTRESS, "en", person)
    assert "rose garden" not in comforting(Kind.DISTRESS, "de", person)
    assert "rose garden" not in comforting(Kind.FIRE, "en", person)
