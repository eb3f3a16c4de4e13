"""Counted addresses: one customer, one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.models.address import counted_address


@pytest.mark.parametrize(
    ("ip", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::FFFF:cb00:7107", "203.0.113.7"),
        ("", ""),
        ("01a1fc4b-4620-73e4-8f1d-655d8a444953", "01a1fc4b-4620-73e4-8f1d-655d8a444953"),
        ("user:ann", "user:ann"),
    ],
)
def test_an_address_counts_as_what_one_customer_holds(ip: str, counted: str) -> None:
    assert counted_address(ip) == counted


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_whoever_holds_a_network_has_one_name_in_it(address: object, host: int) -> None:
    import ipaddress

    first = ipaddress.IPv6Address(int(ipaddress.IPv6Address(str(address))) >> 64 << 64 | host)
    second = ipaddress.IPv6Address(int(first) ^ 1)
    if first.ipv4_mapped is None:
        assert counted_address(str(first)) == counted_address(second.exploded)
