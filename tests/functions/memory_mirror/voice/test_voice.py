"""A loved one's voice: cloned once from a recording that was checked, and spoken with once for each text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from infra.local.elevenlabs import ElevenLabs
from infra.local.faulty import Faults
from infra.local.tones import melody, seconds_of
from memory_mirror.service import store
from memory_mirror.spending import allowances
from memory_mirror.spending.turns import LEASE, Turn, in_turn
from memory_mirror.voice.voices import CHARACTERS_A_DAY, Speech, Voice, VoiceSample, erase
from quintet.api import ApiError
from quintet.models import now
from quintet.models.time import frozen
from quintet.net import aws
from quintet.settings import settings, use
from quintet.store import ConditionFailed
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import Configure, MakePatient, SignIn, subject_of
from tests.functions.memory_mirror.voice.conftest import SAMPLE, Recordings
from tests.support.aws import in_threads
from tests.support.calls import Refused, failing

CLONE, SPEAK = "/functions/cloneVoice", "/functions/synthesizeClonedVoice"
TEXT = "Good morning, how are you feeling today?"


def wanted(recordings: Recordings, **fields: Any) -> dict[str, Any]:
    return {"audio_file_url": recordings.at(), "voice_name": "Grandma Rose", **fields}


def cloned(client: Client, recordings: Recordings, **fields: Any) -> str:
    answer = client.post(CLONE, wanted(recordings, **fields))
    assert answer.status == 200, answer
    return str(answer.body["voice_id"])


def stored_at(url: str) -> bytes:
    """The object that a signed URL leads to."""
    path = unquote(urlsplit(url).path).removeprefix("/").removeprefix(f"{settings().bucket}/")
    content: bytes = aws.client("s3").get_object(Bucket=settings().bucket, Key=path)["Body"].read()
    return content


def keeping_voices(params: Mapping[str, Any]) -> Refused | None:
    """Fails the write that keeps a voice."""
    kinds = [action["Put"]["Item"]["kind"]["S"] for action in params["TransactItems"] if "Put" in action]
    return Refused("ValidationException") if "voice" in kinds else None


@pytest.mark.parametrize("path", [CLONE, SPEAK])
def test_nobody_is_served_without_a_session(mirror: Client, path: str) -> None:
    answer = mirror.post(path, {})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


def test_a_voice_is_cloned_from_a_recording(rose: Client, studio: ElevenLabs, recordings: Recordings) -> None:
    answer = rose.post(CLONE, wanted(recordings, voice_description="Warm, gentle, 80s accent"))
    (voice,) = studio.voices.values()
    assert answer.status == 200
    assert answer.body == {"success": True, "voice_id": voice["voice_id"], "voice_name": "Grandma Rose"}
    assert (voice["name"], voice["description"]) == ("Grandma Rose", "Warm, gentle, 80s accent")


def test_who_vouched_for_the_speakers_consent_is_kept(rose: Client, studio: ElevenLabs, recordings: Recordings) -> None:
    before = now().replace(microsecond=0)
    voice_id, subject = cloned(rose, recordings), subject_of(rose)
    voice = store.get(Voice, subject=subject, id=voice_id)
    assert voice is not None
    assert (voice.consent_by, voice.consent_email) == (subject, "rose@example.com")
    assert (voice.sample_type, voice.sample_host) == ("audio/mpeg", "127.0.0.1")
    assert voice.sample_seconds == pytest.approx(len(SAMPLE) / 16_000, abs=0.1)
    assert voice.created_date >= before


def test_the_same_recording_under_the_same_name_is_the_same_voice(
    rose: Client, sign_in: SignIn, studio: ElevenLabs, recordings: Recordings
) -> None:
    recordings.files["/copy.mp3"] = SAMPLE
    first = cloned(rose, recordings)
    assert cloned(rose, recordings, audio_file_url=recordings.at("/copy.mp3")) == first
    assert studio.made == 1
    others = {first, cloned(rose, recordings, voice_name="Rose, young"), cloned(sign_in("user"), recordings)}
    assert (len(others), studio.made) == (3, 3)


def test_many_at_once_make_one_voice(rose: Client, studio: ElevenLabs, recordings: Recordings) -> None:
    studio.faults = Faults(delay=0.2)
    ids = in_threads(6, lambda _: cloned(rose, recordings))
    assert (len(set(ids)), studio.made) == (1, 1)


BAD_CLONES: list[tuple[dict[str, Any], str]] = [
    ({"audio_file_url": None}, "audio_file_url: "),
    ({"audio_file_url": ""}, "audio_file_url: "),
    ({"audio_file_url": "ftp://example.com/a.mp3"}, "audio_file_url: the URL must begin with https://"),
    (
        {"audio_file_url": "https://169.254.169.254/latest"},
        "audio_file_url: the host is not on the public internet",
    ),
    ({"audio_file_url": "https://[::1]/a.mp3"}, "audio_file_url: the host is not on the public internet"),
    ({"audio_file_url": "https://u:p@example.com/a.mp3"}, "audio_file_url: the URL must not contain a user name"),
    ({"voice_name": None}, "voice_name: "),
    ({"voice_name": " "}, "voice_name: "),
    ({"voice_name": "x" * 101}, "voice_name: "),
    ({"voice_name": "Rose\r\nX: y"}, "voice_name: "),
    ({"voice_name": 7}, "voice_name: "),
    ({"voice_description": "x" * 501}, "voice_description: "),
]


def test_a_bad_field_is_named(rose: Client, studio: ElevenLabs, recordings: Recordings) -> None:
    for fields, error in BAD_CLONES:
        answer = rose.post(CLONE, wanted(recordings, **fields))
        assert answer.status == 400, (fields, answer)
        assert answer.body["error"].startswith(error), answer.body
        assert studio.made == 0


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"<html>no sound here</html>", "Audio must be an MP3, WAV, Ogg, FLAC or MPEG-4 file with sound in it"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "Audio must be an MP3, WAV, Ogg, FLAC or MPEG-4 file with sound in it"),
        (b"\x00" * (25 * 1024 * 1024 + 1), "the audio must be at most 25 MB"),
        (None, "nothing could be fetched from there: it answered 404"),
    ],
)
def test_what_is_no_recording_is_not_cloned(
    rose: Client, studio: ElevenLabs, recordings: Recordings, content: bytes | None, error: str
) -> None:
    if content is not None:
        recordings.files["/other.mp3"] = content
    answer = rose.post(CLONE, wanted(recordings, audio_file_url=recordings.at("/other.mp3")))
    assert (answer.status, answer.body) == (400, {"error": f"audio_file_url: {error}"})
    assert studio.made == 0


def test_without_a_key_nothing_is_fetched_or_cloned(
    rose: Client, studio: ElevenLabs, configure: Configure, recordings: Recordings
) -> None:
    configure()
    answer = rose.post(CLONE, wanted(recordings))
    assert (answer.status, answer.body) == (503, {"error": "Voice cloning is not configured"})
    assert (recordings.asked, studio.asked) == ([], [])


@pytest.mark.parametrize(
    ("status", "code", "answered", "error"),
    [
        (401, "quota_exceeded", 503, "The voice service is busy or its quota is used up, please try again later"),
        (400, "voice_limit_reached", 503, "The voice service is busy or its quota is used up, please try again later"),
        (401, "invalid_api_key", 503, "The voice service is not available, please try again later"),
        (500, "", 503, "The voice service is not available, please try again later"),
        (400, "invalid_audio", 400, "audio_file_url: the voice service cannot use it"),
    ],
)
def test_the_services_refusals_are_told_and_leave_nothing(
    rose: Client, studio: ElevenLabs, recordings: Recordings, status: int, code: str, answered: int, error: str
) -> None:
    cloning = Faults(status=status, code=code)
    with pytest.MonkeyPatch.context() as patch:
        settle = studio.settle
        patch.setattr(studio, "settle", lambda asked: (studio.failure(cloning.status, cloning.code), 0.0)
                      if asked.path == "/v1/voices/add" else settle(asked))  # fmt: skip
        answer = rose.post(CLONE, wanted(recordings))
        assert (answer.status, answer.body) == (answered, {"error": error})
    assert studio.made == 0
    assert cloned(rose, recordings)


def test_a_voice_whose_answer_got_lost_is_found_and_not_made_again(
    rose: Client, studio: ElevenLabs, recordings: Recordings
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        settle = studio.settle
        patch.setattr(studio, "settle", lambda asked: (None, 0.0) if asked.path == "/v1/voices/add" and settle(asked)
                      else settle(asked))  # fmt: skip
        first = cloned(rose, recordings)
    assert (list(studio.voices), studio.made) == ([first], 1)


def test_a_voice_that_cannot_be_kept_goes_from_the_service_too(
    rose: Client, studio: ElevenLabs, recordings: Recordings
) -> None:
    with failing("TransactWriteItems", keeping_voices):
        answer = rose.post(CLONE, wanted(recordings))
    assert answer.status == 500
    assert (studio.made, studio.voices) == (1, {})
    assert cloned(rose, recordings) in studio.voices


def test_a_voice_that_was_left_at_the_service_is_taken_up(
    rose: Client, studio: ElevenLabs, recordings: Recordings
) -> None:
    with failing("TransactWriteItems", keeping_voices), pytest.MonkeyPatch.context() as patch:
        settle = studio.settle
        patch.setattr(studio, "settle", lambda asked: (studio.failure(503, ""), 0.0) if asked.method == "DELETE"
                      else settle(asked))  # fmt: skip
        assert rose.post(CLONE, wanted(recordings)).status == 500
    (left,) = studio.voices
    assert (cloned(rose, recordings), studio.made) == (left, 1)


def test_text_is_spoken_with_the_voice(rose: Client, studio: ElevenLabs, recordings: Recordings) -> None:
    voice_id = cloned(rose, recordings)
    answer = rose.post(SPEAK, {"text": TEXT, "voice_id": voice_id})
    assert answer.status == 200
    assert set(answer.body) == {"audio_url", "duration_seconds"}
    assert answer.body["duration_seconds"] == pytest.approx(seconds_of(TEXT), abs=0.03)
    assert stored_at(answer.body["audio_url"]) == melody(TEXT, voice_id)
    assert studio.asked[-1].json["voice_settings"] == {"stability": 0.75, "similarity_boost": 0.75}


def test_the_same_text_is_charged_once_and_other_settings_anew(
    rose: Client, studio: ElevenLabs, recordings: Recordings
) -> None:
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    first, again = rose.post(SPEAK, body), rose.post(SPEAK, {**body, "text": f" {TEXT} ", "stability": 0.75})
    assert stored_at(again.body["audio_url"]) == stored_at(first.body["audio_url"])
    assert again.body["duration_seconds"] == first.body["duration_seconds"]
    assert studio.charged == len(TEXT)
    for other in ({"stability": 0}, {"similarity_boost": 1}, {"text": "Good night"}):
        assert rose.post(SPEAK, {**body, **other}).status == 200
    assert studio.charged == 3 * len(TEXT) + len("Good night")


def test_many_at_once_are_charged_once(rose: Client, studio: ElevenLabs, recordings: Recordings) -> None:
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    studio.faults = Faults(delay=0.2)
    answers = in_threads(6, lambda _: rose.post(SPEAK, body).body["duration_seconds"])
    assert len(set(answers)) == 1
    assert studio.charged == len(TEXT)


def test_what_was_spoken_is_served_without_the_service(
    rose: Client, studio: ElevenLabs, recordings: Recordings, configure: Configure
) -> None:
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    first = rose.post(SPEAK, body)
    configure()
    again = rose.post(SPEAK, body)
    assert (again.status, again.body["duration_seconds"]) == (200, first.body["duration_seconds"])
    other = rose.post(SPEAK, {**body, "text": "Good night"})
    assert (other.status, other.body) == (503, {"error": "Voice cloning is not configured"})


def test_a_file_that_is_gone_is_spoken_again(rose: Client, studio: ElevenLabs, recordings: Recordings) -> None:
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    rose.post(SPEAK, body)
    (kept,) = store.query(Speech, subject=subject_of(rose)).items
    aws.client("s3").delete_object(Bucket=settings().bucket, Key=f"memory_mirror/{kept.file}")
    assert stored_at(rose.post(SPEAK, body).body["audio_url"]) == melody(TEXT, body["voice_id"])
    assert studio.charged == 2 * len(TEXT)


def test_a_voice_of_somebody_else_does_not_exist(
    rose: Client, sign_in: SignIn, carer: Client, studio: ElevenLabs, recordings: Recordings
) -> None:
    voice_id = cloned(rose, recordings)
    for client, voice in ((sign_in("user"), voice_id), (carer, voice_id), (rose, "abc"), (rose, "../user")):
        answer = client.post(SPEAK, {"text": TEXT, "voice_id": voice})
        assert (answer.status, answer.body) == (404, {"error": "Voice not found"})
    assert studio.charged == 0


def test_a_caregiver_uses_the_voices_of_their_patient(
    rose: Client, carer: Client, make_patient: MakePatient, studio: ElevenLabs, recordings: Recordings
) -> None:
    patient = make_patient(rose, caregivers=["carer@example.com"])
    voice_id = cloned(rose, recordings)
    assert carer.post(SPEAK, {"text": TEXT, "voice_id": voice_id}).status == 200
    named = carer.post(SPEAK, {"text": TEXT, "voice_id": voice_id}, headers={"X-Patient-Id": patient["id"]})
    assert named.status == 200
    assert studio.charged == len(TEXT)
    unknown = carer.post(SPEAK, {"text": TEXT, "voice_id": voice_id}, headers={"X-Patient-Id": "nobody"})
    assert (unknown.status, unknown.body) == (404, {"error": "Patient not found"})


BAD_TEXTS: list[tuple[dict[str, Any], str]] = [
    ({"text": None}, "text: "),
    ({"text": "  "}, "text: "),
    ({"text": "x" * 5001}, "text: "),
    ({"voice_id": None}, "voice_id: "),
    ({"voice_id": "x" * 101}, "voice_id: "),
    ({"stability": 1.01}, "stability: "),
    ({"stability": -0.1}, "stability: "),
    ({"stability": "0.5"}, "stability: "),
    ({"similarity_boost": 2}, "similarity_boost: "),
    ({"similarity_boost": True}, "similarity_boost: "),
]


def test_a_bad_field_of_a_text_is_named(rose: Client, studio: ElevenLabs) -> None:
    for fields, error in BAD_TEXTS:
        answer = rose.post(SPEAK, {"text": TEXT, "voice_id": "abc", **fields})
        assert answer.status == 400, (fields, answer)
        assert answer.body["error"].startswith(error)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Faults(status=401, code="quota_exceeded"), 503),
        (Faults(status=500), 503),
        (Faults(lost=True), 503),
        (Faults(status=422), 400),
    ],
)
def test_a_text_that_could_not_be_spoken_can_be_tried_again(
    rose: Client, studio: ElevenLabs, recordings: Recordings, fault: Faults, status: int
) -> None:
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    studio.faults = fault
    assert rose.post(SPEAK, body).status == status
    studio.faults = Faults()
    assert rose.post(SPEAK, body).status == 200


def test_a_voice_that_the_service_lost_can_be_cloned_again(
    rose: Client, studio: ElevenLabs, recordings: Recordings
) -> None:
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    studio.voices.clear()
    answer = rose.post(SPEAK, body)
    assert (answer.status, answer.body) == (404, {"error": "Voice not found"})
    fresh = cloned(rose, recordings)
    assert fresh != body["voice_id"]
    assert rose.post(SPEAK, {"text": TEXT, "voice_id": fresh}).status == 200


def test_a_day_has_so_many_characters_and_failures_do_not_count(
    rose: Client, studio: ElevenLabs, recordings: Recordings
) -> None:
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    allowances.spend(subject_of(rose), "speech", CHARACTERS_A_DAY - len(TEXT), CHARACTERS_A_DAY)
    studio.faults = Faults(status=500)
    assert rose.post(SPEAK, body).status == 503
    studio.faults = Faults()
    assert rose.post(SPEAK, body).status == 200
    refused = rose.post(SPEAK, {**body, "text": "One more"})
    assert (refused.status, refused.body) == (
        429,
        {"error": "That is as much as one day allows, please try again tomorrow"},
    )
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    assert rose.post(SPEAK, body).status == 200
    assert studio.charged == len(TEXT)


def test_speech_without_a_bucket_is_told_and_kept_from_looking_done(
    rose: Client, studio: ElevenLabs, recordings: Recordings
) -> None:
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    with use({"QUINTET_BUCKET": "there-is-no-such-bucket"}):
        answer = rose.post(SPEAK, body)
    assert (answer.status, answer.body) == (
        503,
        {"error": "The voice service is not available, please try again later"},
    )
    assert store.query(Speech, subject=subject_of(rose)).items == []


def test_what_was_heard_is_audited(rose: Client, studio: ElevenLabs, recordings: Recordings) -> None:
    voice_id = cloned(rose, recordings)
    rose.post(SPEAK, {"text": TEXT, "voice_id": voice_id})
    events = rose.get("/entities/AuditLog?limit=100").body["items"]
    assert [(event["operation"], event["action_type"], event["resource_ids"]) for event in events] == [
        ("voice.synthesize_cloned_voice", "read", [voice_id]),
        ("voice.clone_voice", "write", [voice_id]),
    ]


def test_a_persons_voices_are_erased_everywhere(
    rose: Client, sign_in: SignIn, studio: ElevenLabs, recordings: Recordings
) -> None:
    other = sign_in("user")
    kept = cloned(other, recordings)
    body = {"text": TEXT, "voice_id": cloned(rose, recordings)}
    url = rose.post(SPEAK, body).body["audio_url"]
    assert stored_at(url)

    studio.faults = Faults(status=503)
    assert not erase(subject_of(rose))
    studio.faults = Faults()
    assert erase(subject_of(rose))

    assert list(studio.voices) == [kept]
    with pytest.raises(aws.client("s3").exceptions.NoSuchKey):
        stored_at(url)
    assert rose.post(SPEAK, body).status == 404
    for kind in (Voice, VoiceSample, Speech):
        assert store.query(kind, subject=subject_of(rose)).items == []
    assert other.post(SPEAK, {"text": TEXT, "voice_id": kept}).status == 200
    assert cloned(rose, recordings) != body["voice_id"]


def test_voices_are_erased_here_also_without_a_key(
    rose: Client, studio: ElevenLabs, recordings: Recordings, configure: Configure
) -> None:
    cloned(rose, recordings)
    configure()
    assert erase(subject_of(rose))
    assert store.query(Voice, subject=subject_of(rose)).items == []


def test_a_turn_passes_on_when_its_holder_fails(mirror: Client) -> None:
    def broken() -> str:
        raise ConditionFailed

    with pytest.raises(ConditionFailed):
        in_turn("work", lambda: None, broken)
    assert store.get(Turn, name="work") is None
    assert in_turn("work", lambda: None, lambda: "done") == "done"


def test_work_that_was_done_while_a_turn_was_awaited_is_not_done_again(mirror: Client) -> None:
    looks = iter([None, "done before"])

    def work() -> str:
        raise AssertionError("it was done already")

    assert in_turn("work", lambda: next(looks), work) == "done before"
    assert store.get(Turn, name="work") is None


def test_a_turn_whose_holder_died_ends_by_itself(mirror: Client) -> None:
    with frozen() as clock:
        store.create(Turn(name="work"))
        with pytest.raises(ApiError, match="busy"):
            in_turn("work", lambda: None, lambda: "done", patience=0.1)
        clock.advance(seconds=LEASE)
        assert in_turn("work", lambda: None, lambda: "done", patience=0.1) == "done"
