"""Every message sent to a person: recorded on its way to the embedded AWS, and kept across restarts.

A proxy in front of the embedded AWS for the services that send: SES (e-mail), SNS (SMS, push) and End User Messaging
Social (WhatsApp). It hands each request on and, when AWS accepted it, writes what was sent to a file of JSON lines.
The embedded AWS keeps no record of mail over a restart and has no WhatsApp, which the proxy accepts itself.
"""

from __future__ import annotations

import base64
import http.client
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from infra.local.environment import HOST

Message = dict[str, str]
WHATSAPP = "/v1/whatsapp/send"
WHATSAPP_NUMBER = "/v1/whatsapp/waba/phone/details"
HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})


class Outbox:
    """The record of messages: a file, one JSON object a line, oldest first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def add(self, channel: str, to: str, subject: str, body: str) -> None:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = json.dumps({"channel": channel, "to": to, "subject": subject, "body": body, "at": at})
        with self._lock, self.path.open("a") as file:
            file.write(line + "\n")

    def messages(self, to: str = "", channel: str = "") -> list[Message]:
        """What was sent, oldest first, to one recipient and over one channel when these are given."""
        if not self.path.exists():
            return []
        with self._lock:
            lines = self.path.read_text().splitlines()
        every: list[Message] = [json.loads(line) for line in lines]
        return [
            message
            for message in every
            if (not to or message["to"].lower() == to.lower()) and (not channel or message["channel"] == channel)
        ]


def sent(path: str, content_type: str, body: bytes) -> Iterator[tuple[str, str, str, str]]:
    """The messages in an AWS request that sends some: (channel, to, subject, body); nothing for any other."""
    if path == "/v2/email/outbound-emails":
        yield from _email(json.loads(body))
    elif path == WHATSAPP:
        yield _whatsapp(json.loads(body))
    elif content_type.startswith("application/x-www-form-urlencoded"):
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if fields.get("Action") != "Publish":
            return
        subject, text = fields.get("Subject", ""), fields.get("Message", "")
        if "PhoneNumber" in fields:
            yield "sms", fields["PhoneNumber"], subject, text
        elif ":endpoint/" in fields.get("TargetArn", ""):
            yield "push", fields["TargetArn"], subject, _push(text, fields.get("MessageStructure", ""))


def _email(request: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    content = request.get("Content", {})
    destination = request.get("Destination", {})
    recipients = [to for kind in ("To", "Cc", "Bcc") for to in destination.get(f"{kind}Addresses", [])]
    if "Raw" in content:
        parsed = message_from_bytes(base64.b64decode(content["Raw"]["Data"]), policy=policy.default)
        part = parsed.get_body(("plain", "html"))
        subject, text = str(parsed["subject"] or ""), part.get_content() if part else ""
    else:
        simple = content.get("Simple") or content.get("Template") or {}
        subject = simple.get("Subject", {}).get("Data", "")
        body = simple.get("Body", {})
        text = (body.get("Text") or body.get("Html") or {}).get("Data", "") or simple.get("TemplateData", "")
    for to in recipients:
        yield "email", to, subject, text


def _whatsapp(request: dict[str, Any]) -> tuple[str, str, str, str]:
    """A WhatsApp message: the text of a free one, the whole JSON of a template or anything else."""
    message = json.loads(base64.b64decode(request["message"]))
    text = (message.get("text") or {}).get("body")
    shown = text if isinstance(text, str) else json.dumps(message, ensure_ascii=False)
    to = str(message.get("to", ""))
    return "whatsapp", to if to.startswith("+") else f"+{to}", "", shown


def _linked(phone_id: str) -> dict[str, Any]:
    """A number that is linked to a WhatsApp business account, whatever its id."""
    return {
        "phoneNumber": {
            "arn": "arn:aws:social-messaging:us-east-1:000000000000:phone-number-id/local",
            "phoneNumber": "+14155550100",
            "phoneNumberId": phone_id,
            "metaPhoneNumberId": "1",
            "displayPhoneNumberName": "Quintet",
            "displayPhoneNumber": "+1 415-555-0100",
            "qualityRating": "GREEN",
        },
        "linkedWhatsAppBusinessAccountId": "waba-00000000000000000000000000000000",
    }


def _push(text: str, structure: str) -> str:
    """The text of a push message; one sent per platform has a `default`."""
    return str(json.loads(text).get("default", text)) if structure == "json" else text


class Recorder(ThreadingHTTPServer):
    """The proxy, on a free port of 127.0.0.1: starts with `start`, ends with `server_close` after `shutdown`."""

    daemon_threads = True

    def __init__(self, outbox: Outbox, upstream: str, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.outbox, self.upstream = outbox, urlsplit(upstream).netloc

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, name="outbox", daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: Recorder

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        if path == WHATSAPP:
            accepted = json.dumps({"messageId": str(uuid.uuid4())}).encode()
            status, headers, answer = 200, {"Content-Type": "application/json"}, accepted
        elif path == WHATSAPP_NUMBER:
            linked = json.dumps(_linked(parse_qs(urlsplit(self.path).query).get("id", [""])[0])).encode()
            status, headers, answer = 200, {"Content-Type": "application/json"}, linked
        else:
            status, headers, answer = self._upstream(body)
        if status == 200 and self.command == "POST":
            for message in sent(path, self.headers.get("content-type", ""), body):
                self.server.outbox.add(*message)
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _handle  # noqa: N815 (as the standard library wants them)

    def _upstream(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.server.upstream, timeout=30)
        try:
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the functions' own log says what they sent."""
