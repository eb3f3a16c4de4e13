"""AWS clients: one per service and endpoint, made by boto3 when they are needed and not before."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from quintet.errors import ApiError
from quintet.net import aws, patience
from quintet.settings import use
from tests.layers.net.scripted import hang, scripted


@pytest.fixture(autouse=True)
def _fresh_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    aws.reset()
    with use({"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": ""}):
        yield
    aws.reset()


def test_threads_share_one_client() -> None:
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(lambda _: aws.client("dynamodb"), range(32)))
    # Worker threads see the process's settings, so they share one client among themselves.
    assert len({id(client) for client in clients}) == 1


def test_the_client_is_of_the_settings_region_and_endpoint() -> None:
    plain = aws.client("dynamodb")
    with use({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}):
        local = aws.client("dynamodb")
        assert aws.client("dynamodb") is local
    with use({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8001"}):
        own = aws.client("dynamodb")
    assert plain.meta.region_name == "eu-central-1"
    assert plain.meta.endpoint_url == "https://dynamodb.eu-central-1.amazonaws.com"
    assert local.meta.endpoint_url == "http://127.0.0.1:4566"
    assert own.meta.endpoint_url == "http://127.0.0.1:8001"
    assert aws.client("dynamodb") is plain


def test_after_a_reset_clients_are_made_anew() -> None:
    before = aws.client("sns")
    aws.reset()
    assert aws.client("sns") is not before


def test_calls_are_bounded_in_time_and_tries() -> None:
    config = aws.client("dynamodb").meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 10)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}


def test_a_client_is_held_to_what_the_invocation_has_left() -> None:
    with scripted(always=hang) as endpoint, use({"AWS_ENDPOINT_URL": endpoint.url}):
        client, started = aws.client("sns"), time.monotonic()
        with patience.within(1), pytest.raises(ApiError) as caught:
            client.list_topics()
        assert time.monotonic() - started < 6, "a client alone would wait ten seconds for the first answer"
    assert (caught.value.status, caught.value.code) == (503, "busy")
    assert len(endpoint.bodies) == 1


def test_a_client_is_not_asked_when_no_time_is_left() -> None:
    busy = pytest.raises(ApiError, match="busy")
    with scripted() as endpoint, use({"AWS_ENDPOINT_URL": endpoint.url}), patience.within(0), busy:
        aws.client("sns").list_topics()
    assert endpoint.bodies == []


def test_clients_are_boto3s_over_the_one_session() -> None:
    seen: list[str] = []
    aws.session().register("creating-client-class.sqs", lambda **_: seen.append("sqs"))
    assert aws.client("sqs").meta.service_model.service_name == "sqs"
    assert seen == ["sqs"]
    assert hasattr(aws.client("s3"), "upload_fileobj"), "boto3 adds this to botocore's client"


def test_importing_makes_no_client_and_never_loads_boto3() -> None:
    code = (
        "import sys; from quintet import log, settings; from quintet.net import aws, outbound; "
        "from quintet.keys import keyring; from quintet.auth import common, passwords, tokens; "
        "from quintet.providers import email, sms, storage; "
        "heavy = {'boto3', 'botocore', 'argon2', 'urllib3', 'jwt', 'aws_lambda_powertools', 'cryptography'};"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=_path(), check=True)
    assert done.stdout.strip() == "[]"


def _path() -> dict[str, str]:
    from pathlib import Path

    import quintet

    assert quintet.__file__
    return {"PYTHONPATH": str(Path(quintet.__file__).parent.parent)}
