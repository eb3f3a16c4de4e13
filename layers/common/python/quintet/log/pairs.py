"""Secrets that stand under a key in text: `password: x`, `token=x`, JSON, Python, XML, forms, headers, options.

One pass from left to right: where a secret key and its sign are found, the value's end is looked for from there, and
the search goes on behind it. Nothing is looked at twice, so that hostile text takes no longer than other text.
"""

from __future__ import annotations

import re

from quintet.log.keys import SECRET_KEYS, SECRET_WORDS, is_secret_key

MASK = "***"

# Nearly every text has no sign, or no part of a secret key's name, and is done. Lower-case text is searched, since a
# search that minds no case tries every name at every character.
_SIGN = re.compile(r"[=:,>%]|--")
_PARTS = {part for key in SECRET_KEYS for part in key.split("_") if part not in ("key", "number", "value", "codes")}
_NAMES = SECRET_WORDS | _PARTS
_HINT = re.compile("|".join(sorted(name for name in _NAMES if not any(o in name for o in _NAMES - {name}))))

# A key starts where a word does, or behind an escape that ends in a letter or digit: `%26token`, `\npassword`.
_START = r"(?:(?<![\w\\])|(?<=%26)|(?<=%3[Ff])|(?<=%2[23Cc])|(?<=\\[nrt])|(?<=\\u0026)|(?<=\\)(?![nrtu]))"
_PAIR = re.compile(
    _START + r"(?:(?P<before>[A-Za-z]{1,30})[ ])?"
    r"(?P<key>[A-Za-z_$][\w.$\[\]-]{0,63})(?P<close>\\{0,8}[\"'`])?"
    r"(?P<is>[ \t]{0,4}(?:=>|:=|==?|:|,|>|%(?:25){0,2}3[AaDd])[ \t]{0,4}(?:(?:[|>][+-]?[ \t]{0,4})?\r?\n[ \t]{0,8})?)"
)
_OPTION = re.compile(r"(?<![\w-])--(?P<key>[A-Za-z][\w-]{0,40})[ \t]{1,4}(?!-)")
_PART = re.compile(
    r"\bname=(?P<quote>\\{0,8}\"?)(?P<key>[A-Za-z_$][\w.$\[\]-]{0,63})(?P=quote)[^\r\n]{0,200}"
    r"(?:\r?\n[^\r\n]{1,200}){0,4}\r?\n\r?\n"
)

_QUOTE = re.compile(r"[bBuUrR]{0,2}(?P<quote>\"{3}(?=[^\s\"])|'{3}(?=[^\s'])|\\{0,8}[\"'`])")
_ON_NEXT_LINE = re.compile(r"[\"'\[{]|(?=\S)(?![\w.-]{1,64}[ \t]{0,4}[:=]|-{2})")
"""What may be a value below its key; another key is none."""
_LONG_QUOTE = '"""'
_BRACKET = re.compile(r"[\[\](){}]")
# A comma or semicolon ends a value only where something else begins behind it.
_WORD = re.compile(r"(?:(?!%26|\\[nrt])[^\s&\"'`<>,;]|[,;](?=[^\s\"'`])(?![A-Za-z][\w-]{0,40}=))+")
_LINE = re.compile(r"(?:(?!\\[nr])[^\r\n])+")
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|ApiKey|Key|JWT)[ \t]+(?=\S)", re.IGNORECASE)
_NOTHING = re.compile(
    # What is said of a secret instead of the secret, by our validation and by others.
    r"(?:None|null|undefined|true|false|missing|absent|empty|invalid|expired|required|unknown|wrong|denied)\b(?![\w-])"
    r"|(?:Field required|Value error|(?:String|Input|Value|Length) should|must (?:be|have|not|contain))\b"
)
_PASSES = re.compile(r"pass|pwd", re.IGNORECASE)
_DIGITS = re.compile(r"\d{4,8}\b")
_WHOLE_LINE = frozenset({"cookie", "set-cookie", "authorization", "proxy-authorization"})
_INPUT = "input_value"
_LONGEST_INPUT = 1000
"""Characters; pydantic shortens what it shows to some fifty."""


def mask_pairs(text: str) -> str:
    """`text` with the value under every secret key replaced by `***`; what says that there is none stays."""
    if _SIGN.search(text) is None or _HINT.search(text.lower()) is None:
        return text
    text = _mask(text, _PAIR)
    if "--" in text:
        text = _mask(text, _OPTION)
    return _mask(text, _PART) if "form-data" in text else text


def _mask(text: str, pattern: re.Pattern[str]) -> str:
    kept: list[str] = []
    done = at = 0
    while (match := pattern.search(text, at)) is not None:
        at = match.end()
        if not _holds_secret(text, match):
            # The key may be the value of another one: `error: password: x`. Go on behind the sign alone.
            continue
        start, end = _part(text, match) if pattern is _PART else _value(text, match)
        if end > start:
            kept += text[done:start], MASK
            done = at = end
    return "".join(kept) + text[done:] if kept else text


def _holds_secret(text: str, match: re.Match[str]) -> bool:
    found, key = match.groupdict(), match["key"]
    before, sign = found.get("before"), (found.get("is") or "").strip()
    if "\n" in (found.get("is") or ""):
        below = _ON_NEXT_LINE.match(text, match.end())
        if below is None or not (below[0] or (sign[:1] == ":" and not found["close"])):
            return False
    opening = text[max(match.start() - 2, 0) : match.start()]
    if sign == ">" and not opening.endswith("<"):
        return False
    if sign == "," and not (found["close"] and opening[:1] == "(" and opening[1:] in "\"'"):
        return False
    if key.lower() == "code" and sign == ":" and not found["close"]:
        # "status code: 404" is none; "code: 123456" may be.
        return before is None and _DIGITS.match(text, match.end()) is not None
    return is_secret_key(key) or f"{before}_{key}".lower() in SECRET_KEYS  # "api key: …"


def _value(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Where the value begins and ends; both the same when there is none."""
    start, key, sign = match.end(), match["key"].lower(), (match.groupdict().get("is") or "").strip()
    if key == _INPUT:  # pydantic's; anything may be in it
        found = text.find(", input_type=", start, start + _LONGEST_INPUT)
        return start, found if found >= 0 else _end(_LINE, text, start)
    if sign == ">":
        return start, _before(text, "<", start)
    quoted = _QUOTE.match(text, start)
    if quoted is not None:
        return quoted.end(), _closing_quote(text, quoted["quote"], quoted.end())
    if text[start : start + 1] in ("[", "{", "("):
        return start, _closing_bracket(text, start)
    if _NOTHING.match(text, start):
        return start, start
    if key in _WHOLE_LINE and sign == ":":
        scheme = _SCHEME.match(text, start)
        return (scheme.end(), _end(_WORD, text, scheme.end())) if scheme else (start, _end(_LINE, text, start))
    if sign == ":" and not match.groupdict().get("close") and _PASSES.search(key):  # a passphrase has blanks and commas
        return start, _end(_LINE, text, start)
    end = _end(_WORD, text, start)
    return start, end - len(text[start:end]) + len(text[start:end].rstrip(")]}"))


def _part(text: str, match: re.Match[str]) -> tuple[int, int]:
    """A form part's content, up to the next delimiter line."""
    return match.end(), _before(text, "\n--", match.end())


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _before(text: str, mark: str, start: int) -> int:
    """Where `mark` begins, or the text's end."""
    end = text.find(mark, start)
    return end if end >= 0 else len(text)


def _closing_quote(text: str, quote: str, start: int) -> int:
    """Where the same quote, escaped no deeper than the first, comes again; the text's end when it was cut off."""
    if len(quote) == len(_LONG_QUOTE) and "\\" not in quote:
        end = text.find(quote, start)
        return end if end >= 0 else len(text)
    at, escapes, mark = start, len(quote) - 1, quote[-1]
    while (at := text.find(mark, at)) >= 0:
        behind = at
        while behind > start and text[behind - 1] == "\\":
            behind -= 1
        depth = at - behind
        if depth <= escapes if escapes else depth % 2 == 0:
            return at - depth
        at += 1
    return len(text)


def _closing_bracket(text: str, start: int) -> int:
    depth = 0
    for bracket in _BRACKET.finditer(text, start):
        depth += 1 if bracket[0] in "[({" else -1
        if depth == 0:
            return bracket.end()
    return len(text)
