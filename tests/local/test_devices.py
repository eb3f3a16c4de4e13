"""The laptop's devices: shadows as AWS keeps them, and devices that are truthful, slow, deaf, lying or offline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.devices import Devices
from infra.local.environment import State
from infra.local.shadows import Refused, Shadows, difference, merge
from infra.local.standins import standing_in

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iotdata/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
}
LAMP = "/things/lamp/shadow"


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Devices]:
    server = Devices(tmp_path / "devices.jsonl")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(devices: Devices) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=devices.url, headers=SIGNED, trust_env=False, timeout=30) as client:
        yield client


def wish(client: httpx.Client, desired: Any, **more: Any) -> httpx.Response:
    return client.post(LAMP, json={"state": {"desired": desired}, **more})


def reported(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(LAMP).json()["state"].get("reported", {})
    return found


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


def test_it_listens_on_this_machine_alone(devices: Devices) -> None:
    assert devices.server_address[0] == "127.0.0.1"


def test_a_truthful_device_does_what_is_desired_and_the_difference_goes(client: httpx.Client) -> None:
    answer = wish(client, {"power": "on"}, clientToken="mine")
    assert answer.status_code == 200
    body = answer.json()
    assert {name: body[name] for name in ("state", "version", "clientToken")} == {
        "state": {"desired": {"power": "on"}}, "version": 1, "clientToken": "mine",
    }  # fmt: skip
    assert client.get(LAMP).json()["state"]["delta"] == {"power": "on"}
    assert within(20, lambda: bool(reported(client)))
    found = client.get(LAMP).json()
    assert found["state"] == {"desired": {"power": "on"}, "reported": {"power": "on", "connected": True}}
    assert found["version"] == 2
    assert found["metadata"]["reported"]["power"]["timestamp"] == pytest.approx(time.time(), abs=10)


def test_a_device_that_was_told_to_lies_about_it(client: httpx.Client) -> None:
    assert client.put("/_devices/lamp", json={"lies": {"power": "off"}, "lag": 0.01}).status_code == 200
    wish(client, {"power": "on", "brightness": 10})
    assert within(20, lambda: bool(reported(client)))
    assert reported(client) == {"power": "off", "brightness": 10, "connected": True}


def test_a_device_drops_as_many_wishes_as_it_was_told_to(devices: Devices, client: httpx.Client) -> None:
    client.put("/_devices/lamp", json={"drops": 1, "lag": 0.01})
    wish(client, {"power": "on"})
    assert within(20, lambda: devices.manners["lamp"].drops == 0)
    assert reported(client) == {}
    wish(client, {"brightness": 10})
    assert within(20, lambda: reported(client) == {"power": "on", "brightness": 10, "connected": True})


def test_an_offline_device_does_nothing_until_it_is_back(client: httpx.Client) -> None:
    client.put("/_devices/lamp", json={"online": False, "lag": 0.01})
    wish(client, {"power": "on"})
    time.sleep(0.1)
    assert reported(client) == {"connected": False}
    client.put("/_devices/lamp", json={"online": True})
    assert within(20, lambda: reported(client) == {"power": "on", "connected": True})


def test_a_silent_device_says_nothing(client: httpx.Client) -> None:
    client.put("/_devices/lamp", json={"silent": True, "lag": 0.01})
    wish(client, {"power": "on"})
    time.sleep(0.1)
    assert reported(client) == {}


def test_a_slow_device_takes_its_time(client: httpx.Client) -> None:
    client.put("/_devices/lamp", json={"lag": 0.3})
    asked = time.monotonic()
    wish(client, {"power": "on"})
    assert within(20, lambda: bool(reported(client)))
    assert time.monotonic() - asked >= 0.3


def test_a_pressed_button_is_reported(client: httpx.Client) -> None:
    assert client.post("/_devices/lamp", json={"power": "on"}).status_code == 200
    assert reported(client) == {"power": "on"}
    assert client.get("/_devices").json()["lamp"]["shadow"]["state"] == {"reported": {"power": "on"}}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "Invalid JSON"),
        (b"[]", "Invalid JSON"),
        (b"{}", "Missing required node: state"),
        (b'{"state":5}', "State node must be an object"),
        (b'{"state":{"desired":5}}', "Desired node must be an object"),
        (b'{"state":{"reported":[]}}', "Reported node must be an object"),
        (b'{"state":{"wanted":{}}}', "State contains an invalid node"),
        (b'{"state":{},"version":-1}', "Invalid version"),
        (b'{"state":{},"version":true}', "Invalid version"),
        (b'{"state":{},"clientToken":"' + b"x" * 65 + b'"}', "Invalid clientToken"),
        (b'{"state":{"desired":{"a":{"b":{"c":{"d":{"e":{}}}}}}}}', "JSON contains too many levels of nesting"),
    ],
)
def test_a_document_that_aws_would_refuse_is_refused(client: httpx.Client, body: bytes, message: str) -> None:
    answer = client.post(LAMP, content=body)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "InvalidRequestException")
    assert answer.json()["message"].startswith(message)


def test_refusals_have_the_services_names(client: httpx.Client) -> None:
    missing = client.get(LAMP)
    assert (missing.status_code, missing.headers["x-amzn-errortype"]) == (404, "ResourceNotFoundException")
    wish(client, {"power": "on"})
    stale = wish(client, {"power": "off"}, version=7)
    assert (stale.status_code, stale.headers["x-amzn-errortype"]) == (409, "ConflictException")
    large = wish(client, {"title": "x" * 9000})
    assert (large.status_code, large.headers["x-amzn-errortype"]) == (413, "RequestEntityTooLargeException")
    assert client.put(LAMP).status_code == 405
    assert client.get("/things/lamp/other").status_code == 400
    assert client.get("/elsewhere").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer x", SIGNED["Authorization"].replace("iotdata", "dynamodb")])
def test_a_request_that_is_not_signed_for_it_is_refused(devices: Devices, header: str) -> None:
    answer = httpx.get(devices.url + LAMP, headers={"Authorization": header}, trust_env=False)
    assert answer.status_code == 403


def test_a_deleted_shadow_is_gone_and_its_version_lives_on(client: httpx.Client) -> None:
    client.put("/_devices/lamp", json={"silent": True})
    wish(client, {"power": "on"})
    assert client.delete(LAMP).json()["version"] == 1
    assert client.get(LAMP).status_code == 404
    assert wish(client, {"power": "on"}).json()["version"] == 2


@pytest.mark.parametrize(
    ("fault", "status"), [({"status": 429}, 429), ({"status": 403}, 403), ({"conflict": True}, 409)]
)
def test_faults_happen_as_often_as_they_were_asked_for(
    client: httpx.Client, fault: dict[str, Any], status: int
) -> None:
    wish(client, {"power": "on"})
    version = client.get(LAMP).json()["version"]
    assert client.put("/_faults", json={"requests": 1, "method": "POST", **fault}).status_code == 200
    assert client.get(LAMP).status_code == 200
    assert wish(client, {"power": "off"}, version=version).status_code == status
    assert wish(client, {"power": "off"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [("/_faults", {"nonsense": 1}), ("/_faults", {"status": "x"}), ("/_devices/lamp", {"lag": "soon"}),
     ("/_devices/lamp", {"online": 1}), ("/_devices/lamp", {"colour": "red"}), ("/_faults", [1])],
)  # fmt: skip
def test_instructions_that_make_no_sense_are_refused(client: httpx.Client, path: str, body: Any) -> None:
    assert client.put(path, json=body).status_code == 400


def test_shadows_outlive_a_restart_and_devices_come_back_with_the_power(tmp_path: Path) -> None:
    first = Devices(tmp_path / "devices.jsonl")
    first.start()
    first.report("lamp", {"power": "on"})
    first.behave("lamp", online=False)
    first.stop()
    second = Devices(tmp_path / "devices.jsonl")
    second.start()
    try:
        assert second.shadows.get("lamp")["state"]["reported"] == {"power": "on", "connected": True}
    finally:
        second.stop()


def test_a_stopped_device_does_nothing_any_more(devices: Devices, tmp_path: Path) -> None:
    other = Devices(tmp_path / "other.jsonl")
    other.start()
    other.behave("lamp", lag=20)
    other.wish("lamp", {"state": {"desired": {"power": "on"}}})
    waking = [one for one in threading.enumerate() if isinstance(one, threading.Timer)]
    assert waking
    other.stop()
    for one in waking:
        one.join(60)
    assert "reported" not in other.shadows.get("lamp")["state"]


def test_memory_mirror_finds_them_on_the_laptop(tmp_path: Path) -> None:
    with standing_in(State(tmp_path, 8000), ["memory_mirror"]) as found:
        url = found["memory_mirror"]["QUINTET_IOT_ENDPOINT"]
        assert httpx.get(f"{url}/_devices", trust_env=False).json() == {}


VALUES = st.recursive(
    st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, min_size=1, max_size=3),
    max_leaves=5,
)
STATES = st.dictionaries(st.text("ab", min_size=1, max_size=2), VALUES, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STATES, STATES)
def test_a_report_of_the_difference_leaves_none(desired: dict[str, Any], reported: dict[str, Any]) -> None:
    merge(reported, difference(desired, reported))
    assert difference(desired, reported) == {}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STATES)
def test_what_is_set_to_null_is_gone(state: dict[str, Any]) -> None:
    merge(state, dict.fromkeys(list(state)))
    assert state == {}


def test_a_shadow_that_nobody_wrote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        Shadows(tmp_path / "shadows.jsonl").get("lamp")
