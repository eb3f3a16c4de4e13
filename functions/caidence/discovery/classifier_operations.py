"""What searches can be narrowed by, as the service lists it, kept for a day; and whether the service works. Free."""

import time
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import DiscoveryReader
from caidence.discovery import upstream
from caidence.discovery.classifiers import remembered
from caidence.discovery.purchases import entitled, share_of
from caidence.discovery.upstream import BUSY, FAILED, NOT_CONFIGURED
from caidence.service import api
from quintet.providers import influencers_club
from quintet.providers.influencers_club import Platform

REFUSALS = [FAILED, NOT_CONFIGURED, BUSY]

Option = str | dict[str, Any]
"""A value to search by, or an object that names it, as the service has it."""


class Smoke(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: Literal["ok"] = "ok"
    latency_ms: float = Field(description="From the question to the whole answer")


@api.get("/discovery/classifiers/languages", errors=REFUSALS, needs={"table:write"})
def list_languages(caller: DiscoveryReader) -> list[Option]:
    """List the languages that creators can be searched by"""
    return _listed(caller, "languages", lambda: influencers_club.classifier("languages"))


@api.get("/discovery/classifiers/locations/{platform}", errors=REFUSALS, needs={"table:write"})
def list_locations(platform: Platform, caller: DiscoveryReader) -> list[Option]:
    """List the countries and cities that a platform's creators can be searched by"""
    return _listed(caller, f"locations#{platform}", lambda: influencers_club.locations(platform))


@api.get("/discovery/classifiers/yt-topics", errors=REFUSALS, needs={"table:write"})
def list_yt_topics(caller: DiscoveryReader) -> list[Option]:
    """List the topics that YouTube's creators can be searched by"""
    return _listed(caller, "yt-topics", lambda: influencers_club.classifier("yt-topics"))


@api.get("/discovery/classifiers/twitch-games", errors=REFUSALS, needs={"table:write"})
def list_twitch_games(caller: DiscoveryReader) -> list[Option]:
    """List the games that Twitch's creators can be searched by"""
    return _listed(caller, "games", lambda: influencers_club.classifier("games"))


@api.get("/discovery/smoke", errors=REFUSALS, needs={"table:write"})
def smoke(caller: DiscoveryReader) -> Smoke:
    """Check that Influencers Club takes our key and answers"""
    entitled(caller)
    upstream.require_configured()
    started = time.perf_counter()
    upstream.asked(influencers_club.account, share_of(caller), paid=False)
    return Smoke(latency_ms=round((time.perf_counter() - started) * 1000, 1))


def _listed(caller: DiscoveryReader, name: str, ask: Callable[[], list[Any]]) -> list[Option]:
    entitled(caller)
    upstream.require_configured()
    return remembered(name, lambda: upstream.asked(ask, share_of(caller), paid=False))
