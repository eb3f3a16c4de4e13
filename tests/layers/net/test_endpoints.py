"""Where AWS services are: the same as botocore's own clients go to, in every region and variant it knows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import EndpointVariantError
from botocore.session import Session
from moto.core.models import botocore_stubber

import quintet
from quintet.net import aws, endpoints
from quintet.settings import use

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "dynamodb": ("list_tables", {}),
    "secretsmanager": ("list_secrets", {}),
    "bedrock-runtime": ("list_async_invokes", {}),
    "iot-data": ("list_named_shadows_for_thing", {"thingName": "t"}),
    "sesv2": ("list_contact_lists", {}),
}
VARIANTS = [(False, False), (True, False), (False, True), (True, True)]
SESSION = Session()
REGIONS = {
    partition: SESSION.get_available_regions("dynamodb", partition) for partition in SESSION.get_available_partitions()
}


class Nothing:
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield b"{}"


def asked_by_botocore(service: str, region: str, fips: bool, dual_stack: bool) -> str:
    """Scheme and host that botocore's own client asks."""
    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual_stack)
    client: Any = SESSION.create_client(
        service, region, aws_access_key_id="a", aws_secret_access_key="b", config=config
    )  # fmt: skip
    urls: list[str] = []

    def note(request: Any, **_: Any) -> AWSResponse:
        urls.append(request.url)
        raw: Any = Nothing()
        return AWSResponse(request.url, 200, {}, raw)  # type: ignore[arg-type]

    client.meta.events.register_first("before-send", note)
    name, arguments = CALLS[service]
    with patch.object(botocore_stubber, "enabled", False):  # the mocked AWS of other tests would be asked as well
        getattr(client, name)(**arguments)
    return "/".join(urls[0].split("/")[:3])


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AWS_USE_FIPS_ENDPOINT", raising=False)
    monkeypatch.delenv("AWS_USE_DUALSTACK_ENDPOINT", raising=False)
    with use({"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_DYNAMODB": ""}):
        aws.reset()
        yield
    aws.reset()


@pytest.mark.parametrize("service", CALLS)
def test_every_region_is_where_botocore_has_it(service: str) -> None:
    assert len(REGIONS) >= 8
    for region in chain(*REGIONS.values()):
        assert endpoints.url(service, region) == asked_by_botocore(service, region, False, False)


@pytest.mark.parametrize(("fips", "dual_stack"), VARIANTS[1:])
@pytest.mark.parametrize("service", CALLS)
def test_every_partition_has_the_variants_of_botocore(
    service: str, fips: bool, dual_stack: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", str(fips).lower())
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", str(dual_stack).lower())
    compared = 0
    for region in chain(*(regions[-2:] for regions in REGIONS.values())):
        try:
            wanted = asked_by_botocore(service, region, fips, dual_stack)
        except EndpointVariantError:  # botocore's older list of endpoints does not have what its rules have
            continue
        assert endpoints.url(service, region) == wanted
        compared += 1
    assert compared >= 6


def test_what_is_configured_comes_first() -> None:
    with use({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}):
        assert endpoints.url("dynamodb", "us-iso-east-1") == "http://127.0.0.1:4566"


def test_a_plain_region_loads_none_of_botocores_rules() -> None:
    code = (
        "from unittest.mock import patch; from botocore.loaders import Loader; from quintet.net import endpoints\n"
        "with patch.object(Loader, 'load_data', side_effect=AssertionError):\n"
        "    print([endpoints.url(name, 'ap-southeast-7') for name in ('dynamodb', 'iot-data')])"
    )
    assert quintet.__file__
    path = {"PYTHONPATH": str(Path(quintet.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=path, check=True)
    hosts = ["dynamodb.ap-southeast-7", "data-ats.iot.ap-southeast-7"]
    assert done.stdout.strip() == str([f"https://{host}.amazonaws.com" for host in hosts])
