"""The outside services that the laptop stands in for: which systems use them, and how these find them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.local import devices, elevenlabs, influencers_club, razorpay
from infra.local.environment import HOST, State
from infra.local.ministack import free_port


class Server(Protocol):
    """A stand-in that listens on 127.0.0.1."""

    @property
    def url(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class StandIn:
    """One outside service."""

    name: str
    system: str
    """The system that uses it."""
    setting: str
    """The variable that tells its URL to the functions."""
    secret: Mapping[str, str]
    """What the system's secret holds for it."""
    help: str
    """A line for the table of URLs."""
    server: Callable[[Path, str, int], Server]
    """Makes it: its state's file, the system's address on the laptop, its port."""


def _razorpay(state: Path, system_url: str, port: int) -> Server:
    return razorpay.Razorpay(state, f"{system_url}/api/v1/payments/webhook", port)


def _devices(state: Path, _system_url: str, port: int) -> Server:
    return devices.Devices(state, port)


def _elevenlabs(state: Path, _system_url: str, port: int) -> Server:
    return elevenlabs.ElevenLabs(state, port)


def _influencers_club(state: Path, _system_url: str, port: int) -> Server:
    return influencers_club.InfluencersClub(state, port)


STAND_INS = (
    StandIn(
        "razorpay",
        "stoory",
        "QUINTET_RAZORPAY_URL",
        {
            "razorpay_key_id": razorpay.KEY_ID,
            "razorpay_key_secret": razorpay.KEY_SECRET,
            "razorpay_webhook_secret": razorpay.WEBHOOK_SECRET,
        },
        "POST /_pay/<order id> pays an order",
        _razorpay,
    ),
    StandIn(
        "devices",
        "memory_mirror",
        "QUINTET_IOT_ENDPOINT",
        {},
        "GET /_devices lists the simulated devices",
        _devices,
    ),
    StandIn(
        "elevenlabs",
        "memory_mirror",
        "QUINTET_ELEVENLABS_URL",
        {"elevenlabs_api_key": elevenlabs.API_KEY},
        "speaks in tones; PUT /_faults makes it fail",
        _elevenlabs,
    ),
    StandIn(
        "influencers_club",
        "caidence",
        "QUINTET_INFLUENCERS_CLUB_URL",
        {"influencers_club_api_key": influencers_club.API_KEY},
        "makes creators up; PUT /_faults makes it fail",
        _influencers_club,
    ),
)

Settings = dict[str, dict[str, str]]
"""By system, the variables that name its stand-ins' URLs."""


def secrets_for(system: str) -> dict[str, str]:
    """What a system's secret holds for its stand-ins."""
    return {name: value for one in STAND_INS if one.system == system for name, value in one.secret.items()}


@contextmanager
def standing_in(state: State, systems: Collection[str]) -> Iterator[Settings]:
    """Every stand-in of these systems runs inside the block; its port is the same each time when it is free."""
    found: Settings = {}
    with ExitStack() as stack:
        for number, one in enumerate(STAND_INS):
            if one.system not in systems:
                continue
            system_url = f"http://{HOST}:{state.port}/{one.system}"
            port = free_port(31000 + (state.port + 100 * number) % 10000)
            server = one.server(state.home / f"{one.name}.jsonl", system_url, port)
            server.start()
            stack.callback(server.stop)
            found.setdefault(one.system, {})[one.setting] = server.url
        yield found


def addresses(settings: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Rows for the table of URLs: what is stood in for, where, and what to do there."""
    return [(one.name, settings[one.system][one.setting], one.help) for one in STAND_INS if one.system in settings]
