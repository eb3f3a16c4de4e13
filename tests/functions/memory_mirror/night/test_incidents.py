"""Incidents: written once while their signs go on, told to each caregiver once, raised when they get worse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from memory_mirror.accounts.access import Person
from memory_mirror.messages.entities import Notification
from memory_mirror.night import incidents
from memory_mirror.night.entities import NightIncident
from memory_mirror.night.incidents import Incident, report
from memory_mirror.records.record import recent
from memory_mirror.safety import Kind, Verdict
from memory_mirror.service import store
from quintet.messaging.outbox import Message
from quintet.models import now
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient, subject_of
from tests.support.aws import in_threads

FALL = Verdict(Kind.FALL, 9, physical=True, evidence=("words: fall",), language="en")
WORRY = Verdict(Kind.DISTRESS, 5, evidence=("words: fear",), language="en")
CARERS = ["a@example.com", "b@example.com"]


@pytest.fixture
def person(rose: Client, make_patient: MakePatient) -> Person:
    """Rose, whom two caregivers look after."""
    make_patient(rose, caregivers=CARERS)
    return Person(subject_of(rose))


@pytest.fixture(autouse=True)
def mail(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """The e-mails that were sent: to, subject, text."""
    sent: list[tuple[str, str, str]] = []

    def send(to: str, subject: str, text: str, _html: str | None = None) -> None:
        sent.append((to, subject, text))

    monkeypatch.setattr("quintet.providers.email.send_email", send)
    return sent


def stored(person: Person) -> list[NightIncident]:
    return recent(NightIncident, person.subject)


def told(person: Person) -> list[str]:
    return sorted(one.recipient_email for one in recent(Notification, person.subject))


def test_an_alarming_sign_is_written_down_and_told_to_each_caregiver(person: Person, mail: list[Any]) -> None:
    found = report(person, FALL, "I fell in the bathroom", "detectNightEmergency", by="rose@example.com")
    assert found.new
    assert found.told
    (record,) = stored(person)
    assert record == found.record
    assert (record.incident_type, record.distress_level, record.transcript) == ("FALL", 9, "I fell in the bathroom")
    assert (record.source, record.evidence, record.created_by) == (
        "detectNightEmergency", ["words: fall"], "rose@example.com",
    )  # fmt: skip
    assert (record.caregivers_alerted, record.sightings, record.resolved) == (CARERS, 1, False)
    notices = recent(Notification, person.subject)
    assert [(n.type, n.channel, n.status, n.related_id) for n in notices] == [
        ("night_incident", "email", "sent", record.id)
    ] * 2
    assert sorted(to for to, _, _ in mail) == told(person) == CARERS
    (_, subject, text) = mail[0]
    assert subject == "Rose Miller may need you: a fall"
    assert "Distress 9 of 10" in text
    assert "“I fell in the bathroom”" in text


def test_further_signs_are_the_same_incident(person: Person, mail: list[Any]) -> None:
    first = report(person, FALL, "I fell", "nightModeChat")
    again = report(person, FALL, "I fell", "nightModeChat")
    assert not again.new
    assert again.record.id == first.record.id
    (record,) = stored(person)
    assert record.sightings == 2
    assert record.last_seen_at >= first.record.last_seen_at
    assert len(mail) == 2


def test_another_danger_is_another_incident(person: Person) -> None:
    report(person, FALL)
    report(person, replace(FALL, kind=Kind.FIRE))
    assert sorted(record.incident_type for record in stored(person)) == ["FALL", "FIRE"]
    assert len(told(person)) == 4


def test_after_half_an_hour_without_a_sign_it_is_a_new_one(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    start = now()
    clock = start
    monkeypatch.setattr(incidents, "now", lambda: clock)
    report(person, FALL)
    clock = start + timedelta(minutes=29)
    assert not report(person, FALL).new
    clock = start + timedelta(minutes=58)  # the last sign prolonged it
    assert not report(person, FALL).new
    clock = start + timedelta(minutes=89)
    assert report(person, FALL).new
    assert len(stored(person)) == 2
    assert len(told(person)) == 4


def test_a_worse_sign_raises_the_level_and_alerts_when_it_becomes_alarming(person: Person, mail: list[Any]) -> None:
    quiet = report(person, WORRY, "I am a bit afraid", "nightWatchAI")
    assert (quiet.new, quiet.told, mail) == (True, False, [])
    worse = report(person, replace(WORRY, level=8, evidence=("words: cry_for_help",)), "Help me!", "nightWatchAI")
    assert (worse.new, worse.told) == (False, True)
    (record,) = stored(person)
    assert (record.distress_level, record.sightings, record.transcript) == (8, 2, "Help me!")
    assert record.evidence == ["words: fear", "words: cry_for_help"]
    assert record.caregivers_alerted == CARERS
    assert len(mail) == 2
    milder = report(person, WORRY, "I am a bit afraid", "nightWatchAI")
    assert milder.record.distress_level == 8
    assert len(mail) == 2


def test_a_caregiver_who_is_named_later_is_told_too(rose: Client, make_patient: MakePatient, mail: list[Any]) -> None:
    person = Person(subject_of(rose))
    alone = report(person, FALL)
    assert (alone.new, alone.told, mail) == (True, False, [])
    make_patient(rose, caregivers=["late@example.com"])
    found = report(Person(person.subject), FALL)
    assert (found.new, found.told) == (False, True)
    assert [to for to, _, _ in mail] == ["late@example.com"]


def test_reports_at_once_make_one_incident_and_one_notice_each(person: Person, mail: list[Any]) -> None:
    found = in_threads(16, lambda _: report(Person(person.subject), FALL, "I fell", "nightModeChat"))
    assert sum(isinstance(one, Incident) and one.new for one in found) == 1
    assert all(isinstance(one, Incident) and one.told for one in found)
    (record,) = stored(person)
    assert record.sightings == 16
    assert told(person) == CARERS
    assert sorted(to for to, _, _ in mail) == CARERS


def test_a_mail_that_cannot_be_sent_waits_in_the_outbox(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no mail today")

    monkeypatch.setattr("quintet.providers.email.send_email", refuse)
    found = report(person, FALL)
    assert found.told
    assert [one.status for one in recent(Notification, person.subject)] == ["pending", "pending"]
    waiting = [notice.message for notice in found.notices if notice.message]
    assert sorted(m.to for m in waiting if store.get(Message, id=m.id)) == CARERS
