"""Amazon Translate's stand-in: TranslateText in AWS JSON 1.1 over HTTP on 127.0.0.1, for tests. Never deployed.

It knows no languages: it marks the text with the target's code, `⟦fr⟧ Good morning`, and takes the source from a mark
that is there already, else from the script, else from a few words. `PUT /_faults` makes it fail (`infra.local.faulty`).
"""

from __future__ import annotations

import re

from infra.local.faulty import Asked, FaultyServer, Told

TARGET = "AWSShineFrontendService_20170701.TranslateText"
MOST_BYTES = 10_000
_MARK = re.compile(r"⟦([a-zA-Z-]+)⟧ ?")
_HINTS = (
    ("ja", re.compile("[\u3041-\u30fa]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0620-\u064a]")),
    ("fr", re.compile(r"\b(?:bonjour|merci|je|est|vous)\b", re.IGNORECASE)),
    ("es", re.compile(r"\b(?:hola|buenos|gracias|usted|está)\b", re.IGNORECASE)),
    ("de", re.compile(r"\b(?:guten|danke|ich|nicht|ist)\b", re.IGNORECASE)),
)


class Translate(FaultyServer):
    """The stand-in. `unsure` makes it doubt every language it detects."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.unsure = False
        self.unknown_pairs: set[tuple[str, str]] = set()

    def answer(self, asked: Asked) -> Told:
        if asked.headers.get("x-amz-target") != TARGET:
            return self.failure(400, "UnknownOperationException")
        if "Signature=" not in asked.headers.get("authorization", ""):
            return self.failure(403, "MissingAuthenticationTokenException")
        body = asked.json
        text, source, target = (body[name] for name in ("Text", "SourceLanguageCode", "TargetLanguageCode"))
        if not text:
            return self.failure(400, "InvalidRequestException")
        if len(text.encode()) > MOST_BYTES:
            return self.failure(400, "TextSizeLimitExceededException")
        if source == "auto":
            source = detected(text)
            if self.unsure:
                told = {"__type": "DetectedLanguageLowConfidenceException", "DetectedLanguageCode": source}
                return Told(400, {**told, "Message": "The language is not clear."})
        if (source, target) in self.unknown_pairs:
            return self.failure(400, "UnsupportedLanguagePairException")
        shown = text if source == target else f"⟦{target}⟧ {_MARK.sub('', text, count=1)}"
        return Told(200, {"TranslatedText": shown, "SourceLanguageCode": source, "TargetLanguageCode": target})

    def failure(self, status: int, code: str) -> Told:
        return Told(status, {"__type": code, "Message": f"The request failed: {code}"})


def detected(text: str) -> str:
    """The language a text seems to be in; English when nothing tells."""
    mark = _MARK.match(text)
    if mark:
        return mark[1]
    return next((code for code, pattern in _HINTS if pattern.search(text)), "en")
