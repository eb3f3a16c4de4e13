"""The outbox: what is committed is told, once, however many senders there are and whatever fails in between."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from quintet import log
from quintet.messaging import outbox
from quintet.messaging.outbox import DEAD, KEPT, LEASE, MOST_ATTEMPTS, Message, Swept, dead, deliver, pause_after, sweep
from quintet.models.time import epoch, from_epoch, frozen
from quintet.providers import email
from quintet.providers.errors import Rejected, Throttled
from quintet.settings import Settings, use
from quintet.store import ConditionFailed, Entity, Keys, Store
from quintet.store.calls import table_call
from tests.support.aws import in_threads, sent_emails
from tests.support.calls import recorded

pytestmark = pytest.mark.dynamodb

STORE = Store()


def post(number: int = 1) -> Message:
    """Commit a message to buyer `number`."""
    tx = STORE.transaction()
    message = Message.email(f"buyer{number}@example.com", f"Order {number}", "Thank you.").join(tx)
    tx.commit()
    return message


def kept(message: Message) -> Message | None:
    return STORE.get(Message, id=message.id)


@contextmanager
def sender(monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> Iterator[list[str]]:
    """An e-mail service that fails with these errors in turn, then works; the addresses it delivered to."""
    left, delivered = list(errors), []

    def send_email(to: str, *_: Any, **__: Any) -> str:
        if left:
            raise left.pop(0)
        delivered.append(to)
        return "id"

    with monkeypatch.context() as patch:
        patch.setattr(email, "send_email", send_email)
        yield delivered


def test_a_message_is_sent_right_after_its_commit_and_forgotten(table: Settings) -> None:
    before = len(sent_emails())
    message = post()
    with recorded() as calls:
        assert deliver(STORE, message)
    (sent,) = sent_emails()[before:]
    assert (sent["source"], sent["subject"], sent["body"]) == (table.email_sender, "Order 1", "Thank you.")
    assert sent["destinations"]["ToAddresses"] == ["buyer1@example.com"]
    assert kept(message) is None
    assert calls.names == ["DeleteItem"]


def test_a_text_message_goes_by_sms(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from quintet.providers import sms

    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(sms, "send_sms", lambda to, text: sent.append((to, text)))
    tx = STORE.transaction()
    message = Message.sms("+14155550100", "Your code").join(tx)
    tx.commit()
    assert deliver(STORE, message)
    assert sent == [("+14155550100", "Your code")]


class Order(Entity):
    kind = "order"
    keys = Keys("ORDER#{id}", "ORDER")

    id: str


def test_what_was_not_committed_is_not_told(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    STORE.create(Order(id="1"))
    tx = STORE.transaction()
    tx.create(Order(id="1"))
    message = Message.email("a@example.com", "s", "t").join(tx)
    with pytest.raises(ConditionFailed):
        tx.commit()
    assert kept(message) is None
    with frozen() as clock, sender(monkeypatch) as delivered:
        clock.advance(seconds=LEASE + 1)
        assert sweep(STORE) == Swept()
    assert delivered == []


def test_a_sweep_leaves_messages_to_their_creator_for_the_lease(
    table: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with frozen() as clock, sender(monkeypatch) as delivered:
        message = post()
        clock.advance(seconds=LEASE - 1)
        assert sweep(STORE) == Swept()
        clock.advance(seconds=1)
        assert sweep(STORE) == Swept(delivered=1)
        assert not deliver(STORE, message), "the creator came late and leaves it alone"
    assert delivered == ["buyer1@example.com"]
    assert kept(message) is None


def test_a_failure_is_tried_again_later_and_later(
    table: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with frozen() as clock, sender(monkeypatch, Throttled("slow down"), Throttled("slow down")) as delivered:
        message = post()
        assert not deliver(STORE, message)
        after = kept(message)
        assert after is not None
        assert (after.attempts, after.due_at, after.last_error) == (1, epoch() + 60, "Throttled: slow down")
        clock.advance(seconds=59)
        assert sweep(STORE) == Swept()
        clock.advance(seconds=1)
        assert sweep(STORE) == Swept(failed=1)
        after = kept(message)
        assert after is not None
        assert (after.attempts, after.due_at) == (2, epoch() + 180)
        clock.advance(seconds=180)
        assert sweep(STORE) == Swept(delivered=1)
    assert delivered == ["buyer1@example.com"]
    told = capsys.readouterr().out
    assert "message not sent" in told
    assert "buyer1@example.com" not in told, "a log names no recipient"
    assert "Thank you" not in told


def test_after_eight_attempts_a_message_is_dead(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    metrics: list[dict[str, float]] = []
    monkeypatch.setattr(log, "metrics", lambda _, values, **__: metrics.append(values))
    with frozen() as clock, sender(monkeypatch, *[Throttled("no")] * MOST_ATTEMPTS) as delivered:
        message = post()
        deliver(STORE, message)
        for _ in range(MOST_ATTEMPTS - 1):
            clock.advance(hours=6)
            assert sweep(STORE) == Swept(failed=1)
        clock.advance(days=30)
        assert sweep(STORE) == Swept()
    assert delivered == []
    (found,) = dead(STORE)
    assert (found.id, found.queue, found.attempts) == (message.id, DEAD, MOST_ATTEMPTS)
    assert metrics == [{"DeadMessages": 1}]


def test_a_refusal_for_good_is_not_tried_again(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen() as clock, sender(monkeypatch, Rejected("no such address")) as delivered:
        message = post()
        assert not deliver(STORE, message)
        clock.advance(days=1)
        assert sweep(STORE) == Swept()
    assert delivered == []
    assert [m.id for m in dead(STORE)] == [message.id]


def test_a_dead_message_loses_its_text_and_expires(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen() as clock, sender(monkeypatch, Rejected("no such address, password=hush")):
        tx = STORE.transaction()
        message = Message.email("a@example.com", "Reset", "Your token: hush", "<p>hush</p>").join(tx)
        tx.commit()
        clock.advance(seconds=10)
        assert not deliver(STORE, message)
        raw = table_call("GetItem", Key=message.own_key().attributes())["Item"]
        assert "hush" not in json.dumps(raw)
        (found,) = dead(STORE)
        assert (found.to, found.subject, found.text, found.html) == ("a@example.com", "Reset", "", None)
        assert found.last_error == "Rejected: no such address, password=***"
        assert found.expires_at == epoch() + KEPT
        assert raw["expires_at"] == {"N": str(epoch() + KEPT)}, "the attribute DynamoDB expires items by"


def test_no_message_stays_for_ever_even_if_nobody_sweeps(table: Settings) -> None:
    with frozen():
        after = kept(post())
        assert after is not None
        assert after.expires_at == epoch() + KEPT


def test_a_service_that_is_not_configured_keeps_the_message(table: Settings) -> None:
    with use({"QUINTET_EMAIL_SENDER": ""}):
        message = post()
        assert not deliver(STORE, message)
    after = kept(message)
    assert after is not None
    assert after.queue != DEAD
    assert "QUINTET_EMAIL_SENDER" in (after.last_error or "")


class Died(BaseException):
    """The process ended here."""


def test_a_message_that_kills_its_senders_is_given_up(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def send_email(*_: Any, **__: Any) -> str:
        raise Died

    monkeypatch.setattr(email, "send_email", send_email)
    with frozen() as clock:
        message = post()
        with pytest.raises(Died):
            deliver(STORE, message)
        for _ in range(MOST_ATTEMPTS - 1):
            clock.advance(seconds=LEASE)
            with pytest.raises(Died):
                sweep(STORE)
        clock.advance(seconds=LEASE)
        assert sweep(STORE) == Swept(failed=1)
        clock.advance(seconds=LEASE)
        assert sweep(STORE) == Swept()
    assert [m.id for m in dead(STORE)] == [message.id]


def test_sweeps_at_the_same_time_send_each_message_once(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen() as clock, sender(monkeypatch) as delivered:
        for number in range(20):
            post(number)
        clock.advance(seconds=LEASE)
        swept = in_threads(4, lambda _: sweep(STORE, seconds=600))
    assert sorted(delivered) == sorted(f"buyer{n}@example.com" for n in range(20))
    assert sum(s.delivered for s in swept if isinstance(s, Swept)) == 20
    assert sum(s.failed for s in swept if isinstance(s, Swept)) == 0


def test_a_creator_and_a_sweep_do_not_send_twice(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen() as clock, sender(monkeypatch) as delivered:
        message = post()
        clock.advance(seconds=LEASE - 1)
        in_threads(2, lambda n: deliver(STORE, message) if n else sweep(STORE))
        clock.advance(seconds=LEASE)
        assert sweep(STORE) == Swept()
    assert delivered == ["buyer1@example.com"]


def test_a_sweep_takes_the_oldest_and_says_that_there_is_more(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen() as clock, sender(monkeypatch) as delivered:
        for number in range(6):
            post(number)
            clock.advance(seconds=1)
        clock.advance(seconds=LEASE)
        with recorded() as calls:
            first = sweep(STORE, limit=2)
        assert calls.names == ["Query"] * outbox.SHARDS + ["PutItem", "DeleteItem"] * 2
        assert first == Swept(delivered=2, left=first.left)
        assert first.left >= 1
        assert delivered == ["buyer0@example.com", "buyer1@example.com"]
        assert sweep(STORE, seconds=0).delivered == 0
        assert sweep(STORE) == Swept(delivered=4)


def test_a_message_whose_removal_failed_is_sent_again_rather_than_lost(
    table: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.calls import Refused, failing

    with frozen() as clock, sender(monkeypatch) as delivered:
        message = post()
        with failing("DeleteItem", lambda _: Refused("ValidationException")):
            assert deliver(STORE, message)
        clock.advance(seconds=LEASE)
        assert sweep(STORE) == Swept(delivered=1)
    assert delivered == ["buyer1@example.com"] * 2


def test_pauses_grow_to_six_hours() -> None:
    assert [pause_after(n) // 60 for n in range(1, 9)] == [1, 3, 9, 27, 81, 243, 360, 360]


def test_a_message_to_nobody_weighs_as_much_and_reaches_nobody(
    table: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = Message.email("nobody@example.com", "Order 1", "Thank you.").model_copy(update={"due_at": epoch()})
    tx = STORE.transaction()
    outbox.pretend(tx, message)
    with recorded() as calls:
        tx.commit()
    (written,) = calls.made
    assert "Thank you." in json.dumps(written.params)
    with sender(monkeypatch) as delivered, frozen(from_epoch(epoch() + 60)):
        assert sweep(STORE) == Swept()
    assert delivered == []
