"""Voice: a loved one's voice cloned from a recording, and texts spoken with it.

Round trips to the table: cloning 8, speaking 9, and 4 for a text that was spoken before. Access patterns are in
voices.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.accounts.access import person
from memory_mirror.service import User, api, bad_field
from memory_mirror.voice.voices import VOICE_NOT_FOUND, BadSample, clone, fetch_sample, speech, voice_of
from quintet.api import ErrorType
from quintet.models import Length, Line, Text
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, Throttled
from quintet.store import BUSY

NOT_CONFIGURED = ErrorType(503, "voice_not_configured", "Voice cloning is not configured")
UNAVAILABLE = ErrorType(
    503, "voice_unavailable", "The voice service is not available, please try again later", {"Retry-After": "30"}
)
NO_QUOTA = ErrorType(
    503, "voice_quota", "The voice service is busy or its quota is used up, please try again later",
    {"Retry-After": "300"},
)  # fmt: skip

MOST_CHARACTERS = 5000
Setting = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class NewVoice(BaseModel):
    model_config = ConfigDict(defer_build=True)

    audio_file_url: Annotated[
        Line, Length(1, 2048), Field(description="Public https URL of a recording, 25 MB at most")
    ]
    voice_name: Annotated[Line, Length(1, 100)]
    voice_description: Annotated[Text, Length(0, 500)] | None = None


class ClonedVoice(BaseModel):
    model_config = ConfigDict(defer_build=True)

    success: Literal[True] = True
    voice_id: str
    voice_name: str


class Words(BaseModel):
    model_config = ConfigDict(defer_build=True)

    text: Annotated[Text, Length(1, MOST_CHARACTERS)]
    voice_id: Annotated[Line, Length(1, 100)]
    stability: Setting = 0.75
    similarity_boost: Setting = 0.75


class SpokenWords(BaseModel):
    model_config = ConfigDict(defer_build=True)

    audio_url: Annotated[str, Field(description="Where the MP3 file can be read for some hours")]
    duration_seconds: float


@api.post(
    "/cloneVoice",
    errors=[NOT_CONFIGURED, UNAVAILABLE, NO_QUOTA, BUSY],
    needs={"table:write", "secret"},
    memory=1024,
    example={
        "audio_file_url": "https://files.example.com/rose.mp3",
        "voice_name": "Grandma Rose",
        "voice_description": "Warm, gentle",
    },
)
def clone_voice(body: NewVoice, caller: User) -> ClonedVoice:
    """Clone a voice from a recording

    The caller vouches that the speaker agrees; who did and when is kept with the voice. The recording is MP3, WAV, Ogg,
    FLAC or MPEG-4. The same recording under the same name is the same voice.
    """
    from memory_mirror.voice import elevenlabs

    with _answered("audio_file_url"):
        elevenlabs.require_configured()
        subject = person(caller).subject
        sample = fetch_sample(body.audio_file_url)
        by = caller.id, caller.email
        voice = clone(subject, by, body.voice_name, body.voice_description or "", sample)
    return ClonedVoice(voice_id=voice.id, voice_name=voice.name)


@api.post(
    "/synthesizeClonedVoice",
    errors=[VOICE_NOT_FOUND, api.errors.rate_limited, NOT_CONFIGURED, UNAVAILABLE, NO_QUOTA, BUSY],
    needs={"table:write", "storage:read", "storage:write", "secret"},
    example={"text": "Good morning, how are you feeling today?", "voice_id": "c38kUX8pkfYO2kHyqfFy"},
)
def synthesize_cloned_voice(body: Words, caller: User) -> SpokenWords:
    """Speak a text with a cloned voice

    The same text with the same voice and settings is spoken once; from then on its file is answered.
    """
    with _answered("text"):
        voice = voice_of(person(caller).subject, body.voice_id)
        found = speech(voice, body.text, body.stability, body.similarity_boost)
        return SpokenWords(audio_url=found.url, duration_seconds=found.seconds)


@contextmanager
def _answered(field: str) -> Iterator[None]:
    """Turn what goes wrong with the outside services into the documented refusals; `field` is what they may refuse."""
    try:
        yield
    except BadSample as error:
        raise bad_field(field, str(error)) from None
    except NotConfigured:
        raise NOT_CONFIGURED() from None
    except Throttled:
        raise NO_QUOTA() from None
    except Rejected:
        raise bad_field(field, "the voice service cannot use it") from None
    except ProviderError:
        raise UNAVAILABLE() from None
