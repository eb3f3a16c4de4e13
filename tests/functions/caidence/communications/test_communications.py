"""Messages to people outside: who may send, what is sent, and what a provider's failure becomes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from caidence.activity.log import Activity
from caidence.communications import sending
from caidence.communications.sending import NOT_SENT, EmailMessage, SmsMessage, send_email, send_sms
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.api import ApiError
from quintet.net import aws
from quintet.providers import whatsapp
from quintet.settings import use
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, SignIn, lend, make_brand
from tests.functions.caidence.tenancy.conftest import detail, fields

STATUS = f"{BASE}/communications/status"
EMAIL, SMS, WHATSAPP = (f"{BASE}/communications/send/{channel}" for channel in ("email", "sms", "whatsapp"))
PHONE = "+14155552671"
BODIES: dict[str, dict[str, Any]] = {
    EMAIL: {"to_email": "Maria@Example.com", "subject": "Your brief", "body": "Here it is."},
    SMS: {"phone_number": "+1 415-555-2671", "message": "We are live."},
    WHATSAPP: {"phone_number": PHONE, "content": "Grüße"},
}
NUMBER = "phone-number-id-01234567890123456789012345678901"


@pytest.fixture(autouse=True)
def channels() -> Iterator[None]:
    """All three channels are configured; nobody has looked whether WhatsApp's number is linked."""
    with use({"QUINTET_SMS_SENDER": "QUINTET", "QUINTET_WHATSAPP_PHONE_ID": NUMBER}):
        whatsapp.reset()
        yield
        whatsapp.reset()


@pytest.fixture
def meta(platform: Client) -> Iterator[Stubber]:
    """WhatsApp's service, which answers what the test says."""
    with Stubber(aws.client("socialmessaging")) as stub:
        yield stub


def mails() -> list[Any]:
    return list(ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages)


def texts() -> list[tuple[str, str]]:
    region = aws.client("sns").meta.region_name
    return [(number, said) for number, said, *_ in sns_backends[DEFAULT_ACCOUNT_ID][region].sms_messages.values()]


def activities(organization: Organization) -> list[tuple[str, str]]:
    return [(one.type, one.description) for one in store.each(Activity, place=organization.id)]


@pytest.mark.parametrize("path", BODIES)
def test_sending_needs_the_permission_to_write(path: str, platform: Client, sign_in: SignIn) -> None:
    assert platform.post(path, BODIES[path]).status == 401
    for role in ("viewer", "brand_admin", "agency_member"):
        answer = sign_in(role).post(path, BODIES[path])
        assert answer.status == 403, role


def test_the_status_needs_the_permission_to_read(platform: Client, viewer: Client, member: Client) -> None:
    assert platform.get(STATUS).status == 401
    assert viewer.get(STATUS).status == 403
    assert member.get(STATUS).status == 200


@pytest.mark.parametrize("path", BODIES)
def test_a_permission_for_one_brand_does_not_send_for_the_organization(
    path: str, member: Client, organization: Organization
) -> None:
    lend(member, "marcom:write", scope="brand", id=make_brand(organization).id)
    assert detail(member.post(path, BODIES[path])) == (403, "deny: role agency_member does not grant marcom:write")


def test_a_permission_for_one_brand_does_not_tell_of_the_organizations_channels(
    viewer: Client, organization: Organization
) -> None:
    lend(viewer, "marcom:read", scope="brand", id=make_brand(organization).id)
    assert detail(viewer.get(STATUS)) == (403, "deny: role viewer does not grant marcom:read")


def test_a_lent_permission_sends(viewer: Client) -> None:
    lend(viewer, "marcom:write")
    assert viewer.post(SMS, BODIES[SMS]).status == 200


def test_the_status_says_which_channels_can_send(agency_admin: Client, meta: Stubber) -> None:
    look = "get_linked_whatsapp_business_account_phone_number"
    meta.add_client_error(look, "ResourceNotFoundException", "", 404)
    assert agency_admin.get(STATUS).body == {
        "email": {"connected": True, "provider": "Amazon SES"},
        "sms": {"connected": True, "provider": "Amazon SNS"},
        "whatsapp": {"connected": False, "provider": "AWS End User Messaging Social"},
    }
    with use({"QUINTET_EMAIL_SENDER": "", "QUINTET_SMS_SENDER": "", "QUINTET_WHATSAPP_PHONE_ID": ""}):
        assert [one["connected"] for one in agency_admin.get(STATUS).body.values()] == [False] * 3


def test_a_linked_number_is_a_connected_channel(agency_admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatsapp, "connected", lambda: True)
    assert agency_admin.get(STATUS).body["whatsapp"]["connected"] is True


def test_an_email_goes_out_as_written_and_is_an_activity(agency_admin: Client, organization: Organization) -> None:
    before = len(mails())
    answer = agency_admin.post(EMAIL, {**BODIES[EMAIL], "body": "First.\r\n\r\nSecond."})
    (mail,) = mails()[before:]
    assert (answer.status, answer.body) == (200, {"success": True, "message_id": mail.id, "channel": "email"})
    assert (mail.destinations["ToAddresses"], mail.subject) == (["maria@example.com"], "Your brief")
    assert "First.\n\nSecond." in mail.body
    assert activities(organization) == [("email.sent", f"Sent the e-mail Your brief (message {mail.id})")]


def test_an_sms_goes_to_the_number_in_its_canonical_form(agency_admin: Client, organization: Organization) -> None:
    before = len(texts())
    answer = agency_admin.post(SMS, BODIES[SMS])
    assert answer.body == {"success": True, "message_id": answer.body["message_id"], "channel": "sms"}
    assert texts()[before:] == [(PHONE, "We are live.")]
    assert activities(organization) == [("sms.sent", f"Sent an SMS (message {answer.body['message_id']})")]


@pytest.mark.parametrize("cap", ["PER_USER", "PER_ORGANIZATION"])
def test_a_day_has_an_end_of_text_messages(cap: str, agency_admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, cap, 1)
    monkeypatch.setattr(sending, "WINDOW", 1_000_000_000)
    before = len(texts())
    assert agency_admin.post(SMS, BODIES[SMS]).status == 200
    refused = agency_admin.post(SMS, BODIES[SMS])
    assert (refused.status, len(texts()) - before) == (429, 1)
    assert int(refused.headers["retry-after"]) > 0


def test_a_whatsapp_message_goes_as_free_text(agency_admin: Client, organization: Organization, meta: Stubber) -> None:
    message = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE, "type": "text"}
    said = json.dumps(
        {**message, "text": {"preview_url": False, "body": "Grüße"}}, ensure_ascii=False, separators=(",", ":")
    )
    asked = {"originationPhoneNumberId": NUMBER, "message": said.encode(), "metaApiVersion": "v20.0"}
    meta.add_response("send_whatsapp_message", {"messageId": "m1"}, asked)
    answer = agency_admin.post(WHATSAPP, BODIES[WHATSAPP])
    assert (answer.status, answer.body) == (200, {"success": True, "message_id": "m1", "channel": "whatsapp"})
    assert activities(organization) == [("whatsapp.sent", "Sent a WhatsApp message (message m1)")]


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (EMAIL, {"to_email": "maria"}, "to_email"),
        (EMAIL, {"to_email": "a@example.com, b@example.com"}, "to_email"),
        (EMAIL, {"subject": " "}, "subject"),
        (EMAIL, {"subject": "Hi\r\nBcc: all@example.com"}, "subject"),
        (EMAIL, {"body": ""}, "body"),
        (EMAIL, {"body": None}, "body"),
        (SMS, {"phone_number": "4155552671"}, "phone_number"),
        (SMS, {"phone_number": "+99912345678"}, "phone_number"),
        (SMS, {"phone_number": "+10000000000"}, "phone_number"),
        (SMS, {"phone_number": "+19005551234"}, "phone_number"),
        (SMS, {"phone_number": "+881612345678"}, "phone_number"),
        (EMAIL, {"subject": "Invoice \u202efdp.exe"}, "subject"),
        (SMS, {"message": "\u200b"}, "message"),
        (SMS, {"message": "x" * 1601}, "message"),
        (SMS, {"message": "\u0000"}, "message"),
        (WHATSAPP, {"phone_number": ""}, "phone_number"),
        (WHATSAPP, {"content": "x" * 4097}, "content"),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_one_names_its_field(
    path: str, change: dict[str, Any], field: str, agency_admin: Client
) -> None:
    assert fields(agency_admin.post(path, {**BODIES[path], **change})) == [f"body.{field}"]


@pytest.mark.parametrize("path", BODIES)
def test_every_field_is_needed(path: str, agency_admin: Client) -> None:
    assert fields(agency_admin.post(path, {})) == [f"body.{name}" for name in BODIES[path]]


@pytest.mark.parametrize(
    ("path", "setting", "service"),
    [
        (EMAIL, "QUINTET_EMAIL_SENDER", "e-mail"),
        (SMS, "QUINTET_SMS_SENDER", "SMS"),
        (WHATSAPP, "QUINTET_WHATSAPP_PHONE_ID", "WhatsApp"),
    ],
)
def test_a_channel_without_its_setting_is_unavailable_and_says_so(
    path: str, setting: str, service: str, agency_admin: Client, organization: Organization
) -> None:
    with use({setting: ""}):
        answer = agency_admin.post(path, BODIES[path])
    assert detail(answer) == (503, f"{service} is not configured ({setting} is not set)")
    assert activities(organization) == []


def test_what_the_service_refuses_is_a_bad_gateway_with_its_reason(
    agency_admin: Client, organization: Organization, meta: Stubber
) -> None:
    key = {"Idempotency-Key": "once"}
    meta.add_client_error("send_whatsapp_message", "DependencyException", "no", 502)
    failed = agency_admin.post(WHATSAPP, BODIES[WHATSAPP], headers=key)
    assert detail(failed) == (502, "The message was not sent: WhatsApp answered DependencyException")
    assert activities(organization) == []
    meta.add_response("send_whatsapp_message", {"messageId": "m2"})
    assert agency_admin.post(WHATSAPP, BODIES[WHATSAPP], headers=key).body["message_id"] == "m2"


@pytest.mark.parametrize("service", ["sesv2", "sns"])
def test_other_services_fail_the_same_way(service: str, agency_admin: Client) -> None:
    call = {"sesv2": "send_email", "sns": "publish"}[service]
    with Stubber(aws.client(service)) as stub:
        stub.add_client_error(call, "MessageRejected", "no", 400)
        answer = agency_admin.post({"sesv2": EMAIL, "sns": SMS}[service], BODIES[{"sesv2": EMAIL, "sns": SMS}[service]])
    assert answer.status == 502
    assert answer.body["detail"].endswith("answered MessageRejected")


def test_a_request_with_a_key_sends_once(agency_admin: Client) -> None:
    before = len(texts())
    first, second = (agency_admin.post(SMS, BODIES[SMS], headers={"Idempotency-Key": "a"}) for _ in range(2))
    assert (second.body, second.headers["idempotency-replayed"]) == (first.body, "true")
    assert len(texts()) == before + 1


def test_a_message_that_went_is_told_as_sent_although_its_activity_was_not_kept(
    agency_admin: Client, monkeypatch: pytest.MonkeyPatch, organization: Organization
) -> None:
    def refused(_: Any) -> None:
        raise ApiError(503, "busy", "busy")

    monkeypatch.setattr("quintet.store.transaction.Transaction.commit", refused)
    assert agency_admin.post(SMS, BODIES[SMS]).status == 200
    monkeypatch.undo()
    assert activities(organization) == []


def test_steps_of_other_domains_send_by_the_same_functions(platform: Client) -> None:
    before = len(mails())
    sent = send_email(EmailMessage(to_email="a@example.com", subject="S", body="B"))
    assert (sent.channel, [mail.id for mail in mails()[before:]]) == ("email", [sent.message_id])
    with Stubber(aws.client("sns")) as stub:
        stub.add_client_error("publish", "Throttled", "no", 429)
        with pytest.raises(ApiError) as failure:
            send_sms(SmsMessage(phone_number=PHONE, message="M"))
    assert NOT_SENT.matches(failure.value)
