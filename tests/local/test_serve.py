"""`make serve` as a person runs it: the real embedded AWS, the real systems, real signals."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local import ministack
from infra.local.environment import ROOT, State
from infra.local.ministack import free_port
from infra.local.resources import Resources

WITHIN = 150.0


class Instance:
    """One `make serve` of this test, on its own port."""

    def __init__(self, port: int, *options: str) -> None:
        self.port, self.state, self._options = port, State.of(port), options
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.local", "--port", str(self.port), *self._options],
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.communicate()[0]
            try:
                httpx.get(self.url, timeout=WITHIN)
            except httpx.ConnectError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("not ready in time")

    def stop(self, by: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """The exit status and what was printed."""
        assert self.process is not None
        self.process.send_signal(by)
        said, _ = self.process.communicate(timeout=30)
        return self.process.returncode, said

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.communicate(timeout=30)
        deadline = time.monotonic() + 30
        while self.in_use() and time.monotonic() < deadline:
            time.sleep(0.05)
        shutil.rmtree(self.state.home, ignore_errors=True)

    def in_use(self) -> bool:
        """Whether the embedded AWS of this instance runs."""
        if not self.state.lock.exists():
            return False
        with self.state.lock.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, messages: bool = False) -> Any:
        found = json.loads(self.state.running.read_text())
        return Resources(found["messages" if messages else "aws"]).client(service)


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not ministack.PYTHON.exists():
        subprocess.run(["sh", "infra/local/bootstrap.sh", "ministack"], cwd=ROOT, check=True, timeout=300)


@pytest.fixture
def instance() -> Iterator[Instance]:
    found = Instance(free_port())
    yield found
    found.end()


def item(instance: Instance) -> Any:
    found = instance.client("dynamodb").get_item(
        TableName="quintet-local-storefront", Key={"PK": {"S": "kept"}, "SK": {"S": "kept"}}
    )
    return found.get("Item")


def test_nothing_is_lost_on_a_normal_stop(instance: Instance) -> None:
    instance.start()
    kept = {"PK": {"S": "kept"}, "SK": {"S": "kept"}}
    instance.client("dynamodb").put_item(TableName="quintet-local-storefront", Item=kept)
    instance.client("s3").put_object(Bucket="quintet-local-storefront", Key="a/b.txt", Body=b"kept")
    secret = instance.client("secretsmanager").get_secret_value(SecretId="quintet/local/storefront")["SecretString"]
    instance.client("sesv2", messages=True).send_email(
        FromEmailAddress="storefront@quintet.test",
        Destination={"ToAddresses": ["ann@example.com"]},
        Content={"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Kept"}}}},
    )
    assert instance.stop(signal.SIGTERM)[0] == 0
    assert not instance.in_use()

    instance.start()
    assert item(instance) == kept
    assert instance.client("s3").get_object(Bucket="quintet-local-storefront", Key="a/b.txt")["Body"].read() == b"kept"
    again = instance.client("secretsmanager").get_secret_value(SecretId="quintet/local/storefront")["SecretString"]
    assert again == secret
    sent = httpx.get(f"{instance.url}/_local/outbox", params={"to": "ann@example.com"}).json()
    assert [(m["channel"], m["subject"], m["body"]) for m in sent] == [("email", "Hello", "Kept")]


def test_the_pages_and_the_operations_are_there(instance: Instance) -> None:
    instance.start()
    index = httpx.get(instance.url)
    docs = httpx.get(f"{instance.url}/storefront/docs")
    openapi = httpx.get(f"{instance.url}/storefront/openapi.json").json()

    assert "/storefront/docs" in index.text
    assert "SwaggerUIBundle" in docs.text
    for asset in re.findall(r"(?:src|href)='(/[^']+)'", docs.text):
        assert httpx.get(f"{instance.url}{asset}").status_code == 200
    assert not re.search(r"(?:src|href)='?(?:https?:)?//", docs.text), "the page must work offline"
    assert openapi["servers"][0]["url"] == f"{instance.url}/storefront"
    assert openapi["components"]["securitySchemes"]
    health = next(path for path in openapi["paths"] if path.endswith("/health"))
    assert httpx.get(f"{instance.url}/storefront{health}").status_code == 200

    status, said = instance.stop()
    assert status == 0
    assert f"{instance.url}/storefront/docs" in said
    assert "stopped; nothing is lost" in said


def test_the_stand_ins_say_where_they_are_and_take_payments(instance: Instance) -> None:
    instance.start()
    found = httpx.get(f"{instance.url}/_local/standins").json()
    assert set(found) == {"razorpay", "devices", "elevenlabs", "influencers_club", "google", "kakao", "facebook"}

    keys = ("rzp_test_quintet", "quintet-local-secret")
    order = httpx.post(f"{found['razorpay']}/v1/orders", auth=keys, json={"amount": 100, "currency": "INR"}).json()
    paid = httpx.post(f"{found['razorpay']}/_pay/{order['id']}").json()
    assert paid["razorpay_order_id"] == order["id"]

    status, said = instance.stop()
    assert status == 0
    assert re.search(rf"razorpay +{found['razorpay']} ", said)
    assert "POST /stoory/api/v1/payments/webhook" in said.replace("POST   ", "POST "), "its webhooks arrive"


def test_people_sign_in_with_providers_without_leaving_the_laptop(instance: Instance) -> None:
    """Address, consent and callback as `curl -L` and a browser follow them, in both systems that have it."""
    instance.start()
    auth = f"{instance.url}/softfactory/api/auth"
    with httpx.Client(follow_redirects=True, trust_env=False, timeout=WITHIN) as browser:
        for provider in ("google", "kakao", "facebook"):
            url = browser.get(f"{auth}/oauth/{provider}/url").json()["auth_url"]
            page = browser.get(url)
            assert "Minji Kim" in page.text
            assert page.url.port != instance.port
            signed_in = browser.get(f"{url}&account={provider}@example.com")
            assert signed_in.url.path == f"/softfactory/api/auth/oauth/{provider}/callback"
            assert (signed_in.status_code, signed_in.json()["user"]["email"]) == (200, f"{provider}@example.com")
            bearer = {"authorization": f"Bearer {signed_in.json()['access_token']}"}
            assert browser.get(f"{auth}/user", headers=bearer).status_code == 200
            assert browser.get(str(signed_in.url)).status_code == 400  # once
        shop = browser.get(f"{instance.url}/storefront/api/v1/auth/google").json()["data"]["url"]
        signed_in = browser.get(f"{shop}&account=minji")
        assert (signed_in.status_code, signed_in.json()["data"]["user"]["first_name"]) == (200, "Minji")
        assert browser.get(f"{auth}/oauth/mock").status_code == 200

    _, said = instance.stop()
    for provider in ("google", "kakao", "facebook"):
        assert re.search(rf"\b{provider} +http://127.0.0.1:\d+ +sign in", said)


def test_two_instances_on_two_ports_do_not_disturb_each_other(instance: Instance) -> None:
    other = Instance(free_port())
    try:
        instance.start()
        other.start()
        kept = {"PK": {"S": "kept"}, "SK": {"S": "kept"}}
        instance.client("dynamodb").put_item(TableName="quintet-local-storefront", Item=kept)
        assert item(other) is None
        assert other.stop()[0] == 0
        assert item(instance) == kept
    finally:
        other.end()


def test_a_taken_port_is_said_in_one_line(instance: Instance) -> None:
    instance.start()
    command = [sys.executable, "-m", "infra.local", "--port", str(instance.port)]
    second = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=30, check=False)

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr == (
        f"Quintet cannot start: port {instance.port} is taken; try another: make serve PORT={instance.port + 1}\n"
    )
    reset = subprocess.run(
        [sys.executable, "-m", "infra.local.reset", "--port", str(instance.port)],
        cwd=ROOT, text=True, capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert reset.returncode == 1
    assert "stop it first" in reset.stderr
    assert instance.state.home.exists()


def test_the_embedded_aws_ends_with_its_parent_and_saves_even_when_that_is_killed(instance: Instance) -> None:
    instance.start()
    instance.client("dynamodb").put_item(
        TableName="quintet-local-storefront", Item={"PK": {"S": "kept"}, "SK": {"S": "kept"}}
    )
    assert instance.process is not None
    instance.process.kill()
    instance.process.communicate(timeout=10)
    deadline = time.monotonic() + 20
    while instance.in_use() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not instance.in_use()

    instance.start()
    assert item(instance) is not None


def test_reset_empties_the_data_of_its_port(instance: Instance) -> None:
    instance.start()
    instance.stop()
    assert instance.state.aws.exists()
    done = subprocess.run(
        [sys.executable, "-m", "infra.local.reset", "--port", str(instance.port)], cwd=ROOT, check=False, timeout=30
    )

    assert done.returncode == 0
    assert not instance.state.home.exists()
    assert Path(ministack.PYTHON).exists()
