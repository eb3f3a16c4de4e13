"""Mail to several people, and word of a chat message: each recipient once, and truly told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from memory_mirror.messages.bodies import Body
from memory_mirror.messages.chat_notices import shown, title_of
from memory_mirror.messages.mailing import INVALID, REFUSED, UNAVAILABLE, Mailing, send
from memory_mirror.messages.operations import RECIPIENTS_A_DAY, UNCONFIRMED_A_DAY
from memory_mirror.service import store
from memory_mirror.spending import allowances
from quintet.auth import tokens
from quintet.messaging import outbox
from quintet.models.time import frozen
from quintet.settings import use
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import SignIn, subject_of
from tests.functions.memory_mirror.messages.conftest import mail_trouble, mail_watched
from tests.support.aws import in_threads
from tests.support.calls import Refused, failing

BULK, CHAT = "/functions/sendBulkEmail", "/functions/sendChatNotification"
Mailed = Callable[[str], list[dict[str, Any]]]


def mail(*recipients: str, **fields: Any) -> dict[str, Any]:
    body = {
        "subject": "Weekly care summary",
        "body": "Here is this week's update…",
        "recipientEmails": list(recipients),
    }
    return {**body, **fields}


def chat(*recipients: str, **fields: Any) -> dict[str, Any]:
    body = {"message_id": "msg_abc", "sender_name": "Alice", "message_preview": "Just checking in…"}
    return {**body, "recipient_emails": list(recipients), **fields}


def waiting() -> list[outbox.Message]:
    """What is left in the outbox, the dead included."""
    queues = [outbox.DEAD, *map(str, range(outbox.SHARDS))]
    return [message for queue in queues for message in store.query(outbox.Message, "gsi1", queue=queue).items]


@pytest.mark.parametrize("path", [BULK, CHAT])
def test_nobody_is_served_without_a_session(mirror: Client, path: str) -> None:
    answer = mirror.post(path, {})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


def test_a_mail_goes_to_each_recipient_by_itself(rose: Client, mailed: Mailed) -> None:
    answer = rose.post(BULK, mail("one@example.com", "two@example.com"))
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "message": "Sent 2 emails successfully, 0 failed",
            "totalRecipients": 2,
            "successCount": 2,
            "failureCount": 0,
            "details": [
                {"email": "one@example.com", "status": "sent", "error": None},
                {"email": "two@example.com", "status": "sent", "error": None},
            ],
        },
    )
    for address in ("one@example.com", "two@example.com"):
        (message,) = mailed(address)
        assert message["destinations"]["ToAddresses"] == [address]
        assert message["subject"] == "Weekly care summary"
        assert message["body"].startswith("Here is this week's update…")
        assert "Rose Miller (rose@example.com)" in message["body"]
    assert waiting() == []


@pytest.mark.parametrize(
    "written",
    ["one@example.com", "One@Example.com, two@example.com; one@example.com", " one@example.com\ntwo@example.com "],
)
def test_recipients_may_be_one_text(rose: Client, mailed: Mailed, written: str) -> None:
    answer = rose.post(BULK, mail(recipientEmails=written))
    assert answer.body["totalRecipients"] == len(set(written.casefold().replace(",", " ").replace(";", " ").split()))
    assert answer.body["failureCount"] == 0
    assert len(mailed("one@example.com")) == 1


def test_a_recipient_who_is_named_twice_gets_one_message(rose: Client, mailed: Mailed) -> None:
    answer = rose.post(BULK, mail("one@example.com", "ONE@example.com ", "one@EXAMPLE.com"))
    assert (answer.body["totalRecipients"], len(mailed("one@example.com"))) == (1, 1)


def test_what_is_no_address_fails_by_itself(rose: Client, mailed: Mailed) -> None:
    answer = rose.post(
        BULK, mail("one@example.com", "nobody", "x@y", "Nobody", "a@example.com\r\nBcc: b@example.com", "")
    )
    assert answer.status == 200
    assert answer.body["message"] == "Sent 1 emails successfully, 3 failed"
    assert answer.body["details"] == [
        {"email": "one@example.com", "status": "sent", "error": None},
        {"email": "nobody", "status": "failed", "error": INVALID},
        {"email": "x@y", "status": "failed", "error": INVALID},
        {"email": "a@example.com\r\nbcc: b@example.com", "status": "failed", "error": INVALID},
    ]
    assert (mailed("b@example.com"), len(mailed("one@example.com"))) == ([], 1)


def test_a_mail_that_nobody_gets_is_no_success(rose: Client) -> None:
    answer = rose.post(BULK, mail("nobody"))
    assert (answer.status, answer.body["success"]) == (200, False)
    assert answer.body["message"] == "Sent 0 emails successfully, 1 failed"


def test_a_refused_recipient_is_a_failure_and_the_others_get_theirs(rose: Client, mailed: Mailed) -> None:
    with mail_trouble("MessageRejected", 400, "bad@example.com"):
        answer = rose.post(BULK, mail("one@example.com", "bad@example.com", "two@example.com"))
    assert answer.body["message"] == "Sent 2 emails successfully, 1 failed"
    assert answer.body["details"][1] == {"email": "bad@example.com", "status": "failed", "error": REFUSED}
    assert (len(mailed("one@example.com")), len(mailed("two@example.com")), waiting()) == (1, 1, [])


@pytest.mark.parametrize(("code", "status"), [("TooManyRequestsException", 429), ("SendingPausedException", 400)])
def test_what_could_not_be_sent_is_told_and_not_sent_later(
    rose: Client, mailed: Mailed, code: str, status: int
) -> None:
    with mail_trouble(code, status):
        answer = rose.post(BULK, mail("one@example.com"))
    assert (answer.status, answer.body["success"], answer.body["failureCount"]) == (200, False, 1)
    assert answer.body["details"] == [{"email": "one@example.com", "status": "failed", "error": UNAVAILABLE}]
    assert waiting() == []
    assert rose.post(BULK, mail("one@example.com")).body["successCount"] == 1
    assert len(mailed("one@example.com")) == 1


def test_html_is_sent_with_a_text_and_without_scripts(rose: Client) -> None:
    sent: list[dict[str, Any]] = []

    def note(request: Any, **_: Any) -> None:
        sent.append(json.loads(request.body)["Content"]["Simple"]["Body"])

    written = "<p>Rose is <b>well</b>.</p><script>alert(1)</script>"
    with mail_watched(note):
        assert rose.post(BULK, mail("one@example.com", body=written)).body["successCount"] == 1
    (body,) = sent
    assert body["Text"]["Data"].startswith("Rose is well.\n")
    assert body["Html"]["Data"].startswith("<p>Rose is <b>well</b>.</p>")
    assert "script" not in body["Html"]["Data"]


BAD_MAILS: list[tuple[dict[str, Any], str]] = [
    ({"subject": None}, "subject: "),
    ({"subject": ""}, "subject: "),
    ({"subject": "Hello\r\nBcc: all@example.com"}, "subject: must not contain control characters or line breaks"),
    ({"subject": "x" * 201}, "subject: "),
    ({"body": None}, "body: "),
    ({"body": " "}, "body: "),
    ({"body": "ä" * 15_001}, "body: must be at most 30,000 bytes"),
    ({"recipientEmails": None}, "recipientEmails"),
    ({"recipientEmails": []}, "recipientEmails: must be 1 to 50 addresses"),
    ({"recipientEmails": [" ", ""]}, "recipientEmails: must be 1 to 50 addresses"),
    ({"recipientEmails": ""}, "recipientEmails: must be 1 to 50 addresses"),
    ({"recipientEmails": [7]}, "recipientEmails"),
    ({"recipientEmails": {"to": "x"}}, "recipientEmails"),
    ({"recipientEmails": [f"p{number}@example.com" for number in range(51)]}, "recipientEmails: must be 1 to 50"),
]


def test_a_bad_field_is_named(rose: Client, mailed: Mailed) -> None:
    for fields, error in BAD_MAILS:
        answer = rose.post(BULK, mail("one@example.com", **fields))
        assert answer.status == 400, (fields, answer)
        assert answer.body["error"].startswith(error), answer.body
        assert mailed("one@example.com") == []


def test_fifty_large_messages_fit(rose: Client, mailed: Mailed) -> None:
    to = [f"p{number}@example.com" for number in range(50)]
    answer = rose.post(BULK, mail(*to, *to, body="<p>" + "x" * 29_990 + "</p>"))
    assert (answer.status, answer.body["successCount"]) == (200, 50)
    assert len(mailed("p49@example.com")) == 1


def test_a_repeated_request_is_answered_and_not_sent_again(rose: Client, mailed: Mailed) -> None:
    key = {"Idempotency-Key": "week-12"}
    first = rose.post(BULK, mail("one@example.com", "nobody"), headers=key)
    again = rose.post(BULK, mail("one@example.com", "nobody"), headers=key)
    assert (again.body, again.headers["idempotency-replayed"]) == (first.body, "true")
    assert len(mailed("one@example.com")) == 1
    other = rose.post(BULK, mail("two@example.com"), headers=key)
    assert (other.status, "error" in other.body) == (422, True)


def test_many_equal_requests_at_once_send_once(rose: Client, mailed: Mailed) -> None:
    key = {"Idempotency-Key": "week-12"}
    statuses = in_threads(5, lambda _: rose.post(BULK, mail("one@example.com"), headers=key).status)
    assert set(statuses) <= {200, 409}
    assert len(mailed("one@example.com")) == 1


def test_a_mailing_whose_sender_died_goes_on_where_it_stopped(rose: Client, mailed: Mailed) -> None:
    key = {"Idempotency-Key": "week-12"}
    body = mail("one@example.com", "two@example.com", "three@example.com")

    class Died(BaseException):
        """The process ended."""

    with frozen() as clock:
        with pytest.MonkeyPatch.context() as patch:
            deliver, begun = outbox.deliver, list[str]()

            def dying(of: Any, message: outbox.Message) -> bool:
                if message.to == "two@example.com":
                    raise Died
                begun.append(message.to)
                return deliver(of, message)

            patch.setattr(outbox, "deliver", dying)
            with pytest.raises(Died):
                rose.post(BULK, body, headers=key)
        assert begun == ["one@example.com"]
        assert rose.post(BULK, body, headers=key).status == 409
        clock.advance(seconds=61)
        answer = rose.post(BULK, body, headers=key)
        assert (answer.status, answer.body["successCount"]) == (200, 3)
    assert [len(mailed(f"{name}@example.com")) for name in ("one", "two", "three")] == [1, 1, 1]
    assert waiting() == []


def test_a_message_that_the_sweep_has_taken_up_is_left_to_it(rose: Client, mailed: Mailed) -> None:
    sender, message = subject_of(rose), outbox.Message.email("one@example.com", "Hello", "Hello")
    store.create(message.model_copy(update={"attempts": 2}))
    store.create(Mailing(sender=sender, id="m", subject="Hello", messages={"one@example.com": message.id}))
    (outcome,) = send(sender, "m", ["one@example.com"], "Hello", Body("Hello", None))
    assert (outcome.status, mailed("one@example.com")) == ("sent", [])
    assert [one.id for one in waiting()] == [message.id]


def test_a_mailing_that_cannot_be_kept_sends_nothing(rose: Client, mailed: Mailed) -> None:
    def refused(params: dict[str, Any]) -> Refused | None:
        return Refused("ValidationException") if "mailing" in json.dumps(params) else None

    with failing("TransactWriteItems", refused):
        assert rose.post(BULK, mail("one@example.com")).status == 500
    assert (mailed("one@example.com"), waiting()) == ([], [])


def test_who_wrote_to_whom_is_kept_and_audited(rose: Client) -> None:
    rose.post(BULK, mail("one@example.com"))
    (kept,) = store.query(Mailing, sender=subject_of(rose)).items
    assert (kept.subject, list(kept.messages)) == ("Weekly care summary", ["one@example.com"])
    (event,) = rose.get("/entities/AuditLog").body["items"]
    assert (event["action_type"], event["resource_type"], event["resource_ids"]) == ("share", "contact_info", [kept.id])


def test_an_account_may_write_to_so_many_people_a_day(rose: Client, sign_in: SignIn) -> None:
    allowances.spend(subject_of(rose), "mail", RECIPIENTS_A_DAY - 1, RECIPIENTS_A_DAY)
    assert rose.post(BULK, mail("one@example.com", "two@example.com")).status == 429
    assert rose.post(BULK, mail("one@example.com")).status == 200
    refused = rose.post(BULK, mail("two@example.com"))
    assert (refused.status, int(refused.headers["retry-after"]) > 0) == (429, True)
    assert sign_in("user").post(BULK, mail("two@example.com")).status == 200


def test_an_unconfirmed_account_may_write_to_few(rose: Client) -> None:
    claims = {"role": "user", "email": "new@example.com", "name": "New", "confirmed": False}
    token, _ = tokens.issue(subject_of(rose), claims, timedelta(hours=1))
    client, to = rose.as_caller(token), [f"p{number}@example.com" for number in range(UNCONFIRMED_A_DAY + 1)]
    with use({"QUINTET_STAGE": "prod"}):
        assert client.post(BULK, mail(*to)).status == 429
        assert client.post(BULK, mail(*to[1:])).status == 200


def test_an_account_sends_so_often_a_minute(rose: Client) -> None:
    with frozen():
        statuses = [rose.post(BULK, mail("nobody")).status for _ in range(31)]
    assert (statuses[:30], statuses[30]) == ([200] * 30, 429)


def test_a_chat_message_is_told_in_the_app_and_by_mail(rose: Client, sign_in: SignIn, mailed: Mailed) -> None:
    family = sign_in("user", "family@example.com")
    answer = rose.post(CHAT, chat("family@example.com", "guest@example.com"))
    assert (answer.status, answer.body) == (200, {"success": True, "notified": 2})
    (notice,) = family.get("/entities/Notification").body["items"]
    assert (notice["title"], notice["message"]) == ("New message from Alice", "Just checking in…")
    assert (notice["type"], notice["related_id"], notice["read"]) == ("chat", "msg_abc", False)
    assert (notice["recipient_email"], notice["channel"], notice["status"]) == ("family@example.com", "email", "sent")
    for address in ("family@example.com", "guest@example.com"):
        (message,) = mailed(address)
        assert (message["subject"], message["body"]) == ("New message from Alice", "Just checking in…")


def test_a_chat_message_is_told_once_ever(rose: Client, sign_in: SignIn, mailed: Mailed) -> None:
    sign_in("user", "family@example.com")
    for body in (chat("family@example.com"), chat("Family@Example.com", "two@example.com", "two@example.com")):
        rose.post(CHAT, body)
    assert rose.post(CHAT, chat("family@example.com", "two@example.com")).body == {"success": True, "notified": 2}
    assert (len(mailed("family@example.com")), len(mailed("two@example.com"))) == (1, 1)
    rose.post(CHAT, chat("two@example.com", message_id="msg_def"))
    assert len(mailed("two@example.com")) == 2


def test_many_at_once_tell_of_a_message_once(rose: Client, sign_in: SignIn, mailed: Mailed) -> None:
    family = sign_in("user", "family@example.com")
    answers = in_threads(5, lambda _: rose.post(CHAT, chat("family@example.com", "two@example.com")).body["notified"])
    assert answers == [2] * 5
    assert (len(mailed("family@example.com")), len(mailed("two@example.com"))) == (1, 1)
    assert len(family.get("/entities/Notification").body["items"]) == 1


def test_nobody_can_use_up_the_message_ids_of_others(rose: Client, sign_in: SignIn, mailed: Mailed) -> None:
    sign_in("user").post(CHAT, chat("family@example.com"))
    rose.post(CHAT, chat("family@example.com"))
    assert len(mailed("family@example.com")) == 2


def test_word_that_cannot_be_sent_now_is_sent_later(rose: Client, mailed: Mailed) -> None:
    with frozen() as clock:
        with mail_trouble("TooManyRequestsException", 429):
            answer = rose.post(CHAT, chat("two@example.com"))
        assert (answer.body, mailed("two@example.com")) == ({"success": True, "notified": 1}, [])
        clock.advance(minutes=10)
        assert outbox.sweep(store).delivered == 1
    assert len(mailed("two@example.com")) == 1


BAD_CHATS: list[tuple[dict[str, Any], str]] = [
    ({"message_id": None}, "message_id: "),
    ({"message_id": ""}, "message_id: "),
    ({"sender_name": None}, "sender_name: "),
    ({"sender_name": "Alice\r\nBcc: x@example.com"}, "sender_name: must not contain control characters"),
    ({"message_preview": None}, "message_preview: "),
    ({"message_preview": ""}, "message_preview: "),
    ({"recipient_emails": None}, "recipient_emails: "),
    ({"recipient_emails": []}, "recipient_emails: "),
    ({"recipient_emails": "family@example.com"}, "recipient_emails: "),
    ({"recipient_emails": ["family@example.com", "nobody"]}, "recipient_emails.1: must be an e-mail address"),
    ({"recipient_emails": [f"p{number}@example.com" for number in range(51)]}, "recipient_emails: "),
]


def test_a_bad_field_of_a_notification_is_named(rose: Client, mailed: Mailed) -> None:
    for fields, error in BAD_CHATS:
        answer = rose.post(CHAT, chat("family@example.com", **fields))
        assert answer.status == 400, (fields, answer)
        assert answer.body["error"].startswith(error), answer.body
        assert mailed("family@example.com") == []


@pytest.mark.parametrize(
    ("preview", "title"),
    [
        ("How are you today?", "New message from Alice"),
        ("¿Cómo estás hoy, mamá?", "Nuevo mensaje de Alice"),
        ("Bonjour maman, je pense à toi", "Nouveau message de Alice"),
        ("Ich denke heute an dich", "Neue Nachricht von Alice"),
        ("妈妈你好吗？", "Alice 发来新消息"),
        ("お元気ですか", "Aliceさんからの新しいメッセージ"),
        ("잘 지내세요?", "Alice 님의 새 메시지"),
        ("كيف حالك اليوم؟", "رسالة جديدة من Alice"),
        ("👋", "New message from Alice"),
    ],
)
def test_the_title_is_in_the_messages_language(preview: str, title: str) -> None:
    assert title_of("Alice", preview) == title


def test_a_long_message_is_shown_in_part() -> None:
    assert shown("a\n b") == "a b"
    assert shown("x" * 200) == "x" * 200
    assert shown("x" * 201) == "x" * 199 + "…"
    assert len(shown("ab " * 400)) <= 200
