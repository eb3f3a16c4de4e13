"""WhatsApp: what is sent, and how it is known whether a code can go that way."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from quintet.net import aws
from quintet.providers import whatsapp
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, Throttled, Unavailable
from quintet.settings import use

PHONE = "phone-number-id-01234567890123456789012345678901"
CONFIGURED = {
    "AWS_REGION": "us-east-1",
    "QUINTET_WHATSAPP_PHONE_ID": PHONE,
    "QUINTET_WHATSAPP_TEMPLATE": "sign_in_code",
}
DETAILS = {
    "phoneNumber": {
        "arn": "arn:aws:social-messaging:us-east-1:123456789012:phone-number-id/0123",
        "phoneNumber": "+14155550100",
        "phoneNumberId": PHONE,
        "metaPhoneNumberId": "1",
        "displayPhoneNumberName": "Quintet",
        "displayPhoneNumber": "+1 415 555 0100",
        "qualityRating": "GREEN",
    },
    "linkedWhatsAppBusinessAccountId": "waba-01234567890123456789012345678901",
}


@pytest.fixture
def service() -> Iterator[Stubber]:
    with use(CONFIGURED):
        aws.reset()
        whatsapp.reset()
        with Stubber(aws.client("socialmessaging")) as stub:
            yield stub
        whatsapp.reset()
    aws.reset()


def expect(service: Stubber, message: dict[str, Any]) -> None:
    sent = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    asked = {"originationPhoneNumberId": PHONE, "message": sent, "metaApiVersion": "v20.0"}
    service.add_response("send_whatsapp_message", {"messageId": "m1"}, asked)


def test_a_code_goes_as_the_authentication_template_with_its_button(service: Stubber) -> None:
    code = [{"type": "text", "text": "123456"}]
    expect(
        service,
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "+919876543210",
            "type": "template",
            "template": {
                "name": "sign_in_code",
                "language": {"code": "hi"},
                "components": [
                    {"type": "body", "parameters": code},
                    {"type": "button", "sub_type": "url", "index": "0", "parameters": code},
                ],
            },
        },
    )
    with use({"QUINTET_WHATSAPP_LANGUAGE": "hi"}):
        assert whatsapp.send_code("+91 98765 43210", "123456") == "m1"


def test_a_text_goes_as_it_is(service: Stubber) -> None:
    expect(
        service,
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "+14155550123",
            "type": "text",
            "text": {"preview_url": False, "body": "Grüße"},
        },
    )
    assert whatsapp.send_text("+14155550123", "Grüße") == "m1"


@pytest.mark.parametrize(
    ("to", "code"),
    [("9876543210", "123456"), ("+14155550123", ""), ("+14155550123", "x" * 16), ("+14155550123", "1 2")],
)
def test_what_is_no_number_or_no_code_is_not_sent(service: Stubber, to: str, code: str) -> None:
    with pytest.raises(Rejected):
        whatsapp.send_code(to, code)


@pytest.mark.parametrize("text", ["", "x" * 4097])
def test_what_is_no_text_is_not_sent(service: Stubber, text: str) -> None:
    with pytest.raises(Rejected):
        whatsapp.send_text("+14155550123", text)


@pytest.mark.parametrize("setting", ["QUINTET_WHATSAPP_PHONE_ID", "QUINTET_WHATSAPP_TEMPLATE"])
def test_an_unset_service_names_its_setting_and_takes_no_codes(service: Stubber, setting: str) -> None:
    with use({setting: ""}):
        assert whatsapp.takes_codes() is False
        with pytest.raises(NotConfigured, match=setting):
            whatsapp.send_code("+14155550123", "123456")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottledRequestException", 429, Throttled),
        ("InvalidParametersException", 400, Rejected),
        ("ResourceNotFoundException", 404, Unavailable),
        ("AccessDeniedException", 403, Unavailable),
        ("DependencyException", 502, Unavailable),
    ],
)
def test_what_the_service_answers_becomes_a_kind_of_failure(
    service: Stubber, code: str, status: int, kind: type[ProviderError]
) -> None:
    service.add_client_error("send_whatsapp_message", code, "no", status)
    with pytest.raises(kind) as failure:
        whatsapp.send_code("+14155550123", "123456")
    assert type(failure.value) is kind


def test_a_number_without_a_template_for_codes_is_connected_and_sends_texts(service: Stubber) -> None:
    with use({"QUINTET_WHATSAPP_TEMPLATE": ""}):
        service.add_response("get_linked_whatsapp_business_account_phone_number", DETAILS, {"id": PHONE})
        assert (whatsapp.connected(), whatsapp.takes_codes()) == (True, False)
        service.add_response("send_whatsapp_message", {"messageId": "m2"})
        assert whatsapp.send_text("+14155550123", "Hello") == "m2"


def test_a_linked_number_is_connected_and_asked_about_once_a_minute(
    service: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(whatsapp, "monotonic", lambda: clock[0])
    service.add_response("get_linked_whatsapp_business_account_phone_number", DETAILS, {"id": PHONE})
    assert [whatsapp.connected(), whatsapp.connected()] == [True, True]

    clock[0] += 61
    service.add_client_error("get_linked_whatsapp_business_account_phone_number", "ResourceNotFoundException", "", 404)
    assert [whatsapp.connected(), whatsapp.connected()] == [False, False]
    service.assert_no_pending_responses()


def test_a_service_that_is_down_counts_as_it_was_last_seen(service: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(whatsapp, "monotonic", lambda: clock[0])
    look = "get_linked_whatsapp_business_account_phone_number"
    service.add_client_error(look, "InternalServiceException", "", 500)
    assert whatsapp.connected() is False
    clock[0] += 61
    service.add_response(look, DETAILS, {"id": PHONE})
    assert whatsapp.connected() is True
    clock[0] += 61
    service.add_client_error(look, "InternalServiceException", "", 500)
    assert whatsapp.connected() is True
