"""Sound told by its content, and its length by its structure."""

from __future__ import annotations

import io
import struct
import wave
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.tones import melody, seconds_of
from memory_mirror.voice import audio
from memory_mirror.voice.audio import (
    MAX_BYTES,
    MOST_BOXES,
    AudioTooLarge,
    AudioType,
    NotAudio,
    frames,
    recognise,
)

SIZES = {  # kbit/s by index and Hz by index of MPEG-1 layer III
    1: 32, 5: 64, 9: 128, 11: 192, 14: 320,
}  # fmt: skip
HERTZ = {0: 44_100, 1: 48_000, 2: 32_000}


def mp3_frame(bits: int, rate: int, *, padded: bool = False, payload: bytes = b"") -> bytes:
    header = 0xFFFB0000 | bits << 12 | rate << 10 | padded << 9 | 0xC0
    size = 144_000 * SIZES[bits] // HERTZ[rate] + padded
    return (struct.pack(">I", header) + payload).ljust(size, b"\x00")


def tiny_frame() -> bytes:
    """24 bytes: MPEG 2, layer III, 8 kbit/s at 24 kHz."""
    return struct.pack(">I", 0xFFF30000 | 1 << 12 | 1 << 10).ljust(24, b"\x00")


def id3(size: int) -> bytes:
    packed = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + packed + b"\xff" * size


def wav(seconds: float, hertz: int = 8000, channels: int = 1, width: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(hertz)
        writer.writeframes(b"\x01" * int(seconds * hertz) * channels * width)
    return file.getvalue()


def ogg_page(position: int, packet: bytes, serial: int = 7) -> bytes:
    lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
    return struct.pack("<4sBBqIIIB", b"OggS", 0, 0, position, serial, 0, 0, len(lacing)) + bytes(lacing) + packet


def opus(samples: int, skipped: int = 312) -> bytes:
    head = b"OpusHead\x01\x01" + struct.pack("<HIhB", skipped, 48_000, 0, 0)
    return ogg_page(0, head) + ogg_page(-1, b"x" * 600) + ogg_page(samples + skipped, b"y" * 200)


def vorbis(samples: int, hertz: int) -> bytes:
    head = b"\x01vorbis" + struct.pack("<IBI", 0, 1, hertz) + b"\x00" * 14
    return ogg_page(0, head) + ogg_page(10**9, b"another stream", serial=8) + ogg_page(samples, b"y" * 300)


def flac(samples: int, hertz: int) -> bytes:
    packed = hertz << 44 | 0 << 41 | 15 << 36 | samples
    return b"fLaC\x80\x00\x00\x22" + b"\x00" * 10 + packed.to_bytes(8, "big") + b"\x00" * 16 + b"frames"


def box(name: bytes, content: bytes, *, wide: bool = False) -> bytes:
    if wide:
        return struct.pack(">I4sQ", 1, name, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, name) + content


def m4a(units: int, scale: int, *kinds: bytes, wide: bool = False) -> bytes:
    if wide:
        mvhd = box(b"mvhd", struct.pack(">IQQIQ", 1 << 24, 0, 0, scale, units) + b"\x00" * 80)
    else:
        mvhd = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, scale, units) + b"\x00" * 80)
    tracks = b"".join(
        box(b"trak", box(b"tkhd", b"\x00" * 84) + box(b"mdia", box(b"hdlr", b"\x00" * 8 + kind + b"\x00" * 13)))
        for kind in kinds
    )
    return box(b"ftyp", b"M4A \x00\x00\x00\x00") + box(b"mdat", b"sound" * 9, wide=wide) + box(b"moov", mvhd + tracks)


@settings(deadline=None, max_examples=60)
@given(st.text(min_size=1, max_size=300), st.text(max_size=20))
def test_a_melody_is_an_mp3_as_long_as_its_text_takes_to_say(text: str, key: str) -> None:
    found = recognise(melody(text, key))
    assert found.type is AudioType.MP3
    assert found.seconds == pytest.approx(seconds_of(text), abs=1152 / 44_100 + 0.001)


def test_the_same_text_is_the_same_melody_and_another_text_or_voice_is_not() -> None:
    text = "Good morning, how are you feeling today?"
    assert melody(text, "a") == melody(text, "a")
    assert len({melody(text, "a"), melody(text, "c"), melody("Good night", "a")}) == 3


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(SIZES)),
    st.sampled_from(sorted(HERTZ)),
    st.lists(st.booleans(), min_size=2, max_size=60),
    st.integers(0, 300),
    st.binary(max_size=120),
)
def test_an_mp3_lasts_as_long_as_its_frames(bits: int, rate: int, padded: list[bool], tag: int, tail: bytes) -> None:
    sound = b"".join(mp3_frame(bits, rate, padded=one) for one in padded)
    data = (id3(tag) if tag else b"") + sound + b"TAG" + tail.ljust(125, b"\x00")
    found = recognise(data)
    assert (found.type, found.seconds) == (AudioType.MP3, round(len(padded) * 1152 / HERTZ[rate], 3))
    assert [frame.size for frame in frames(data)] == [144_000 * SIZES[bits] // HERTZ[rate] + one for one in padded]


def test_frames_of_other_sizes_are_counted_one_by_one() -> None:
    data = b"".join(mp3_frame(bits, 0) for bits in (9, 1, 14, 11, 5))
    assert recognise(data).seconds == round(5 * 1152 / 44_100, 3)


@pytest.mark.parametrize("mark", [b"\x00" * 32 + b"Xing", b"\x00" * 32 + b"Info", b"\x00" * 32 + b"VBRI"])
def test_a_table_of_contents_at_the_beginning_is_not_heard(mark: bytes) -> None:
    data = mp3_frame(9, 0, payload=mark) + 10 * mp3_frame(9, 0)
    assert recognise(data).seconds == round(10 * 1152 / 44_100, 3)


def test_an_mp3_that_was_cut_lasts_as_long_as_what_is_left() -> None:
    data = 10 * mp3_frame(9, 0)
    assert recognise(data[:-1]).seconds == round(9 * 1152 / 44_100, 3)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 400), st.sampled_from([8000, 16_000, 22_050, 44_100]), st.integers(1, 2), st.sampled_from([1, 2, 3])
)
def test_a_wav_lasts_as_long_as_its_samples(hundredths: int, hertz: int, channels: int, width: int) -> None:
    data = wav(hundredths / 100, hertz, channels, width)
    with wave.open(io.BytesIO(data)) as reader:
        seconds = reader.getnframes() / reader.getframerate()
    assert recognise(data) == recognise(data + b"junk")
    assert recognise(data).type is AudioType.WAV
    assert recognise(data).seconds == round(seconds, 3)


def test_a_wav_written_to_a_pipe_says_no_size_and_lasts_as_long_as_it_is() -> None:
    data = bytearray(wav(2.0))
    data[40:44] = b"\xff\xff\xff\xff"
    assert recognise(bytes(data)).seconds == 2.0


@settings(deadline=None, max_examples=60)
@given(st.integers(48, 48_000 * 600), st.integers(0, 5000))
def test_an_opus_file_lasts_to_its_last_page_less_what_is_skipped(samples: int, skipped: int) -> None:
    found = recognise(opus(samples, skipped))
    assert (found.type, found.seconds) == (AudioType.OGG, round(samples / 48_000, 3))


def test_other_containers_say_their_length() -> None:
    assert recognise(vorbis(44_100 * 3, 44_100)).seconds == 3.0
    assert recognise(flac(96_000 * 90, 96_000)).seconds == 90.0
    assert recognise(m4a(44_100 * 5, 44_100, b"soun")).seconds == 5.0
    assert recognise(m4a(12_345, 1000, b"soun", wide=True)).seconds == 12.345
    assert {recognise(data).type for data in (flac(1000, 8000), m4a(9, 3, b"soun"))} == {AudioType.FLAC, AudioType.M4A}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ID3",
        b"not a sound at all",
        b"<html><body>Not found</body></html>",
        b"%PDF-1.7 " + b"x" * 500,
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 500,
        b"RIFF\x24\x00\x00\x00WEBPVP8 ",
        mp3_frame(9, 0),  # one frame's header is luck
        mp3_frame(9, 0) + mp3_frame(9, 1),  # and so are two of different rates
        b"OggS" + b"\x00" * 40,
        ogg_page(0, b"\x80theora" + b"\x00" * 40) + ogg_page(900, b"pictures"),
        m4a(44_100, 44_100, b"vide", b"soun"),
        m4a(44_100, 0, b"soun"),
        flac(0, 44_100),
        wav(0.0),
        b"RIFF\xff\xff\xff\xffWAVEdata\x10\x00\x00\x00" + b"\x01" * 16,  # no format before the data
    ],
)
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(NotAudio, match="must be an MP3, WAV, Ogg, FLAC or MPEG-4"):
        recognise(data)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400), st.sampled_from([b"", b"RIFF....WAVE", b"OggS\x00", b"fLaC", b"\x00\x00\x00\x10ftyp"]))
def test_any_bytes_are_answered_one_way_or_the_other(data: bytes, head: bytes) -> None:
    with suppress(NotAudio):
        assert recognise(head + data).seconds > 0


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 300))
def test_a_file_cut_anywhere_is_answered_one_way_or_the_other(at: int) -> None:
    for data in (wav(0.02), opus(900), flac(900, 8000), m4a(9, 3, b"soun"), melody("cut")):
        try:
            assert recognise(data[: at % len(data)]).seconds > 0
        except NotAudio:
            continue


def test_a_file_in_more_parts_than_sound_has_is_refused_and_not_followed_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    most = 1000
    monkeypatch.setattr(audio, "MOST_PARTS", most)
    monkeypatch.setattr(audio, "MOST_BOXES", most)
    sound = m4a(48_000, 48_000, b"soun")
    head, rest = sound[:16], sound[16:]
    assert recognise(head + box(b"free", b"") * (most // 2) + rest).type is AudioType.M4A
    page, chunk = ogg_page(-1, b""), b"LIST\x00\x00\x00\x00"
    many = wav(1)
    for bad in (
        head + box(b"free", b"") * most + rest,
        opus(48_000)[:47] + page * most + opus(48_000)[47:],
        many[:12] + chunk * most + many[12:],
        id3(0) * 100 + mp3_frame(9, 0) * 3,
        tiny_frame() * (most + 1),
    ):
        with pytest.raises(NotAudio):
            recognise(bad)


def test_what_a_file_of_boxes_costs_does_not_grow_with_their_number() -> None:
    looked_at = []

    class Watched(bytes):
        def __getitem__(self, where: Any) -> Any:
            looked_at.append(where)
            return super().__getitem__(where)

    sizes = []
    for count in (MOST_BOXES, MOST_BOXES * 10):
        looked_at.clear()
        with suppress(NotAudio):
            recognise(Watched(box(b"ftyp", b"M4A ") + box(b"free", b"") * count))
        sizes.append(len(looked_at))
    assert sizes[0] == sizes[1]


def test_too_much_is_not_looked_at() -> None:
    with pytest.raises(AudioTooLarge, match="at most 25 MB"):
        recognise(b"\x00" * (MAX_BYTES + 1))
    assert recognise(wav(1.0), max_bytes=20_000).seconds == 1.0


def test_the_kind_says_how_its_file_ends() -> None:
    assert [kind.extension for kind in AudioType] == [".mp3", ".wav", ".ogg", ".flac", ".m4a"]
