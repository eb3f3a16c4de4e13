"""Device shadows over HTTP: what is asked, how it is signed, and what each answer becomes."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.devices import Devices, Faults
from memory_mirror.home import devices as devices_port
from memory_mirror.home.devices import Conflict, Shadow, desire, get_shadow
from quintet.net import aws, outbound
from quintet.net.outbound import OutboundError
from quintet.providers.errors import Rejected, Throttled, Unavailable
from quintet.settings import use
from tests.layers.http_servers import Site, serving

THING = "mm_rose_lamp"
SHADOW = {
    "state": {
        "desired": {"power": "on"},
        "reported": {"power": "off", "connected": True, "color": {"r": 1, "g": 2}, "scenes": [1, 2]},
        "delta": {"power": "on"},
    },
    "metadata": {
        "desired": {"power": {"timestamp": 100}},
        "reported": {
            "power": {"timestamp": 90},
            "connected": {"timestamp": 80},
            "color": {"r": {"timestamp": 70}, "g": {"timestamp": 75}},
            "scenes": [{"timestamp": 60}, {"timestamp": 61}],
        },
    },
    "version": 7,
    "timestamp": 110,
}


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls have all the time they need, so that a slow machine fails no test."""
    monkeypatch.setattr(devices_port, "SECONDS", 20.0)


@pytest.fixture
def site() -> Iterator[Site]:
    """A server that answers whatever it is told to."""
    with serving(Site()) as site, use({"QUINTET_IOT_ENDPOINT": site.url("")}):
        yield site


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Devices]:
    """The stand-in."""
    server = Devices(tmp_path / "devices.jsonl")
    server.start()
    with use({"QUINTET_IOT_ENDPOINT": server.url}):
        yield server
    server.stop()


def answer(site: Site, status: int, body: Any) -> None:
    site.answer(status, body if isinstance(body, bytes) else json.dumps(body).encode())


def shadow_of(thing: str = THING) -> Shadow:
    found = get_shadow(thing)
    assert found is not None
    return found


def test_a_shadow_is_read_with_the_time_of_each_report(site: Site) -> None:
    answer(site, 200, SHADOW)
    found = shadow_of()
    assert found == Shadow(
        7,
        {"power": "on"},
        {"power": "off", "connected": True, "color": {"r": 1, "g": 2}, "scenes": [1, 2]},
        {"power": 90, "connected": 80, "color": 75, "scenes": 61},
    )
    assert found.connected is True
    assert found.state == {"power": "off", "color": {"r": 1, "g": 2}, "scenes": [1, 2]}
    (asked,) = site.seen
    assert (asked["method"], asked["path"], asked["body"]) == ("GET", f"/things/{THING}/shadow", b"")


def test_a_wish_is_written_with_the_version_it_is_about(site: Site) -> None:
    answer(site, 200, {"state": {"desired": {"power": "on"}}, "version": 8, "timestamp": 1})
    assert desire(THING, {"power": "on", "brightness": None}, version=7) == 8
    (asked,) = site.seen
    assert (asked["method"], asked["path"]) == ("POST", f"/things/{THING}/shadow")
    assert json.loads(asked["body"]) == {"state": {"desired": {"power": "on", "brightness": None}}, "version": 7}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_are_signed_as_aws_checks_them(site: Site, method: str) -> None:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    if method == "GET":
        answer(site, 200, SHADOW)
        get_shadow(THING)
    else:
        answer(site, 200, {"version": 1})
        desire(THING, {"power": "on"})
    (asked,) = site.seen
    given = asked["headers"]
    scope = given["authorization"].partition("Credential=")[2].partition(",")[0]
    assert scope.endswith("/us-east-1/iotdata/aws4_request")
    # Sign the request that arrived once more, as of the time it names: the same signature must come out.
    again = AWSRequest(method, site.url(asked["path"]), {"Content-Type": "application/json"}, asked["body"])
    again.context["timestamp"] = given["x-amz-date"]
    again.headers["X-Amz-Date"] = given["x-amz-date"]
    credentials = aws.session().get_credentials()
    assert credentials is not None
    signer = SigV4Auth(credentials.get_frozen_credentials(), "iotdata", "us-east-1")
    signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    assert given["authorization"].endswith(f"Signature={signature}")


def test_a_bare_host_is_spoken_to_with_tls_and_none_at_all_is_the_regions_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def request(_method: str, url: str, **_options: Any) -> Any:
        asked.append(url)
        raise OutboundError

    monkeypatch.setattr(outbound, "request", request)
    for endpoint, region in (
        ("abc-ats.iot.eu-west-1.amazonaws.com", "eu-west-1"),
        ("", "us-east-1"),
        ("", "cn-north-1"),
        ("", "eusc-de-east-1"),
    ):
        with use({"QUINTET_IOT_ENDPOINT": endpoint, "AWS_REGION": region}), pytest.raises(Unavailable):
            get_shadow(THING)
    path = f"/things/{THING}/shadow"
    assert asked == [
        f"https://abc-ats.iot.eu-west-1.amazonaws.com{path}",
        f"https://data-ats.iot.us-east-1.amazonaws.com{path}",
        f"https://data.ats.iot.cn-north-1.amazonaws.com.cn{path}",  # botocore has it so, with a dot
        f"https://data-ats.iot.eusc-de-east-1.amazonaws.eu{path}",
    ]


@pytest.mark.parametrize("name", ["", "a/b", "lamp?name=x", "ä", "x" * 129, "..", "a b"])
def test_what_is_no_thing_is_never_asked_for(site: Site, name: str) -> None:
    with pytest.raises(Rejected):
        get_shadow(name)
    with pytest.raises(Rejected):
        desire(name, {"power": "on"})
    assert site.seen == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Rejected), (401, Unavailable), (403, Unavailable), (409, Conflict), (413, Rejected), (415, Rejected),
     (429, Throttled), (500, Unavailable), (503, Unavailable)],
)  # fmt: skip
def test_every_refusal_becomes_what_a_caller_can_act_on(site: Site, status: int, error: type[Exception]) -> None:
    answer(site, status, {"message": "no"})
    with pytest.raises(error) as caught:
        desire(THING, {"power": "on"})
    assert type(caught.value) is error
    assert len(site.seen) == 1  # a write is not repeated: it may have been done


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"", b"null", b"[]", b"7", {"state": {}}, {"state": [], "version": 1}, {"state": {}, "version": "1"},
     {"state": {"reported": 5}, "version": 1}, {"state": {}, "version": 1, "metadata": 5}],
)  # fmt: skip
def test_an_answer_that_is_no_shadow_is_never_taken_for_one(site: Site, body: Any) -> None:
    answer(site, 200, body)
    with pytest.raises(Unavailable):
        get_shadow(THING)


@pytest.mark.parametrize("body", [b"<html>", [], {}, {"version": None}])
def test_a_write_that_is_not_confirmed_is_not_taken_for_one(site: Site, body: Any) -> None:
    answer(site, 200, body)
    with pytest.raises(Unavailable):
        desire(THING, {"power": "on"})


def test_a_shadow_larger_than_any_is_refused(site: Site) -> None:
    answer(site, 200, b"{" + b" " * 70_000 + b"}")
    with pytest.raises(Unavailable):
        get_shadow(THING)


def test_a_wish_larger_than_a_shadow_is_not_sent(site: Site) -> None:
    with pytest.raises(Rejected):
        desire(THING, {"title": "x" * 9000})
    assert site.seen == []


def test_a_reading_that_failed_for_the_moment_is_tried_again(site: Site) -> None:
    answer(site, 503, {"message": "later"})
    answer(site, 200, SHADOW)
    assert shadow_of().version == 7
    assert len(site.seen) == 2


def test_a_thing_without_a_shadow_has_none_until_something_is_wished(devices: Devices) -> None:
    assert get_shadow(THING) is None
    assert desire(THING, {"power": "on"}) == 1
    assert shadow_of().desired == {"power": "on"}


def test_a_device_reports_what_it_did(devices: Devices) -> None:
    devices.behave(THING, lag=0.01)
    desire(THING, {"power": "on", "brightness": 80})
    ends = time.monotonic() + 20
    while not shadow_of().reported and time.monotonic() < ends:
        time.sleep(0.01)
    found = shadow_of()
    assert found.state == {"power": "on", "brightness": 80}
    assert found.connected is True
    assert abs(found.reported_at["power"] - time.time()) < 10


def test_a_wish_about_an_older_version_is_a_conflict(devices: Devices) -> None:
    version = desire(THING, {"power": "on"})
    desire(THING, {"brightness": 10}, version=version)
    with pytest.raises(Conflict):
        desire(THING, {"power": "off"}, version=version)
    assert shadow_of().desired == {"power": "on", "brightness": 10}


def test_a_wish_for_nothing_takes_it_back(devices: Devices) -> None:
    devices.behave(THING, drops=-1)
    desire(THING, {"power": "on", "brightness": 10})
    desire(THING, {"power": None})
    assert shadow_of().desired == {"brightness": 10}


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Faults(status=403), Unavailable), (Faults(status=429), Throttled), (Faults(garbled=True), Unavailable),
     (Faults(lost=True), Unavailable), (Faults(delay=2.0), Unavailable), (Faults(status=400), Rejected)],
)  # fmt: skip
def test_a_service_that_fails_is_told_from_a_device_that_does(
    devices: Devices, fault: Faults, error: type[Exception]
) -> None:
    desire(THING, {"power": "on"})
    devices.faults = fault
    with pytest.raises(error):
        get_shadow(THING, seconds=0.4 if fault.delay else None)
    devices.faults = Faults()
    assert shadow_of().desired == {"power": "on"}


def test_a_service_that_is_gone_is_unavailable(devices: Devices) -> None:
    with use({"QUINTET_IOT_ENDPOINT": "http://127.0.0.1:9"}), pytest.raises(Unavailable):
        get_shadow(THING, seconds=0.5)
