"""Instants: UTC, whole seconds, one clock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from quintet.models.time import Instant, Timestamp, epoch, from_epoch, frozen, now, rfc3339


class Event(BaseModel):
    at: Timestamp


@pytest.mark.parametrize(
    ("given_text", "answered"),
    [
        ("2025-01-18T10:00:00Z", "2025-01-18T10:00:00Z"),
        ("2025-01-18T10:00:00", "2025-01-18T10:00:00Z"),
        ("2025-01-18T12:30:00+02:30", "2025-01-18T10:00:00Z"),
        ("2025-01-18T10:00:00.999999Z", "2025-01-18T10:00:00Z"),
        ("2025-01-18t10:00:00z", "2025-01-18T10:00:00Z"),
        ("2025-01-18", "2025-01-18T00:00:00Z"),
    ],
)
def test_any_offset_comes_in_and_utc_seconds_go_out(given_text: str, answered: str) -> None:
    event = Event.model_validate({"at": given_text})
    assert event.model_dump(mode="json") == {"at": answered}
    assert event.at.utcoffset() == timedelta(0)
    assert event.at.microsecond == 0


@pytest.mark.parametrize(
    "bad", [1737194400, 1.5, True, "1737194400", " 12", "+5", "yesterday", "0001-01-01T00:00:00+05:00", None]
)
def test_what_is_no_rfc_3339_time_is_refused(bad: object) -> None:
    with pytest.raises(ValidationError):
        Event.model_validate({"at": bad})


def test_a_time_may_stand_in_a_body_that_is_read_strictly() -> None:
    event = Event.model_validate_json('{"at": "2025-01-18T10:00:00Z"}', strict=True)
    assert event.at == datetime(2025, 1, 18, 10, tzinfo=UTC)
    with pytest.raises(ValidationError, match="must be an RFC 3339 date and time"):
        Event.model_validate_json('{"at": "tomorrow"}', strict=True)


def test_the_schema_says_date_time() -> None:
    assert TypeAdapter(Timestamp).json_schema() == {"type": "string", "format": "date-time"}
    assert TypeAdapter(Timestamp).json_schema(mode="serialization") == {"type": "string", "format": "date-time"}


def test_an_instant_says_its_offset() -> None:
    adapter = TypeAdapter(Instant)
    assert adapter.validate_python("2025-01-18T10:00:00+09:00") == datetime(2025, 1, 18, 1, tzinfo=UTC)
    assert adapter.validate_json('"2025-01-18T10:00:00Z"') == datetime(2025, 1, 18, 10, tzinfo=UTC)
    for local in ("2025-01-18T10:00:00", "2025-01-18 10:00", "2025-01-18"):
        with pytest.raises(ValidationError, match="offset from UTC"):
            adapter.validate_python(local)


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=zones))  # noqa: DTZ001 - hypothesis adds zones
def test_a_time_survives_the_wire(moment: datetime) -> None:
    event = Event(at=moment)
    again = Event.model_validate_json(event.model_dump_json())
    assert again == event
    assert event.at == moment.replace(microsecond=0).astimezone(UTC)
    assert rfc3339(moment) == event.model_dump(mode="json")["at"]


def test_the_clock_stops_for_every_thread_and_moves_when_told() -> None:
    start = datetime(2025, 1, 18, 10, tzinfo=UTC)
    with frozen(start) as clock, ThreadPoolExecutor(1) as pool:
        assert now() == start == pool.submit(now).result()
        assert clock.advance(minutes=15) == now() == start + timedelta(minutes=15)
        with frozen(datetime(2030, 1, 1, tzinfo=UTC)):
            assert now().year == 2030
        assert now().minute == 15
    assert now() > start + timedelta(days=1)


def test_epochs_are_whole_seconds() -> None:
    assert epoch(datetime(1970, 1, 1, 0, 1, 0, 999_999, tzinfo=UTC)) == 60
    assert from_epoch(60) == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    with frozen(datetime(2025, 1, 18, tzinfo=UTC)):
        assert from_epoch(epoch()) == now()
