"""Providers against an emulated AWS: what is sent, and what each failure becomes."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.retries.standard import ExponentialBackoff
from botocore.stub import Stubber
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import moto_api_backend
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from quintet.models.time import frozen
from quintet.net import aws
from quintet.providers import storage
from quintet.providers.email import one_line, send_email
from quintet.providers.errors import (
    NotConfigured,
    ProviderError,
    Rejected,
    Throttled,
    Unavailable,
    aws_errors,
)
from quintet.providers.sms import send_sms
from quintet.settings import settings, use

CONFIGURED = {
    "AWS_REGION": "us-east-1",
    "QUINTET_SYSTEM": "storefront",
    "QUINTET_BUCKET": "quintet-files",
    "QUINTET_EMAIL_SENDER": "shop@quintet.test",
    "QUINTET_SMS_SENDER": "QUINTET",
}


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:
    with mock_aws(), use(CONFIGURED):
        moto_api_backend.reset()  # what other tests of this process left
        aws.reset()
        aws.client("s3").create_bucket(Bucket="quintet-files")
        aws.client("sesv2").create_email_identity(EmailIdentity="shop@quintet.test")
        yield
    aws.reset()


def sent() -> list[Any]:
    return list(ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages)


def test_a_mail_goes_out_from_the_configured_sender() -> None:
    message_id = send_email("User@Example.com", "Order ORD-00000001", "Thank you.", "<p>Thank you.</p>")
    (mail,) = sent()
    assert mail.id == message_id
    assert (mail.source, mail.destinations["ToAddresses"]) == ("shop@quintet.test", ["user@example.com"])
    assert mail.subject == "Order ORD-00000001"
    assert "Thank you." in mail.body


@contextmanager
def ses_answering(status: int, body: Any, headers: Mapping[str, str]) -> Iterator[list[Any]]:
    """Answer in SES's place; what it was asked is collected."""
    asked: list[Any] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked.append(json.loads(request.body))
        raw: Any = MockRawResponse(json.dumps(body))
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), raw)

    events = aws.client("sesv2").meta.events
    events.register_first("before-send.sesv2.SendEmail", answer)
    try:
        with patch.object(ExponentialBackoff, "delay_amount", lambda *_: 0):  # the client's own repeats need not wait
            yield asked
    finally:
        events.unregister("before-send.sesv2.SendEmail", answer)


def test_a_mail_carries_both_bodies_and_where_to_reply() -> None:
    with ses_answering(200, {"MessageId": "m1"}, {}) as asked:
        answer = send_email(["a@example.com", "b@example.com"], "Grüße", "text", "<p>html</p>", "help@quintet.test")
    assert answer == "m1"
    assert asked == [
        {
            "FromEmailAddress": "shop@quintet.test",
            "Destination": {"ToAddresses": ["a@example.com", "b@example.com"]},
            "Content": {
                "Simple": {
                    "Subject": {"Data": "Grüße", "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": "text", "Charset": "UTF-8"},
                        "Html": {"Data": "<p>html</p>", "Charset": "UTF-8"},
                    },
                }
            },
            "ReplyToAddresses": ["help@quintet.test"],
        }
    ]


def test_a_subject_cannot_start_another_header() -> None:
    send_email("user@example.com", "Hello\r\nBcc: all@example.com\x00\u2028!", "text")
    assert sent()[0].subject == "Hello Bcc: all@example.com !"
    assert len(one_line("x" * 5000)) == 998


@pytest.mark.parametrize(
    "to", ["user@example.com\r\nBcc: all@example.com", "a@example.com,b@example.com", "", [], ["a@b.co"] * 51]
)
def test_what_is_no_recipient_gets_no_mail(to: str | list[str]) -> None:
    with pytest.raises(Rejected):
        send_email(to, "subject", "text")
    assert sent() == []


def test_a_text_message_goes_out_to_an_international_number() -> None:
    assert send_sms("+1 (415) 555-0123", "Your code is 123456")
    messages = sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sms_messages.values()
    ((number, text, *_),) = messages
    assert (number, text) == ("+14155550123", "Your code is 123456")


@pytest.mark.parametrize(
    ("sender", "attribute"),
    [("QUINTET", "AWS.SNS.SMS.SenderID"), ("+14155550100", "AWS.MM.SMS.OriginationNumber")],
)
def test_a_text_message_says_who_it_is_from(sender: str, attribute: str) -> None:
    with Stubber(aws.client("sns")) as stub, use({"QUINTET_SMS_SENDER": sender}):
        stub.add_response(
            "publish",
            {"MessageId": "m1"},
            {
                "PhoneNumber": "+14155550123",
                "Message": "hi",
                "MessageAttributes": {
                    attribute: {"DataType": "String", "StringValue": sender},
                    "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
                },
            },
        )
        assert send_sms("+14155550123", "hi") == "m1"


@pytest.mark.parametrize(("to", "text"), [("4155550123", "hi"), ("+14155550123", ""), ("+14155550123", "x" * 1601)])
def test_what_cannot_be_texted_is_rejected(to: str, text: str) -> None:
    with pytest.raises(Rejected):
        send_sms(to, text)


def test_a_file_can_be_stored_looked_up_and_deleted() -> None:
    assert storage.head("invoices/1.pdf") is None
    assert storage.get("invoices/1.pdf") is None
    storage.put("invoices/1.pdf", b"%PDF", "application/pdf")
    assert storage.get("invoices/1.pdf") == b"%PDF"
    found = storage.head("invoices/1.pdf")
    assert found is not None
    assert (found.key, found.size, found.content_type) == ("invoices/1.pdf", 4, "application/pdf")
    assert found.modified_at.utcoffset() == timedelta(0)
    storage.delete("invoices/1.pdf")
    storage.delete("invoices/1.pdf")
    assert storage.head("invoices/1.pdf") is None


def test_a_file_can_be_written_in_parts() -> None:
    first, last = b"a" * 5 * 1024 * 1024, b"b" * 10
    upload = storage.begin_parts("all.zip", "application/zip", file_name="all.zip")
    etags = [storage.put_part("all.zip", upload, number, part) for number, part in ((1, b"lost" + first), (1, first))]
    etags = [etags[-1], storage.put_part("all.zip", upload, 2, last)]
    assert storage.get("all.zip") is None
    storage.finish_parts("all.zip", upload, etags)
    assert storage.get("all.zip") == first + last
    found = storage.head("all.zip")
    assert found is not None
    assert (found.content_type, found.size) == ("application/zip", len(first) + 10)


def test_a_file_in_parts_can_be_given_up_until_it_is_finished() -> None:
    upload = storage.begin_parts("all.zip", "application/zip")
    storage.put_part("all.zip", upload, 1, b"part")
    storage.drop_parts("all.zip", upload)
    storage.drop_parts("all.zip", upload)
    assert "Uploads" not in aws.client("s3").list_multipart_uploads(Bucket=settings().bucket)
    again = storage.begin_parts("all.zip", "application/zip")
    storage.finish_parts("all.zip", again, [storage.put_part("all.zip", again, 1, b"part")])
    storage.drop_parts("all.zip", again)
    assert storage.get("all.zip") == b"part"


def test_a_part_of_a_file_is_read_while_it_is_the_same_file() -> None:
    storage.put("a.bin", bytes(range(100)), "application/octet-stream")
    found = storage.head("a.bin")
    assert found is not None
    assert storage.get_part("a.bin", 0, 10, found.etag) == bytes(range(10))
    assert storage.get_part("a.bin", 90, 50, found.etag) == bytes(range(90, 100))
    storage.put("a.bin", b"another file", "application/octet-stream")
    assert storage.get_part("a.bin", 0, 10, found.etag) is None
    storage.delete("a.bin")
    assert storage.get_part("a.bin", 0, 10, found.etag) is None


def test_a_copy_is_of_the_very_file_that_was_seen_and_described_anew() -> None:
    storage.put("incoming/1", b"<svg/>", "image/png")
    seen = storage.head("incoming/1")
    assert seen is not None
    assert storage.copy("incoming/1", "files/1.svg", "image/svg+xml", seen.etag, file_name="ä.svg")
    copied = aws.client("s3").get_object(Bucket="quintet-files", Key="storefront/files/1.svg")
    assert copied["Body"].read() == b"<svg/>"
    assert copied["ContentType"] == "image/svg+xml"
    assert copied["ContentDisposition"] == "attachment; filename*=UTF-8''%C3%A4.svg"
    with Stubber(aws.client("s3")) as s3:
        # moto does not heed the condition
        sent: dict[str, Any] = {
            "Bucket": "quintet-files",
            "Key": "storefront/files/2.svg",
            "CopySourceIfMatch": seen.etag,
        }
        sent |= {"CopySource": {"Bucket": "quintet-files", "Key": "storefront/incoming/1"}}
        sent |= {"MetadataDirective": "REPLACE", "ContentType": "image/svg+xml"}
        s3.add_client_error("copy_object", "PreconditionFailed", http_status_code=412, expected_params=sent)
        assert not storage.copy("incoming/1", "files/2.svg", "image/svg+xml", seen.etag)
    storage.delete("incoming/1")
    assert not storage.copy("incoming/1", "files/2.svg", "image/svg+xml", seen.etag)
    assert storage.head("files/2.svg") is None


def test_a_file_with_a_name_is_saved_never_shown() -> None:
    storage.put("a.html", b"<p>", "text/html", file_name="a\r\nX: y.html")
    storage.put("a.png", b"x", "image/png")
    kept = [
        aws.client("s3").head_object(Bucket="quintet-files", Key=f"storefront/{key}") for key in ("a.html", "a.png")
    ]
    assert kept[0]["ContentDisposition"] == "attachment; filename*=UTF-8''a%0D%0AX%3A%20y.html"
    assert "ContentDisposition" not in kept[1]


def test_a_signature_of_a_role_is_known_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not storage.signs_for_a_role()
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-role's")
    aws.reset()
    assert storage.signs_for_a_role()


def test_a_system_sees_its_own_files_alone() -> None:
    storage.put("a.txt", b"mine", "text/plain")
    with use({"QUINTET_SYSTEM": "stoory"}):
        assert storage.head("a.txt") is None
        assert storage.get("a.txt") is None
    listed = aws.client("s3").list_objects_v2(Bucket="quintet-files")["Contents"]
    assert [entry["Key"] for entry in listed] == ["storefront/a.txt"]


@pytest.mark.parametrize(
    "key",
    ["", "/a", "a/", "a//b", "../stoory/a", "a/../../b", "./a", "a/..", "a b", "a\nb", "a\x00", "a?b", "a\\b", "ü",
     "x" * 901],
)  # fmt: skip
def test_a_key_cannot_leave_its_system(key: str) -> None:
    for reach in (
        lambda: storage.put(key, b"", "text/plain"),
        lambda: storage.head(key),
        lambda: storage.get(key),
        lambda: storage.delete(key),
        lambda: storage.presign_download(key),
        lambda: storage.presign_upload(key, "text/plain", 10),
    ):
        with pytest.raises(Rejected):
            reach()


def test_an_upload_form_holds_the_client_to_key_type_and_size() -> None:
    with frozen(datetime(2025, 1, 18, 10, tzinfo=UTC)):
        form = storage.presign_upload("logos/1.png", "image/png", 1_000_000, timedelta(minutes=5))
    assert form.key == "logos/1.png"
    assert form.expires_at == datetime(2025, 1, 18, 10, 5, tzinfo=UTC)
    assert form.fields["key"] == "storefront/logos/1.png"
    assert form.fields["Content-Type"] == "image/png"
    assert form.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
    assert {"Content-Type": "image/png"} in conditions
    assert ["content-length-range", 1, 1_000_000] in conditions
    assert {"bucket": "quintet-files"} in conditions
    assert {"key": "storefront/logos/1.png"} in conditions


def test_a_download_is_signed_with_version_4_and_can_be_an_attachment() -> None:
    url = storage.presign_download("a.txt", timedelta(minutes=1), file_name='bü"n\r\n.html')
    query = parse_qs(urlsplit(url).query)
    assert urlsplit(url).path.endswith("storefront/a.txt")
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["60"]
    assert query["response-content-disposition"] == ["attachment; filename*=UTF-8''b%C3%BC%22n%0D%0A.html"]
    assert "response-content-disposition" not in storage.presign_download("a.txt")


@pytest.mark.parametrize("content_type", ["", "png", "image/", "image/png\r\nX: y", "Image/PNG", "a/b/c"])
def test_what_is_no_content_type_is_rejected(content_type: str) -> None:
    with pytest.raises(Rejected):
        storage.presign_upload("a", content_type, 10)
    with pytest.raises(Rejected):
        storage.put("a", b"", content_type)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=8), -timedelta(minutes=1)])
def test_a_signed_url_lives_neither_forever_nor_never(lifetime: timedelta) -> None:
    with pytest.raises(Rejected):
        storage.presign_download("a", lifetime)


@pytest.mark.parametrize(
    ("setting", "act"),
    [
        ("QUINTET_EMAIL_SENDER", lambda: send_email("user@example.com", "s", "t")),
        ("QUINTET_SMS_SENDER", lambda: send_sms("+14155550123", "hi")),
        ("QUINTET_BUCKET", lambda: storage.presign_upload("a", "text/plain", 1)),
        ("QUINTET_BUCKET", lambda: storage.presign_download("a")),
        ("QUINTET_BUCKET", lambda: storage.head("a")),
        ("QUINTET_BUCKET", lambda: storage.put("a", b"", "text/plain")),
        ("QUINTET_BUCKET", lambda: storage.delete("a")),
    ],
)
def test_an_unset_service_names_its_setting(setting: str, act: Any) -> None:
    with use({setting: ""}), pytest.raises(NotConfigured, match=setting) as failure:
        act()
    assert failure.value.setting == setting
    assert isinstance(failure.value, ProviderError)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("MessageRejected", 400, Rejected),
        ("BadRequestException", 400, Rejected),
        ("TooManyRequestsException", 429, Throttled),
        ("LimitExceededException", 400, Throttled),
        ("ThrottlingException", 400, Throttled),
        ("SlowDown", 503, Throttled),
        ("Anything", 429, Throttled),
        ("SendingPausedException", 400, Unavailable),
        ("MailFromDomainNotVerifiedException", 400, Unavailable),
        ("InternalFailure", 500, Unavailable),
        ("ServiceUnavailable", 503, Unavailable),
    ],
)
def test_what_ses_answers_becomes_a_kind_of_failure(code: str, status: int, kind: type[ProviderError]) -> None:
    named = {"x-amzn-errortype": f"{code}:http://internal.amazon.com/coral/"}
    with ses_answering(status, {"message": "no"}, named), pytest.raises(kind) as failure:
        send_email("user@example.com", "s", "t")
    assert type(failure.value) is kind
    assert str(failure.value) == f"e-mail answered {code}"


def test_a_service_out_of_reach_is_unavailable() -> None:
    with pytest.raises(Unavailable), aws_errors("storage"):
        raise EndpointConnectionError(endpoint_url="https://s3.test")
    with pytest.raises(Unavailable), aws_errors("storage"):
        raise ClientError({}, "PutObject")


def test_a_bucket_that_is_not_there_is_no_missing_file() -> None:
    with use({"QUINTET_BUCKET": "elsewhere"}), pytest.raises(Rejected):
        storage.put("a", b"", "text/plain")
