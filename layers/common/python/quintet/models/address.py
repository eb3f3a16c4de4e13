"""Network addresses, as what is counted when somebody must not do something too often."""

from __future__ import annotations

_NETWORK_BITS = 64
"""The least that one IPv6 customer is given (RFC 6177); whoever holds it has 2^64 addresses to call from."""


def counted_address(ip: str) -> str:
    """What calls from `ip` are counted under: an IPv4 address itself, an IPv6 address's network, `2001:db8:1:2::/64`.

    An IPv4 address written as IPv6 (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2) is the IPv4 address. What is no
    IPv6 address, such as a caller's id, stays as it is.
    """
    if ":" not in ip:
        return ip
    import ipaddress

    try:
        address = ipaddress.IPv6Address(ip.partition("%")[0])  # a zone says which interface, not who
    except ValueError:
        return ip
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, _NETWORK_BITS), strict=False))
