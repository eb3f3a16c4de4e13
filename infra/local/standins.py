"""The outside services that the laptop stands in for: which systems use them, and how these find them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from infra.local import devices, elevenlabs, influencers_club, razorpay
from infra.local.environment import HOST, State
from infra.local.ministack import free_port
from infra.local.sign_in import CLIENT_ID, CLIENT_SECRET, Facebook, OpenIdProvider


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
    systems: tuple[str, ...]
    """The systems that use it."""
    setting: str
    """The variable that tells its URL to the functions."""
    secret: Mapping[str, str]
    """What their secrets hold for it."""
    help: str
    """A line for the table of URLs."""
    server: Callable[[Path, str, int], Server]
    """Makes it: its state's file, the first system's address on the laptop, its port."""
    also: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Further variables by system; `{url}` is the stand-in's address, `{system}` the system's own."""

    def tells(self, system: str, url: str, system_url: str) -> dict[str, str]:
        """The variables of one system."""
        also = self.also.get(system, {})
        return {self.setting: url} | {name: text.format(url=url, system=system_url) for name, text in also.items()}


def _razorpay(state: Path, system_url: str, port: int) -> Server:
    return razorpay.Razorpay(state, f"{system_url}/api/v1/payments/webhook", port)


def _devices(state: Path, _system_url: str, port: int) -> Server:
    return devices.Devices(state, port)


def _elevenlabs(state: Path, _system_url: str, port: int) -> Server:
    return elevenlabs.ElevenLabs(state, port)


def _influencers_club(state: Path, _system_url: str, port: int) -> Server:
    return influencers_club.InfluencersClub(state, port)


def _google(_state: Path, _system_url: str, port: int) -> Server:
    return OpenIdProvider("Google", port)


def _kakao(_state: Path, _system_url: str, port: int) -> Server:
    return OpenIdProvider("Kakao", port, tells_verified=False)


def _facebook(_state: Path, _system_url: str, port: int) -> Server:
    return Facebook(port)


def _registered(provider: str, callback: str, **more: str) -> dict[str, str]:
    """The variables that say how a system is registered with a provider of sign-in."""
    named = {"CLIENT_ID": CLIENT_ID, "REDIRECT_URI": f"{{system}}{callback}", **more}
    return {f"QUINTET_{provider.upper()}_{name}": value for name, value in named.items()}


SIGN_IN = "sign in as anybody: add &account=minji to the address; PUT /_faults makes it fail"

STAND_INS = (
    StandIn(
        "razorpay",
        ("stoory",),
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
        ("memory_mirror",),
        "QUINTET_IOT_ENDPOINT",
        {},
        "GET /_devices lists the simulated devices",
        _devices,
    ),
    StandIn(
        "elevenlabs",
        ("memory_mirror",),
        "QUINTET_ELEVENLABS_URL",
        {"elevenlabs_api_key": elevenlabs.API_KEY},
        "speaks in tones; PUT /_faults makes it fail",
        _elevenlabs,
    ),
    StandIn(
        "influencers_club",
        ("caidence",),
        "QUINTET_INFLUENCERS_CLUB_URL",
        {"influencers_club_api_key": influencers_club.API_KEY},
        "makes creators up; PUT /_faults makes it fail",
        _influencers_club,
    ),
    StandIn(
        "google",
        ("storefront", "softfactory"),
        "QUINTET_GOOGLE_ISSUER",
        {"google_client_secret": CLIENT_SECRET},
        SIGN_IN,
        _google,
        {
            "storefront": _registered("google", "/api/v1/auth/google/callback"),
            "softfactory": _registered("google", "/api/auth/oauth/google/callback"),
        },
    ),
    StandIn(
        "kakao",
        ("softfactory",),
        "QUINTET_KAKAO_ISSUER",
        {"kakao_client_secret": CLIENT_SECRET},
        SIGN_IN,
        _kakao,
        {"softfactory": _registered("kakao", "/api/auth/oauth/kakao/callback")},
    ),
    StandIn(
        "facebook",
        ("softfactory",),
        "QUINTET_FACEBOOK_GRAPH_URL",
        {"facebook_client_secret": CLIENT_SECRET},
        SIGN_IN,
        _facebook,
        {"softfactory": _registered("facebook", "/api/auth/oauth/facebook/callback", URL="{url}")},
    ),
)

Settings = dict[str, dict[str, str]]
"""By system, the variables that name its stand-ins' URLs."""


def secrets_for(system: str) -> dict[str, str]:
    """What a system's secret holds for its stand-ins."""
    return {name: value for one in STAND_INS if system in one.systems for name, value in one.secret.items()}


@contextmanager
def standing_in(state: State, systems: Collection[str]) -> Iterator[Settings]:
    """Every stand-in of these systems runs inside the block; its port is the same each time when it is free."""
    found: Settings = {}
    with ExitStack() as stack:
        for number, one in enumerate(STAND_INS):
            served = {name: f"http://{HOST}:{state.port}/{name}" for name in one.systems if name in systems}
            if not served:
                continue
            port = free_port(31000 + (state.port + 100 * number) % 10000)
            server = one.server(state.home / f"{one.name}.jsonl", next(iter(served.values())), port)
            server.start()
            stack.callback(server.stop)
            for system, system_url in served.items():
                found.setdefault(system, {}).update(one.tells(system, server.url, system_url))
        yield found


def addresses(settings: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Rows for the table of URLs: what is stood in for, where, and what to do there."""
    using = [(one, next((name for name in one.systems if name in settings), "")) for one in STAND_INS]
    return [(one.name, settings[system][one.setting], one.help) for one, system in using if system]
