"""Which addresses outbound requests may reach when a caller chose the URL (SSRF guard).

A name is resolved once; every address it has must be public, and the connection goes to an address
that was checked, not to the name again. So neither an odd spelling of an address nor a name server
that changes its answer leads inside. The rules are the IANA special-purpose address registries
(RFC 6890) plus the metadata services that clouds keep at public addresses.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urlsplit

from quintet.models.domains import ascii_domain
from quintet.models.web import MAX_URL
from quintet.net.names import addresses
from quintet.settings import settings

LOOKUP_SECONDS = 5.0
"""What looking a host up may take unless the caller says otherwise."""
_DEFAULT_PORTS = {"https": 443, "http": 80}
_ALLOWED_PORTS = frozenset({443, 8443})

# IPv4: everything is reachable but these.
_INTERNAL_V4 = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
168.63.129.16/32
"""
# IPv6: nothing is reachable but global unicast, less what carries other addresses within (Teredo,
# 6to4) or is not routed. IPv4-mapped, NAT64, unique local and link-local all lie outside 2000::/3.
_GLOBAL_V6 = "2000::/3"
_INTERNAL_V6 = "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class OutboundError(Exception):
    """An outbound request came to nothing."""


class TimedOut(OutboundError):
    """The time allowed ran out. The other side may or may not have acted on the request."""


class Refused(OutboundError):
    """The URL may not be fetched. The message says why, in words fit for the caller who gave it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that passed: where to connect, and what to ask for there."""

    scheme: str
    host: str
    port: int
    path: str
    """Path and query, percent-encoded."""
    addresses: tuple[str, ...]
    """The checked addresses, in the resolver's order."""

    @property
    def authority(self) -> str:
        """The `Host` header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL in normal form, without a fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def check(url: str, seconds: float = LOOKUP_SECONDS) -> Target:
    """Parse a caller's URL and look its host up, for which `seconds` are allowed.

    Raises Refused unless it leads to the public internet, and TimedOut when the name server is slow.

    Only `https` on port 443 or 8443 passes. In the stages `local` and `dev`, three settings widen
    that for servers on one's own machine: `QUINTET_OUTBOUND_PLAIN` lets `http` pass,
    `QUINTET_OUTBOUND_PORTS` and `QUINTET_OUTBOUND_NETWORKS` name further ports and networks.
    """
    scheme, host, port, path = _parse(url)
    found = _resolve(host, port, seconds)
    if not all(is_public(address) or _is_admitted(address) for address in found):
        raise Refused("the host is not on the public internet")
    return Target(scheme, host, port, path, tuple(str(address) for address in found))


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet and to nothing inside a cloud."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _networks(_INTERNAL_V4))
    reachable = address in _networks(_GLOBAL_V6)[0] and address.is_global
    return reachable and not any(address in network for network in _networks(_INTERNAL_V6))


def _parse(url: str) -> tuple[str, str, int, str]:
    if len(url) > MAX_URL or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("the URL is malformed")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError:
        raise Refused("the URL is malformed") from None
    if parts.scheme not in _DEFAULT_PORTS or (parts.scheme == "http" and not _local("QUINTET_OUTBOUND_PLAIN")):
        raise Refused("the URL must begin with https://")
    if "@" in parts.netloc:
        raise Refused("the URL must not contain a user name")
    if not host:
        raise Refused("the URL has no host")
    port = port if port is not None else _DEFAULT_PORTS[parts.scheme]
    if port not in _ports(parts.scheme):
        raise Refused(f"port {port} is not allowed")
    # '%' stays: what is percent-encoded already must not be encoded twice.
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=-._~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=-._~?")
    return parts.scheme, host, port, f"{path}?{query}" if query else path


def _ascii(host: str) -> str:
    if "%" in host:  # a zone id (RFC 6874) or an encoded name; neither names a public host
        raise ValueError(host)
    return ascii_domain(host).rstrip(".")


def _resolve(host: str, port: int, seconds: float) -> list[Address]:
    """Every address of `host`, each once."""
    try:
        found = [ipaddress.ip_address(text) for text in addresses(host, port, seconds)]
    except TimeoutError:
        raise TimedOut("the time allowed ran out") from None
    except (OSError, UnicodeError, ValueError):
        raise Refused("the host cannot be found") from None
    if not found:
        raise Refused("the host cannot be found")
    return found


def _ports(scheme: str) -> frozenset[int]:
    extra = {int(port) for port in _local("QUINTET_OUTBOUND_PORTS").replace(",", " ").split()}
    return _ALLOWED_PORTS | extra | ({80} if scheme == "http" else set())


def _is_admitted(address: Address) -> bool:
    return any(address in network for network in _networks(_local("QUINTET_OUTBOUND_NETWORKS")))


def _local(name: str) -> str:
    """A setting that opens something; deployed stages do not listen to it."""
    return settings().get(name) if settings().is_local else ""


@cache
def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part) for part in text.replace(",", " ").split())
