"""Who may move an application from where to where: every pair that is not in the table is refused."""

from __future__ import annotations

from itertools import product

import pytest

from stoory.applications.states import (
    APPLICATIONS,
    ApplicationStatus,
    Phase,
    accepted_change,
    phase_of,
    transition,
)
from stoory.lifecycle.transitions import Actor, IllegalMove, WrongActor

MOVES = {
    ("PENDING", "accept", "BRAND"): "ACCEPTED",
    ("PENDING", "reject", "BRAND"): "REJECTED",
    ("PENDING", "cancel", "BRAND"): "CANCELLED",
    ("PENDING", "cancel", "INFLUENCER"): "CANCELLED",
    ("ACCEPTED", "cancel", "BRAND"): "CANCELLED",
    ("ACCEPTED", "cancel", "INFLUENCER"): "CANCELLED",
    ("ACCEPTED", "complete", "ADMIN"): "COMPLETED",
    ("PENDING", "withdraw", "BRAND"): "CANCELLED",
    ("PENDING", "withdraw", "CLOCK"): "CANCELLED",
}
VERBS = ("accept", "reject", "cancel", "complete", "withdraw")


@pytest.mark.parametrize(("current", "verb", "actor"), list(product(ApplicationStatus, VERBS, Actor)))
def test_applications_move_as_documented_and_say_why_not(current: ApplicationStatus, verb: str, actor: Actor) -> None:
    after = MOVES.get((current.value, verb, actor.value))
    if after is not None:
        assert transition(current, verb, actor) == after
        return
    with pytest.raises(IllegalMove) as refused:
        transition(current, verb, actor)
    assert str(refused.value) == f"Cannot {verb} application. Current status: {current}"
    permitted_to_another = any((current.value, verb, other.value) in MOVES for other in Actor)
    assert isinstance(refused.value, WrongActor) == permitted_to_another


def test_the_documented_refusal_word_for_word() -> None:
    with pytest.raises(IllegalMove) as refused:
        transition(ApplicationStatus.ACCEPTED, "accept", Actor.BRAND)
    assert str(refused.value) == "Cannot accept application. Current status: ACCEPTED"


def test_an_accepted_application_starts_with_the_script_when_one_is_required() -> None:
    assert (phase_of(True), phase_of(False)) == (Phase.SCRIPT, Phase.WORK)


def test_a_place_is_taken_by_accepting_freed_by_cancelling_and_kept_by_completing() -> None:
    changes = {
        (move.verb, before): accepted_change(before, move.after)
        for move in APPLICATIONS.moves
        for before in move.before
    }
    assert {key: change for key, change in changes.items() if change} == {
        ("accept", ApplicationStatus.PENDING): 1,
        ("cancel", ApplicationStatus.ACCEPTED): -1,
    }


def test_what_nothing_leads_away_from_is_final() -> None:
    final = {status for status in ApplicationStatus if APPLICATIONS.final(status)}
    assert final == {"COMPLETED", "CANCELLED", "REJECTED"}
