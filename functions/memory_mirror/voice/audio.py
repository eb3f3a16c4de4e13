"""Sound files told by their content (MP3, WAV, Ogg, FLAC, MPEG-4), whatever the sender claims, and how long they play.

Nothing is decoded: the structure is followed far enough that no file of another kind passes by chance, and the length
comes from frame headers, page positions or the container's own header. Each part of a file is looked at once, and a
file in more parts than sound is ever cut into is refused: what a file costs is bounded by its size and by that number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_BYTES = 25 * 1024 * 1024
MOST_PARTS = 400_000
"""Frames, pages or chunks of a file: at 24 ms a frame more than two hours."""
MOST_BOXES = 10_000
"""Boxes of an MPEG-4 file that are looked at; one that is cut for streaming has two for every second or so."""
_MOST_TAGS = 32


class AudioType(StrEnum):
    """The kinds taken, by their media types."""

    MP3 = "audio/mpeg"
    WAV = "audio/wav"
    OGG = "audio/ogg"
    FLAC = "audio/flac"
    M4A = "audio/mp4"

    @property
    def extension(self) -> str:
        """What a file of this type ends in, with its dot."""
        return {
            AudioType.MP3: ".mp3",
            AudioType.WAV: ".wav",
            AudioType.OGG: ".ogg",
            AudioType.FLAC: ".flac",
            AudioType.M4A: ".m4a",
        }[self]


class AudioTooLarge(ValueError):
    """More bytes than are taken."""


class NotAudio(ValueError):
    """None of the kinds taken, damaged at its beginning, or without any sound in it."""


@dataclass(frozen=True, slots=True)
class Audio:
    """What a sound file says of itself."""

    type: AudioType
    seconds: float
    """How long it plays."""


def recognise(data: bytes, max_bytes: int = MAX_BYTES) -> Audio:
    """What sound `data` is. Raises AudioTooLarge and NotAudio."""
    if len(data) > max_bytes:
        raise AudioTooLarge(f"Audio must be at most {max_bytes // 1_048_576} MB")
    for kind, read in _READERS.items():
        try:
            seconds = round(read(data) or 0.0, 3)
        except (IndexError, ZeroDivisionError):  # it ends within a structure, or counts nothing a second
            continue
        if seconds:
            return Audio(kind, seconds)
    raise NotAudio("Audio must be an MP3, WAV, Ogg, FLAC or MPEG-4 file with sound in it")


# MPEG audio (ISO/IEC 11172-3 section 2.4.1.3, 13818-3): kbit/s and Hz by the header's indexes.
_KBITS = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HERTZ = {1: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 3: (11_025, 12_000, 8_000)}
_VERSION = {0b11: 1, 0b10: 2, 0b00: 3}  # MPEG 1, MPEG 2, and what is called 2.5
_LEAST_FRAMES = 2  # one header's worth of luck is found in any file, two in a row are not


@dataclass(frozen=True, slots=True)
class Frame:
    """One MPEG audio frame: where it is, its bytes, and the samples a channel that it holds."""

    at: int
    size: int
    samples: int
    hertz: int
    kind: tuple[int, int, int]
    """Version, layer and sampling rate, which do not change within a stream."""


def frames(data: bytes) -> Iterator[Frame]:
    """The whole MPEG audio frames of an MP3 file, from its tag to where they stop."""
    at = _after_tags(data)
    first: Frame | None = None
    for _ in range(MOST_PARTS + 1):
        found = _frame(data, at)
        if found is None:
            return
        if first is not None and found.kind != first.kind:
            return
        first = first or found
        yield found
        at += found.size


def _mp3(data: bytes) -> float | None:
    count = samples = unheard = hertz = 0
    for frame in frames(data):
        if count == 0:
            hertz, unheard = frame.hertz, frame.samples if _is_index(data, frame) else 0
        count += 1
        samples += frame.samples
    return (samples - unheard) / hertz if _LEAST_FRAMES <= count <= MOST_PARTS else None


def _after_tags(data: bytes) -> int:
    """Where the sound begins: past the ID3v2 tags (ID3v2.4 section 3.1) in front of it."""
    at = 0
    for _ in range(_MOST_TAGS):
        if data[at : at + 3] != b"ID3" or len(data) <= at + 10:
            break
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    return at


def _frame(data: bytes, at: int) -> Frame | None:
    header = int.from_bytes(data[at : at + 4], "big")
    version, layer = _VERSION.get(header >> 19 & 3), 4 - (header >> 17 & 3)
    bits, rate, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if header >> 21 != 0x7FF or version is None or layer > 3 or bits in (0, 15) or rate == 3:
        return None
    hertz, kbits = _HERTZ[version][rate], _KBITS[min(version, 2), layer][bits]
    if layer == 1:
        samples, size = 384, (12_000 * kbits // hertz + padding) * 4
    else:
        samples = 576 if layer == 3 and version > 1 else 1152
        size = samples // 8 * 1000 * kbits // hertz + padding
    if at + size > len(data):
        return None
    return Frame(at, size, samples, hertz, (version, layer, rate))


def _is_index(data: bytes, frame: Frame) -> bool:
    """Whether a file's first frame is a table of contents (Xing, VBRI), which no player plays."""
    return any(mark in data[frame.at : frame.at + 44] for mark in (b"Xing", b"Info", b"VBRI"))


def _wav(data: bytes) -> float | None:
    """RIFF WAVE: bytes of the data chunk over bytes a second of the format chunk."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    at, rate = 12, 0
    for _ in range(MOST_PARTS):
        if at + 8 > len(data):
            break
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt " and size >= 16:
            rate = int.from_bytes(data[at + 16 : at + 20], "little")
        elif name == b"data":
            # A writer to a pipe cannot know the size; it leaves the largest one there.
            return min(size, len(data) - at - 8) / rate
        at += 8 + size + size % 2
    return None


def _ogg(data: bytes) -> float | None:
    """Ogg (RFC 3533): the last page's position in samples, by the codec that the first page names."""
    rate, skipped, serial, last, at = 0, 0, b"", 0, 0
    for _ in range(MOST_PARTS + 1):
        if data[at : at + 4] != b"OggS" or data[at + 4] != 0:
            break
        segments = data[at + 26]
        body = at + 27 + segments
        if not rate:
            serial = data[at + 14 : at + 18]
            rate, skipped = _ogg_codec(data[body : body + 64])
            if not rate:
                return None
        position = int.from_bytes(data[at + 6 : at + 14], "little")
        if data[at + 14 : at + 18] == serial and position < 1 << 63:  # minus one: no packet ends on the page
            last = max(last, position)
        at = body + sum(data[at + 27 : body])
    else:
        return None
    return max(last - skipped, 0) / rate if rate else None


def _ogg_codec(packet: bytes) -> tuple[int, int]:
    """Samples a second, and samples at the beginning that are not played; zeros for what is no sound."""
    if packet[:7] == b"\x01vorbis":
        return int.from_bytes(packet[12:16], "little"), 0
    if packet[:8] == b"OpusHead":  # RFC 7845: positions are always at 48 kHz
        return 48_000, int.from_bytes(packet[10:12], "little")
    if packet[:8] == b"Speex   ":
        return int.from_bytes(packet[36:40], "little"), 0
    if packet[:5] == b"\x7fFLAC" and packet[9:13] == b"fLaC":
        return int.from_bytes(packet[27:30], "big") >> 4, 0
    return 0, 0


def _flac(data: bytes) -> float | None:
    """FLAC (RFC 9639 section 8.2): the stream information block comes first."""
    if data[:4] != b"fLaC" or data[4] & 0x7F != 0 or int.from_bytes(data[5:8], "big") != 34 or len(data) < 43:
        return None
    packed = int.from_bytes(data[18:26], "big")
    return (packed & (1 << 36) - 1) / (packed >> 44)


def _m4a(data: bytes) -> float | None:
    """ISO base media file format (ISO/IEC 14496-12): a movie with a sound track and no pictures."""
    if data[4:8] != b"ftyp":
        return None
    boxes = _Boxes(data)
    movie = boxes.first(b"moov", 0, len(data))
    if movie is None:
        return None
    seconds, handlers = 0.0, set()
    for name, (start, end) in boxes.within(*movie):
        if name == b"mvhd":
            wide = data[start] == 1
            scale, length, size = (start + 20, start + 24, 8) if wide else (start + 12, start + 16, 4)
            scale_value = int.from_bytes(data[scale : scale + 4], "big")
            seconds = int.from_bytes(data[length : length + size], "big") / scale_value
        elif name == b"trak":
            media = boxes.first(b"mdia", start, end) or (0, 0)
            place = (boxes.first(b"hdlr", *media) or (0, 0))[0]
            handlers.add(data[place + 8 : place + 12])
    return seconds if boxes.left and b"soun" in handlers and b"vide" not in handlers else None


class _Boxes:
    """The boxes of a file, of which so many and no more are looked at."""

    def __init__(self, data: bytes) -> None:
        self.left = MOST_BOXES
        self._data = data

    def first(self, wanted: bytes, start: int, end: int) -> tuple[int, int] | None:
        """Where the content of the first box of a name begins and ends, between two places."""
        return next((place for name, place in self.within(start, end) if name == wanted), None)

    def within(self, start: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
        """The boxes between two places: name, and where its content begins and ends."""
        data = self._data
        while start + 8 <= end and self.left:
            self.left -= 1
            size, name, head = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8], 8
            if size == 1:
                size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
            elif size == 0:
                size = end - start
            if size < head or start + size > end:
                return
            yield name, (start + head, start + size)
            start += size


_READERS = {
    AudioType.WAV: _wav,
    AudioType.OGG: _ogg,
    AudioType.FLAC: _flac,
    AudioType.M4A: _m4a,
    AudioType.MP3: _mp3,  # last: it has no signature of its own
}
