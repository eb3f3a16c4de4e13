"""The SSRF guard: whatever way an inside address is written, it is refused."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.net.guard import Refused, check, is_public
from quintet.settings import use


@pytest.fixture(autouse=True)
def _deployed() -> Iterator[None]:
    with use({"QUINTET_STAGE": "prod"}):
        yield


def names(monkeypatch: pytest.MonkeyPatch, **answers: list[str]) -> list[str]:
    """Answer these names (dots as double underscores) with these addresses; other hosts as numbers only."""
    asked: list[str] = []
    known = {name.replace("__", "."): found for name, found in answers.items()}
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        asked.append(host)
        if host in known:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]
        return resolve(host, port, flags=socket.AI_NUMERICHOST, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "168.63.129.16",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2001:20::1",
    "2002:7f00:1::", "2002:a9fe:a9fe::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fec0::1", "ff02::1", "4000::1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "128.0.0.1",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
    "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.15",
    "2606:4700:4700::1111", "2a00:1450:4001:82a::200e", "2001:4860:4860::8888", "2003::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_outside_address_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def spellings(address: ipaddress.IPv4Address) -> list[str]:
    """The ways a C library, a browser or a human writes one IPv4 address."""
    a, b, c, d = address.packed
    whole = int(address)
    return [
        str(address), f"{address}.", str(whole), hex(whole), f"0{whole:o}", f"0X{whole:X}",
        f"{a}.{whole & 0xFFFFFF}", f"{a}.{b}.{whole & 0xFFFF}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.{b:#x}.{c}.{d}", f"{a:#x}.{whole & 0xFFFFFF}",
        str(address).replace(".", "\uff0e"), str(address).replace(".", "\u3002"),
        "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in str(address)),
        f"[::ffff:{address}]", f"[::{address}]", f"[::ffff:{a:02x}{b:02x}:{c:02x}{d:02x}]",
        f"[64:ff9b::{address}]", f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]",
    ]  # fmt: skip


inside_v4 = st.sampled_from(["127.0.0.0/8", "10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16", "100.64.0.0/10"]).flatmap(
    lambda network: st.ip_addresses(v=4, network=network)
)


@given(inside_v4, st.data())
def test_no_spelling_of_an_inside_address_gets_through(address: ipaddress.IPv4Address, data: st.DataObject) -> None:
    host = data.draw(st.sampled_from(spellings(address)))
    with pytest.MonkeyPatch.context() as patch, use({"QUINTET_STAGE": "prod"}):
        names(patch)
        with pytest.raises(Refused):
            check(f"https://{host}/")


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_passes_is_global_unicast_and_carries_no_other_address(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(address):
        assert address.is_global
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))
        if isinstance(address, ipaddress.IPv6Address):
            assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


@pytest.mark.parametrize(
    "url",
    [
        "", "https://", "https:///path", "//example.com/", "example.com", "/path", "https:example.com",
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "javascript:alert(1)", "data:text/plain,x", "unix:///var/run/docker.sock", "HTTPX://example.com",
        "https://user@example.com/", "https://user:pass@example.com/", "https://8.8.8.8@127.0.0.1/",
        "https://example.com:22/", "https://example.com:80/", "https://example.com:0/", "https://example.com:65536/",
        "https://example.com:-1/", "https://example.com:x/", "https://example.com\\@127.0.0.1/",
        "https://example.com/ x", "https://example.com/\r\nHost: inside", "https://example.com/\x00",
        " https://example.com/", "https://exam\tple.com/", "https://[::1/", "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/", "https://127.0.0.1%2f.example.com/", "https://%6c%6fcalhost/",
        "https://" + "a" * 70 + ".example.com/", "https://example..com/", "https://example.com/" + "x" * 2048,
        "https://unknown.example/",
    ],
)  # fmt: skip
def test_a_url_that_is_not_plain_https_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, example__com=["93.184.215.14"])
    with pytest.raises(Refused):
        check(url)


@pytest.mark.parametrize(
    ("url", "path", "authority"),
    [
        ("https://example.com", "/", "example.com"),
        ("HTTPS://EXAMPLE.com:443/A?b=c#d", "/A?b=c", "example.com"),
        ("https://example.com:8443/a%20b/ü?q=é&r=%C3%A9", "/a%20b/%C3%BC?q=%C3%A9&r=%C3%A9", "example.com:8443"),
        ("https://example.com./", "/", "example.com"),
        ("https://example.com?x=http://127.0.0.1/", "/?x=http://127.0.0.1/", "example.com"),
    ],
)
def test_a_public_url_passes_in_normal_form(
    url: str, path: str, authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, example__com=["93.184.215.14", "93.184.215.14", "93.184.215.15"])
    target = check(url)
    assert (target.scheme, target.host, target.path, target.authority) == ("https", "example.com", path, authority)
    assert target.addresses == ("93.184.215.14", "93.184.215.15")
    assert target.url == f"https://{authority}{path}"


def test_an_address_of_version_6_passes_in_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch)
    target = check("https://[2606:4700:4700::1111]/")
    assert target.url == "https://[2606:4700:4700::1111]/"
    assert target.addresses == ("2606:4700:4700::1111",)


def test_an_international_name_is_asked_for_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = names(monkeypatch, **{"xn--bcher-kva__example": ["93.184.215.14"]})
    assert check("https://Bücher.example/").host == "xn--bcher-kva.example"
    assert asked == ["xn--bcher-kva.example"]


def test_one_inside_address_among_several_spoils_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, mixed__example=["93.184.215.14", "10.0.0.1"])
    with pytest.raises(Refused, match="public internet"):
        check("https://mixed.example/")


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = names(monkeypatch, once__example=["93.184.215.14"])
    check("https://once.example/")
    assert asked == ["once.example"]


OPENED = {
    "QUINTET_OUTBOUND_PLAIN": "1",
    "QUINTET_OUTBOUND_PORTS": "9000, 9001",
    "QUINTET_OUTBOUND_NETWORKS": "127.0.0.0/8 ::1/128",
}


def test_a_laptop_can_open_its_own_machine_and_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch)
    with use({"QUINTET_STAGE": "local", **OPENED}):
        assert check("http://127.0.0.1:9000/").addresses == ("127.0.0.1",)
        assert check("http://[::1]:9001/").addresses == ("::1",)
        for inside in ("http://10.0.0.1:9000/", "http://127.0.0.1:9002/", "http://169.254.169.254/"):
            with pytest.raises(Refused):
                check(inside)


def test_a_deployed_stage_ignores_what_opens_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch)
    with use({"QUINTET_STAGE": "prod", **OPENED}):
        for url in ("http://127.0.0.1:9000/", "https://127.0.0.1:9000/", "https://127.0.0.1/", "http://8.8.8.8/"):
            with pytest.raises(Refused):
                check(url)


def test_a_name_beyond_ascii_leads_to_its_own_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = names(monkeypatch, **{"xn--strae-oqa__de": ["8.8.8.8"]})
    assert check("https://Straße.de/x").url == "https://xn--strae-oqa.de/x"
    assert asked == ["xn--strae-oqa.de"]
