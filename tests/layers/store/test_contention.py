"""Optimistic writes under contention: done over from the read, and never mistaken for one's own."""

from typing import ClassVar

import pytest

from quintet.errors import ApiError
from quintet.settings import Settings
from quintet.store import ConditionFailed, Entity, Keys, Store, contention
from quintet.store.contention import until_settled
from tests.support.aws import in_threads

store = Store()


class Tally(Entity):
    kind: ClassVar[str] = "tally"
    keys: ClassVar[Keys] = Keys("TALLY#{id}", "TALLY")

    id: str
    n: int = 0


def increment(_: int) -> None:
    old = store.get(Tally, id="a")
    assert old is not None
    store.replace(old, old.model_copy(update={"n": old.n + 1}), refused=None)


def test_changes_made_at_once_all_take_effect(table: Settings) -> None:
    # All write the very same item over the same version: only one of them may take it for its own.
    store.create(Tally(id="a"))
    assert in_threads(8, lambda _: until_settled(lambda: increment(0))) == [None] * 8
    found = store.get(Tally, id="a")
    assert found is not None
    assert (found.n, found.version) == (8, 9)


def test_of_those_who_create_the_same_item_at_once_one_does(table: Settings) -> None:
    made = in_threads(8, lambda _: store.create(Tally(id="a")))
    assert sum(isinstance(found, ConditionFailed) for found in made) == 7


def test_other_refusals_end_it(table: Settings) -> None:
    tries: list[int] = []

    def refused() -> None:
        tries.append(1)
        raise ApiError(400, "no", "No")

    with pytest.raises(ApiError, match="No"):
        until_settled(refused)
    assert len(tries) == 1


def test_it_gives_up_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contention, "DEADLINE", 0.05)

    def lost() -> None:
        raise ConditionFailed

    with pytest.raises(ApiError) as caught:
        until_settled(lost)
    assert (caught.value.status, caught.value.code) == (503, "busy")
