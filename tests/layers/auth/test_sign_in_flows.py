"""A sign-in under way belongs to its state, its provider and ten minutes, and ends once."""

from __future__ import annotations

import pytest

from quintet.auth import sign_in_flows
from quintet.auth.code_flow import Challenge
from quintet.auth.sign_in_flows import UnknownFlow
from quintet.models.time import frozen
from quintet.net import aws
from quintet.settings import Settings
from tests.support.aws import in_threads

pytestmark = pytest.mark.usefixtures("table")


def test_a_flow_gives_back_what_was_made_up_for_it_once() -> None:
    challenge = Challenge.new()
    sign_in_flows.begin("google", "s", challenge)
    assert sign_in_flows.end("google", "s") == challenge
    with pytest.raises(UnknownFlow):
        sign_in_flows.end("google", "s")


def test_another_provider_neither_finds_nor_ends_it() -> None:
    challenge = Challenge.new()
    sign_in_flows.begin("google", "s", challenge)
    for provider in ("kakao", "", "google#s", "goog"):
        with pytest.raises(UnknownFlow):
            sign_in_flows.end(provider, "s")
    assert sign_in_flows.end("google", "s") == challenge


def test_a_flow_lasts_ten_minutes() -> None:
    with frozen() as clock:
        sign_in_flows.begin("google", "in time", Challenge.new())
        sign_in_flows.begin("google", "late", Challenge.new())
        clock.advance(seconds=599)
        sign_in_flows.end("google", "in time")
        clock.advance(seconds=1)
        with pytest.raises(UnknownFlow):
            sign_in_flows.end("google", "late")


def test_the_same_state_again_starts_over() -> None:
    first, second = Challenge.new(), Challenge.new()
    sign_in_flows.begin("google", "s", first)
    sign_in_flows.begin("google", "s", second)
    assert sign_in_flows.end("google", "s") == second


@pytest.mark.parametrize("state", ["", "foreign", "\ud800", "x" * 10_000])
def test_a_foreign_state_is_unknown_whatever_it_looks_like(state: str) -> None:
    with pytest.raises(UnknownFlow):
        sign_in_flows.end("google", state)


def test_of_many_who_end_it_at_once_one_does() -> None:
    sign_in_flows.begin("google", "s", Challenge.new())
    ended = in_threads(12, lambda _: sign_in_flows.end("google", "s"))
    assert [type(each).__name__ for each in ended].count("Challenge") == 1
    assert sum(isinstance(each, UnknownFlow) for each in ended) == 11


def test_a_state_is_stored_as_its_hash(table: Settings) -> None:
    sign_in_flows.begin("google", "my-state", Challenge.new())
    (item,) = aws.client("dynamodb").scan(TableName=table.table)["Items"]
    assert "my-state" not in str(item)
