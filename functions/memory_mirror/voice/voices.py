"""Cloned voices, and what was spoken with them.

Access patterns:
    a person's voice by its id                  SUBJECT#<subject>#Voice / <voice id>
    the voice made from one sample and name     SUBJECT#<subject>#VoiceSample / <hash of both>
    a text spoken before                        SUBJECT#<subject>#Speech / <hash of text, voice and settings>

A voice belongs to the person it was made for: they and those who care for them may use it, nobody else. The files are
under `speech/<subject>/` in the bucket.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from memory_mirror.audit.trail import note
from memory_mirror.service import not_found, store
from memory_mirror.spending import allowances
from memory_mirror.spending.turns import in_turn
from memory_mirror.times.moments import Moment
from memory_mirror.voice import audio, elevenlabs
from memory_mirror.voice.elevenlabs import Unresolved, VoiceGone
from quintet import log
from quintet.models import now
from quintet.net import outbound
from quintet.providers import storage
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, Unavailable
from quintet.store import Entity, Keys

CHARACTERS_A_DAY = 50_000
"""Characters newly spoken for one person: about an hour."""
URL_LIFETIME = timedelta(hours=12)
VOICE_NOT_FOUND = not_found("Voice")
_DOWNLOAD_SECONDS = 8.0


class BadSample(ValueError):
    """The sample cannot be used; the message is fit for the caller."""


class Voice(Entity):
    """A voice, and how it came to be: from which sample, and who vouched that it may be cloned."""

    kind: ClassVar[str] = "voice"
    keys: ClassVar[Keys] = Keys("SUBJECT#{subject}#Voice", "{id}")

    subject: str
    id: str
    """The service's id."""
    name: str
    description: str = ""
    sample_id: str
    sample_sha256: str
    sample_type: str
    sample_seconds: float
    sample_host: str
    """Where the sample was fetched; its whole address may hold a secret."""
    consent_by: str
    """The account that asked for the clone and so vouched for the speaker's consent."""
    consent_email: str
    created_date: Moment


class VoiceSample(Entity):
    """That a sample was cloned under a name already."""

    kind: ClassVar[str] = "voice_sample"
    keys: ClassVar[Keys] = Keys("SUBJECT#{subject}#VoiceSample", "{id}")

    subject: str
    id: str
    voice_id: str


class Speech(Entity):
    """A text that was spoken and is kept as a file."""

    kind: ClassVar[str] = "speech"
    keys: ClassVar[Keys] = Keys("SUBJECT#{subject}#Speech", "{id}")

    subject: str
    id: str
    voice_id: str
    file: str
    """The file's key in the bucket."""
    seconds: float
    created_date: Moment

    @property
    def url(self) -> str:
        """Where it can be heard for URL_LIFETIME."""
        return storage.presign_download(self.file, URL_LIFETIME)


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording of the voice to be cloned."""

    content: bytes
    type: audio.AudioType
    seconds: float
    host: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def fetch_sample(url: str) -> Sample:
    """The recording at a public URL. Raises BadSample."""
    try:
        response = outbound.request(
            "GET", url, timeout=_DOWNLOAD_SECONDS, max_bytes=audio.MAX_BYTES, retries=1, guarded=True
        )
    except outbound.Refused as error:
        raise BadSample(str(error)) from None
    except outbound.TooLarge:
        raise BadSample("the audio must be at most 25 MB") from None
    except outbound.OutboundError:
        raise BadSample("nothing could be fetched from there") from None
    if not response.ok:
        raise BadSample(f"nothing could be fetched from there: it answered {response.status}")
    try:
        found = audio.recognise(response.body)
    except ValueError as error:
        raise BadSample(str(error)) from None
    return Sample(response.body, found.type, found.seconds, urlsplit(url).hostname or "")


def clone(subject: str, by: tuple[str, str], name: str, description: str, sample: Sample) -> Voice:
    """The voice of a sample under a name, made unless it is there; `by` is the account that asks, its id and address.

    The same sample and name are cloned, and charged, once for a person, however often and at once they are asked for.
    Raises the errors of `elevenlabs.add_voice`, and 503 while another is at it for too long.
    """
    sample_id = _digest(subject, name, sample.sha256)

    def find() -> Voice | None:
        known = store.get(VoiceSample, subject=subject, id=sample_id)
        return store.get(Voice, subject=subject, id=known.voice_id) if known else None

    def make() -> Voice:
        voice = Voice(
            subject=subject,
            id=_made(name, description, sample, sample_id),
            name=name,
            description=description,
            sample_id=sample_id,
            sample_sha256=sample.sha256,
            sample_type=sample.type.value,
            sample_seconds=sample.seconds,
            sample_host=sample.host,
            consent_by=by[0],
            consent_email=by[1],
            created_date=now(),
        )
        _keep(voice, find)
        return voice

    voice = in_turn(f"voice:{sample_id}", find, make)
    note(subject, "write", "memory", [voice.id])
    return voice


def _made(name: str, description: str, sample: Sample, sample_id: str) -> str:
    """A voice at the service: the one that an earlier attempt may have left there, else a new one."""
    found = elevenlabs.find_voice(sample_id)
    if found is not None:
        return found
    file_name = f"sample{sample.type.extension}"
    try:
        return elevenlabs.add_voice(name, sample.content, sample.type.value, file_name, sample_id, description)
    except Unresolved:
        found = elevenlabs.find_voice(sample_id)
        if found is None:
            raise
        return found


def _keep(voice: Voice, find: Callable[[], Voice | None]) -> None:
    """Store a voice that was made. When that fails, the service's voice goes, too, for nobody could use it."""
    tx = store.transaction()
    tx.put(voice)
    tx.put(VoiceSample(subject=voice.subject, id=voice.sample_id, voice_id=voice.id))
    try:
        tx.commit()
    except Exception:
        with suppress(Exception):
            # Where not even this can be read, the voice stays there, and the next attempt finds it.
            if find() is None:
                elevenlabs.delete_voice(voice.id)
        raise


def voice_of(subject: str, voice_id: str) -> Voice:
    """A person's voice. Raises 404 `Voice not found` for any that was not cloned for them."""
    voice = store.require(Voice, VOICE_NOT_FOUND, subject=subject, id=voice_id)
    note(subject, "read", "memory", [voice.id])
    return voice


def speech(voice: Voice, text: str, stability: float, similarity_boost: float) -> Speech:
    """A text spoken with a voice: the file that is there already, or a new one, charged once.

    Raises 404 when the service has lost the voice, 429 when the day's characters are used up, 503 while another is
    at it for too long, and the errors of `elevenlabs.speak` and of storage.
    """
    told = [text, voice.id, round(stability, 4), round(similarity_boost, 4), elevenlabs.MODEL, elevenlabs.FORMAT]
    digest = _digest(json.dumps(told, ensure_ascii=False))

    def find() -> Speech | None:
        found = store.get(Speech, subject=voice.subject, id=digest)
        with _storing():
            return found if found and storage.head(found.file) else None

    def make() -> Speech:
        content = _spoken(voice, text, stability, similarity_boost)
        try:
            seconds = audio.recognise(content).seconds
        except ValueError as error:
            raise Unavailable("the voice service answered no audio") from error
        file = f"speech/{voice.subject}/{digest}.mp3"
        with _storing():
            storage.put(file, content, audio.AudioType.MP3.value)
        made = Speech(
            subject=voice.subject, id=digest, voice_id=voice.id, file=file, seconds=seconds, created_date=now()
        )
        tx = store.transaction()
        tx.put(made)
        tx.commit()
        return made

    return in_turn(f"speech:{voice.subject}:{digest}", find, make)


@contextmanager
def _storing() -> Iterator[None]:
    """What storage refuses is nothing that a caller could mend."""
    try:
        yield
    except Rejected as error:
        raise Unavailable(str(error)) from error


def _spoken(voice: Voice, text: str, stability: float, similarity_boost: float) -> bytes:
    allowances.spend(voice.subject, "speech", len(text), CHARACTERS_A_DAY)
    try:
        return elevenlabs.speak(voice.id, text, stability, similarity_boost)
    except VoiceGone:
        allowances.give_back(voice.subject, "speech", len(text))
        _forget(voice)
        raise VOICE_NOT_FOUND() from None
    except Exception:
        allowances.give_back(voice.subject, "speech", len(text))
        raise


def _forget(voice: Voice) -> None:
    """Remove a voice that the service does not have any more, so that its sample can be cloned anew."""
    log.logger().warning("the voice service has lost a voice", extra={"voice_id": voice.id})
    tx = store.transaction()
    tx.remove(voice.own_key())
    tx.remove(VoiceSample.key(subject=voice.subject, id=voice.sample_id))
    tx.commit()


def erase(subject: str) -> bool:
    """Delete a person's voices everywhere: at the service, the files spoken with them, and what is kept of them.

    Answers whether nothing is left; when a service cannot be reached, some is, and this may be called again.
    """
    try:
        for spoken in store.each(Speech, subject=subject):
            storage.delete(spoken.file)
            _remove(spoken)
        for voice in store.each(Voice, subject=subject):
            with suppress(NotConfigured):  # without a key there is no account any more to delete it from
                elevenlabs.delete_voice(voice.id)
            _remove(voice)
    except ProviderError as error:
        log.logger().warning("voices are left to erase", exc_info=error)
        return False
    for sample in store.each(VoiceSample, subject=subject):
        _remove(sample)
    return True


def _remove(entity: Entity) -> None:
    tx = store.transaction()
    tx.remove(entity.own_key())
    tx.commit()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:40]
