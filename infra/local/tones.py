"""Melodies as real MP3 files, made from a text: what the laptop's voice says instead of words.

Every word is a tone, as long as the word takes to say and as high as its letters make it, so the same text always
sounds the same and another one does not. The encoder knows just enough of MPEG-1 layer III (ISO/IEC 11172-3) for one
spectral line a frame: 44.1 kHz, mono, 128 kbit/s.
"""

from __future__ import annotations

import hashlib
import math

HERTZ, KBITS, SAMPLES = 44_100, 128, 1152
CHARACTERS_A_SECOND = 15.0
"""About how fast people read aloud."""
_LOWEST, _HIGHEST = 6, 16  # spectral lines of 38.3 Hz each: 250 to 630 Hz
_GAIN = 200  # of 255 in steps of 1.5 dB; a quarter of full scale in a decoder


def seconds_of(text: str) -> float:
    """How long a text takes to say, at least two frames."""
    return max(len(text) / CHARACTERS_A_SECOND, 2 * SAMPLES / HERTZ)


def melody(text: str, key: str = "") -> bytes:
    """An MP3 file that plays for as long as the text takes to say; `key` is the voice, whose tunes are its own."""
    count = math.ceil(seconds_of(text) * HERTZ / SAMPLES)
    words = text.split() or [text]
    lines = [_LOWEST + hashlib.sha256(f"{key} {word}".encode()).digest()[0] % (_HIGHEST - _LOWEST) for word in words]
    made, left = bytearray(), 0
    for number in range(count):
        line = lines[number * len(lines) // count]
        # A frame is 417.96 bytes long on average: the remainder decides which of them have a byte more.
        left += 144_000 * KBITS % HERTZ
        padded = left >= HERTZ
        left -= HERTZ * padded
        made += _frame(line, padded=padded)
    return bytes(made)


def _frame(line: int, *, padded: bool) -> bytes:
    """One frame of two granules with a single spectral line each."""
    content = _granule_data(line)
    side = "0" * 9 + "0" * 5 + "0" * 4  # main data begins here; private bits; nothing shared between granules
    side += 2 * _granule_side(len(content), line)
    header = 0xFFFB9000 | padded << 9 | 0b11 << 6 | 0b0100  # MPEG-1 III without CRC, 128k, 44.1 kHz, mono, original
    bits = f"{header:032b}" + side + 2 * content
    size = 144_000 * KBITS // HERTZ + padded
    return int(bits.ljust(size * 8, "0"), 2).to_bytes(size, "big")


def _granule_side(length: int, line: int) -> str:
    """Side information of one granule, 59 bits: lengths, gain, and Huffman table 1 for all its regions."""
    pairs = line // 2 + 1
    return f"{length:012b}{pairs:09b}{_GAIN:08b}" + "0000" + "0" + 3 * "00001" + "0111" + "111" + "000"


def _granule_data(line: int) -> str:
    """Huffman code of silence up to the line, and the line itself with a positive sign.

    Table 1 codes pairs: 0 and 0 is `1`, 1 and 0 is `01`, 0 and 1 is `001`; a sign bit follows what is not 0.
    """
    return "1" * (line // 2) + ("001" if line % 2 else "01") + "0"
