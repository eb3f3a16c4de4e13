"""Other orders of a listing: each is that of its values, whatever is written, at the same price on every page."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from quintet.errors import ApiError
from quintet.models import PageQuery, SkipQuery
from quintet.net import aws
from quintet.settings import Settings, settings
from quintet.store import Entity, Index, Keys, Store, exists
from quintet.store.sorting import END, ordered, sorted_page
from tests.support.aws import system
from tests.support.calls import recorded

pytestmark = pytest.mark.dynamodb

STORE = Store()


class Post(Entity):
    """A post of a user, by time, by title, by likes and by the time it is due."""

    kind: ClassVar[str] = "post"
    keys: ClassVar[Keys] = Keys(
        "POST#{id}",
        "POST",
        gsi1=Index(
            "USER#{user}#POSTS",
            "{id}",
            when=lambda post: post.shown,
            counted=True,
            shards=2,
            sorts=("title", "likes", "due"),
        ),
    )

    id: str
    user: str = "u"
    title: str = "t"
    likes: int = 0
    due: datetime | None = None
    shown: bool = True


def page(query: PageQuery | SkipQuery, by: str = "likes", *, descending: bool = False, user: str = "u") -> Any:
    return sorted_page(STORE, Post, "gsi1", query, by, descending=descending, user=user)


def ids(by: str, *, descending: bool = False, user: str = "u") -> list[str]:
    return [post.id for post in page(PageQuery(page_size=100), by, descending=descending, user=user).items]


def rows() -> int:
    found = aws.client("dynamodb").scan(TableName=settings().table)["Items"]
    return sum(item["kind"]["S"] == "sorted" for item in found)


NUMBERS = st.integers(-(10**20), 10**20) | st.decimals(allow_nan=False, allow_infinity=False, places=4) | st.booleans()
TIMES = st.datetimes(timezones=st.sampled_from([UTC])) | st.datetimes(timezones=st.timezones())


@given(NUMBERS, NUMBERS)
def test_numbers_are_ordered_by_size(one: Decimal, other: Decimal) -> None:
    assert (ordered(one) + END < ordered(other) + END) == (one < other)
    assert (ordered(one) == ordered(other)) == (one == other)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_ordered_by_size(one: float, other: float) -> None:
    assert (ordered(one) + END < ordered(other) + END) == (one < other)


@given(TIMES, TIMES)
def test_times_are_ordered_by_time_whatever_their_zone(one: datetime, other: datetime) -> None:
    assert (ordered(one) < ordered(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_text_is_ordered_without_case_and_accents_and_absent_values_come_last() -> None:
    words = ["Zebra", "apple", None, "Éclair", "eclairs", "apple pie", "ångström"]
    assert sorted(words, key=lambda word: ordered(word) + END) == [
        "ångström", "apple", "apple pie", "Éclair", "eclairs", "Zebra", None,
    ]  # fmt: skip


FIELDS = st.fixed_dictionaries(
    {
        "user": st.sampled_from(["u", "v"]),
        "title": st.sampled_from(["b", "A", "a#", ""]),
        "likes": st.integers(-2, 3),
        "due": st.none() | st.sampled_from([datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(3)]),
        "shown": st.booleans(),
    }
)


class SortedMachine(RuleBasedStateMachine):
    """Posts appear, change and go; every order shows the members of each listing."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(system("demo"))
        self.posts: dict[str, Post] = {}

    def teardown(self) -> None:
        self.stack.close()

    @rule(id=st.sampled_from("1234"), fields=st.none() | FIELDS)
    def write(self, id: str, fields: dict[str, Any] | None) -> None:
        old = self.posts.pop(id, None)
        if fields is None:
            STORE.delete(old) if old else None
            return
        new = Post(id=id, **fields)
        self.posts[id] = STORE.replace(old, new) if old else STORE.create(new)

    @invariant()
    def orders_are_right(self) -> None:
        for user in "uv":
            members = [post for post in self.posts.values() if post.user == user and post.shown]
            for by in ("title", "likes", "due"):
                right = [p.id for p in sorted(members, key=lambda p: (ordered(getattr(p, by)) + END, p.id))]
                assert ids(by, user=user) == right
                assert ids(by, user=user, descending=True) == right[::-1]
            assert page(PageQuery(), user=user).total == len(members)
        assert rows() == 3 * sum(post.shown for post in self.posts.values()), "none is left over"


TestOrders = SortedMachine.TestCase
TestOrders.settings = hypothesis_settings(
    max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
)


def fill(count: int) -> list[str]:
    for number in range(count):
        STORE.create(Post(id=f"{number:03}", likes=number % 3))
    return [f"{n:03}" for rest in range(3) for n in range(count) if n % 3 == rest]


def test_pages_skips_and_cursors_walk_the_same_order(table: Settings) -> None:
    right = fill(11)
    pages = [page(PageQuery(page=n, page_size=4)) for n in (1, 2, 3, 4)]
    assert [[post.id for post in one.items] for one in pages] == [right[:4], right[4:8], right[8:], []]
    assert {one.total for one in pages} == {11}
    assert [post.id for post in page(SkipQuery(skip=3, limit=5)).items] == right[3:8]
    second = page(PageQuery(page_size=7, cursor=pages[0].next_cursor))
    assert ([post.id for post in second.items], second.next_cursor) == (right[4:], None)


def test_a_cursor_is_a_place(table: Settings) -> None:
    right = fill(6)
    first = page(PageQuery(page_size=3))
    STORE.create(Post(id="new", likes=-1))
    second = page(PageQuery(page_size=3, cursor=first.next_cursor))
    assert [post.id for post in second.items] == right[3:]
    assert second.total == 7
    for other in ({"by": "title"}, {"descending": True}, {"user": "v"}):
        with pytest.raises(ApiError, match="cursor"):
            page(PageQuery(cursor=first.next_cursor), **other)


@pytest.mark.parametrize("count", [5, 60])
def test_a_page_is_a_query_and_a_batch_at_any_size(table: Settings, count: int) -> None:
    fill(count)
    with recorded() as calls:
        page(PageQuery(page_size=3))
    assert calls.names == ["Query", "BatchGetItem"]
    ((asked,),) = (call.params["RequestItems"].values() for call in calls.of("BatchGetItem"))
    assert len(asked["Keys"]) == 3 + 2, "the members shown and the two rows of the number"


def test_only_a_changed_value_moves_rows(table: Settings) -> None:
    post = STORE.create(Post(id="1", likes=1))
    with recorded() as calls:
        post = STORE.replace(post, post.model_copy(update={"likes": 2}))
    (written,) = calls.of("TransactWriteItems")
    assert [next(iter(action)) for action in written.params["TransactItems"]] == ["Put", "Delete", "Put"]
    with recorded() as calls:
        STORE.replace(post, post.model_copy())
    assert calls.names == ["PutItem"]


def test_who_left_the_listing_between_the_two_reads_is_not_shown(table: Settings) -> None:
    from tests.support.calls import crashing

    post = STORE.create(Post(id="1"))
    moved: list[Post] = []

    def move(_: object) -> None:
        if not moved:
            moved.append(STORE.replace(post, post.model_copy(update={"user": "v"})))

    with crashing("BatchGetItem", move):
        assert ids("likes") == []
    assert ids("likes", user="v") == ["1"]


def test_a_blind_write_of_a_sorted_entity_is_refused(table: Settings) -> None:
    STORE.create(Post(id="1"))
    tx = STORE.transaction()
    with pytest.raises(TypeError, match="counted or sorted"):
        tx.put(Post(id="1"))
    with pytest.raises(TypeError, match="listed by"):
        STORE.update(Post, Post.key(id="1"), add={"likes": 1}, where=[exists()])


def test_an_order_that_was_not_declared_is_a_mistake(table: Settings) -> None:
    with pytest.raises(ValueError, match="not sorted by 'shown'"):
        page(PageQuery(), "shown")
