"""Ids: UUIDv7, ordered by time, unique under threads."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from quintet.models import ids
from quintet.models.ids import is_id, new_id


def test_an_id_is_a_uuid_of_version_7_that_carries_the_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    # A counter that ran over may push the time a little ahead, never behind.
    assert before <= made.int >> 80 <= after + 1


def test_ids_sort_in_the_order_they_were_made() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_made_by_many_threads_never_repeat() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(2_000)], range(8)))
    made = [one for batch in batches for one in batch]
    assert len(set(made)) == len(made)
    assert all(batch == sorted(batch) for batch in batches)


def test_ids_keep_their_order_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert new_id() > ahead


def test_a_full_counter_moves_on_to_the_next_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    sequence = ids._Sequence()
    monkeypatch.setattr(time, "time_ns", lambda: 5_000_000)
    assert sequence.next((1 << 42) - 1) == (5, (1 << 42) - 1)
    assert sequence.next(7) == (6, 7)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", True),  # RFC 9562 appendix A.6
        ("919108f7-52d1-4320-9bac-f847db4148a8", True),  # appendix A.3, version 4
        ("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", False),
        ("017f22e279b07cc398c4dc0c0c07398f", False),
        ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n", False),
        ("{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", False),
        ("prod-1", False),
        ("", False),
    ],
)
def test_only_canonical_uuids_are_ids(text: str, valid: bool) -> None:
    assert is_id(text) is valid


def test_every_new_id_is_an_id() -> None:
    assert all(is_id(new_id()) for _ in range(100))
