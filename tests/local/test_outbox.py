"""Every message sent through AWS is in the outbox, and stays there."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from infra.local.clock import Clock
from infra.local.outbox import Outbox, Recorder
from infra.local.routes import LocalRoutes
from tests.local.fakes import fake_systems, ignore, served

PUBLISHED = "<PublishResponse><PublishResult><MessageId>m1</MessageId></PublishResult></PublishResponse>"


class Upstream(BaseHTTPRequestHandler):
    """Stands for the embedded AWS: accepts everything, except mail from a sender it does not know."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status, answer = 200, PUBLISHED.encode()
        if self.path == "/v2/email/outbound-emails":
            known = json.loads(body)["FromEmailAddress"] == "shop@quintet.test"
            status, answer = (200, b'{"MessageId": "m1"}') if known else (400, b'{"message": "not verified"}')
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        if status == 400:
            self.send_header("x-amzn-ErrorType", "MessageRejected")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: Any) -> None:
        """Silent."""


class Aws:
    """AWS clients that go through a recorder."""

    def __init__(self, url: str, outbox: Outbox) -> None:
        self.url, self.outbox = url, outbox

    def client(self, service: str) -> Any:
        return get_session().create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def sent(self) -> list[dict[str, str]]:
        """The outbox without its times."""
        return [{key: value for key, value in one.items() if key != "at"} for one in self.outbox.messages()]


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Aws]:
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    recorder = Recorder(Outbox(tmp_path / "outbox.jsonl"), f"http://127.0.0.1:{upstream.server_address[1]}")
    recorder.start()
    try:
        yield Aws(recorder.url, recorder.outbox)
    finally:
        for server in (recorder, upstream):
            server.shutdown()
            server.server_close()


def email(aws: Aws, content: dict[str, Any], sender: str = "shop@quintet.test") -> str:
    answer = aws.client("sesv2").send_email(
        FromEmailAddress=sender, Destination={"ToAddresses": ["ann@example.com"]}, Content=content
    )
    return str(answer["MessageId"])


def simple(subject: str, **body: str) -> dict[str, Any]:
    return {"Simple": {"Subject": {"Data": subject}, "Body": {kind: {"Data": text} for kind, text in body.items()}}}


def test_an_email_is_recorded_with_its_text(aws: Aws) -> None:
    assert email(aws, simple("Grüße", Text="Hello", Html="<p>Hello</p>")) == "m1"
    email(aws, simple("Only HTML", Html="<p>Hi</p>"))

    assert aws.sent() == [
        {"channel": "email", "to": "ann@example.com", "subject": "Grüße", "body": "Hello"},
        {"channel": "email", "to": "ann@example.com", "subject": "Only HTML", "body": "<p>Hi</p>"},
    ]
    assert aws.outbox.messages()[0]["at"].endswith("Z")


def test_a_raw_email_is_recorded_as_a_person_reads_it(aws: Aws) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Réception", "shop@quintet.test", "ann@example.com"
    message.set_content("Merci")
    email(aws, {"Raw": {"Data": message.as_bytes()}})

    assert aws.sent() == [{"channel": "email", "to": "ann@example.com", "subject": "Réception", "body": "Merci\n"}]


def test_mail_that_aws_refuses_is_not_recorded_and_the_refusal_arrives(aws: Aws) -> None:
    with pytest.raises(ClientError, match="MessageRejected"):
        email(aws, simple("x", Text="y"), sender="stranger@example.com")

    assert aws.sent() == []


def test_sms_and_push_are_recorded_and_a_topic_is_not(aws: Aws) -> None:
    sns = aws.client("sns")
    endpoint = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/1"
    assert sns.publish(PhoneNumber="+15551234567", Message="Your code is 123456")["MessageId"] == "m1"
    sns.publish(TargetArn=endpoint, Message=json.dumps({"default": "Hi", "GCM": "{}"}), MessageStructure="json")
    sns.publish(TopicArn="arn:aws:sns:us-east-1:000000000000:alarms", Message="not to a person")

    assert aws.sent() == [
        {"channel": "sms", "to": "+15551234567", "subject": "", "body": "Your code is 123456"},
        {"channel": "push", "to": endpoint, "subject": "", "body": "Hi"},
    ]


def test_whatsapp_is_accepted_and_recorded(aws: Aws) -> None:
    text = {"messaging_product": "whatsapp", "to": "15551234567", "type": "text", "text": {"body": "Hello"}}
    template = {"messaging_product": "whatsapp", "to": "+15551234567", "template": {"name": "code"}}
    for message in (text, template):
        answer = aws.client("socialmessaging").send_whatsapp_message(
            originationPhoneNumberId="phone-number-id-1",
            message=json.dumps(message).encode(),
            metaApiVersion="v20.0",
        )
        assert answer["messageId"]

    assert aws.sent() == [
        {"channel": "whatsapp", "to": "+15551234567", "subject": "", "body": "Hello"},
        {"channel": "whatsapp", "to": "+15551234567", "subject": "", "body": json.dumps(template)},
    ]


def test_the_outbox_is_listed_oldest_first_and_filtered(tmp_path: Path) -> None:
    outbox, systems = Outbox(tmp_path / "outbox.jsonl"), fake_systems()
    outbox.add("email", "Ann@example.com", "First", "1")
    outbox.add("sms", "+15551234567", "", "2")
    outbox.add("email", "bob@example.com", "Third", "3")
    # A later process finds what an earlier one recorded.
    clock = Clock(systems, ignore)
    with served(systems, LocalRoutes(systems, Outbox(tmp_path / "outbox.jsonl"), clock)) as port:

        def bodies(**query: str) -> list[str]:
            return [m["body"] for m in httpx.get(f"http://127.0.0.1:{port}/_local/outbox", params=query).json()]

        every = httpx.get(f"http://127.0.0.1:{port}/_local/outbox").json()
        assert bodies() == ["1", "2", "3"]
        assert bodies(to="ann@example.com") == ["1"]
        assert bodies(to="+15551234567") == ["2"]
        assert bodies(channel="email") == ["1", "3"]
        assert bodies(channel="email", to="bob@example.com") == ["3"]
        assert bodies(to="nobody@example.com") == []
        unencoded = httpx.get(f"http://127.0.0.1:{port}/_local/outbox?to=+15551234567").json()
    clock.stop()

    assert set(every[0]) == {"channel", "to", "subject", "body", "at"}
    assert [message["body"] for message in unencoded] == ["2"]


def test_whatsapp_text_is_base64_on_the_wire() -> None:
    from infra.local.outbox import sent

    body = json.dumps({"message": base64.b64encode(b'{"to": "49", "text": {"body": "hi"}}').decode()}).encode()
    assert list(sent("/v1/whatsapp/send", "application/json", body)) == [("whatsapp", "+49", "", "hi")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8000", "Origin": "http://localhost:5173"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Host": "rebound.example:8000"}, 403),
        ({"Host": "127.0.0.1.rebound.example"}, 403),
        ({"Host": "localhost@rebound.example"}, 403),
        ({"Host": "[rebound"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_other_sites_get_nothing_of_the_laptops_own(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    systems = fake_systems()
    routes = LocalRoutes(systems, Outbox(tmp_path / "outbox.jsonl"), Clock(systems, ignore))
    with served(systems, routes) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/_local/outbox", headers=headers).status_code == status
        ran = httpx.post(f"http://127.0.0.1:{port}/_local/schedules/fake/none", headers=headers)
        assert ran.status_code == (404 if status == 200 else 403)
