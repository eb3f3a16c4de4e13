"""The clock of what ends by itself."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from softfactory.access import ending
from softfactory.service import api as suite

api = suite.section("rbac")

MOST: Final = 100
"""Accounts that one run settles, about; the next run, a minute later, goes on."""


class Settled(BaseModel):
    model_config = ConfigDict(defer_build=True)

    settled: int


@api.event(schedule="rate(1 minute)", needs={"table:write"})
def settle_ended() -> Settled:
    """Take what has ended off accounts: it gives nothing any more since it did, and now stands in no list either"""
    return Settled(settled=ending.settle_ended(MOST).settled)
