"""The life of a campaign: which status may follow which, and who makes it so."""

from __future__ import annotations

from enum import StrEnum

from stoory.lifecycle.transitions import Actor, Machine, Move


class CampaignStatus(StrEnum):
    """Where a campaign stands."""

    DRAFT = "DRAFT"
    LIVE = "LIVE"
    LOCKED = "LOCKED"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


_BRAND = frozenset({Actor.BRAND})
_UNFINISHED = frozenset({CampaignStatus.DRAFT, CampaignStatus.LIVE, CampaignStatus.LOCKED, CampaignStatus.ACTIVE})

CAMPAIGNS = Machine(
    "campaign",
    (
        Move("publish", _BRAND, frozenset({CampaignStatus.DRAFT}), CampaignStatus.LIVE),
        Move("lock", _BRAND, frozenset({CampaignStatus.LIVE}), CampaignStatus.LOCKED),
        Move("start", _BRAND, frozenset({CampaignStatus.LOCKED}), CampaignStatus.ACTIVE),
        Move("complete", _BRAND, frozenset({CampaignStatus.ACTIVE}), CampaignStatus.COMPLETED),
        Move("cancel", _BRAND, _UNFINISHED, CampaignStatus.CANCELLED),
        Move("expire", frozenset({Actor.CLOCK}), frozenset({CampaignStatus.LIVE}), CampaignStatus.EXPIRED),
    ),
)
"""The whole table. Updates name the status they want, so each verb leads to a status of its own."""

# Nothing leads back to DRAFT; its verb exists for the refusal's text.
_VERBS = {CampaignStatus.DRAFT: "redraft"} | {move.after: move.verb for move in CAMPAIGNS.moves}

INITIAL = frozenset({CampaignStatus.DRAFT, CampaignStatus.LIVE})
"""The statuses a campaign may be created in."""


class InvalidInitialStatus(ValueError):
    """A new campaign was given a status that only a move reaches."""


def initial(wanted: CampaignStatus | None) -> CampaignStatus:
    """The status of a new campaign: DRAFT unless LIVE is wanted; raises InvalidInitialStatus for others."""
    if wanted is None:
        return CampaignStatus.DRAFT
    if wanted not in INITIAL:
        raise InvalidInitialStatus("status of a new campaign must be DRAFT or LIVE")
    return wanted


def transition(current: CampaignStatus, wanted: CampaignStatus, actor: Actor) -> CampaignStatus:
    """`wanted`, when `actor` may take a campaign there; wanting the status it has changes nothing.

    Raises IllegalMove.
    """
    if wanted is current:
        return current
    return CAMPAIGNS.transition(current, _VERBS[wanted], actor)
