"""The laptop cannot reach a real AWS account, whatever the caller has configured."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

from botocore.session import Session

from infra.local.environment import Endpoints, State, isolate, names, told_address, variables

ENDPOINTS = Endpoints("http://127.0.0.1:4566", "http://127.0.0.1:4567")


def test_the_callers_credentials_profiles_and_endpoints_are_dropped() -> None:
    environ = {
        "PATH": "/bin",
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2",
        "AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.eu-west-1.amazonaws.com",
        "NO_PROXY": "internal.example",
    }
    isolate(environ, ENDPOINTS)

    assert environ == {
        "PATH": "/bin",
        "AWS_ACCESS_KEY_ID": "quintetlocal",
        "AWS_SECRET_ACCESS_KEY": "quintetlocal",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ENDPOINT_URL_SESV2": "http://127.0.0.1:4567",
        "AWS_ENDPOINT_URL_SNS": "http://127.0.0.1:4567",
        "AWS_ENDPOINT_URL_SOCIALMESSAGING": "http://127.0.0.1:4567",
        "NO_PROXY": "internal.example,127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def test_the_aws_library_finds_no_credentials_but_the_dummy_ones(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text("[default]\naws_access_key_id=AKIAREAL\naws_secret_access_key=x\n")
    with patch.dict(os.environ, {"HOME": str(tmp_path), "AWS_PROFILE": "default"}, clear=True):
        isolate(os.environ, ENDPOINTS)
        found = Session().get_credentials()

    assert found is not None
    assert found.access_key == "quintetlocal"


def test_every_system_has_its_own_table_bucket_and_secret() -> None:
    first, second = names("storefront"), names("memory_mirror")

    assert second == {
        "QUINTET_STAGE": "local",
        "QUINTET_SYSTEM": "memory_mirror",
        "QUINTET_TABLE": "quintet-local-memory-mirror",
        "QUINTET_SECRET": "quintet/local/memory-mirror",
        "QUINTET_BUCKET": "quintet-local-memory-mirror",
        "QUINTET_EMAIL_SENDER": "memory-mirror@quintet.test",
    }
    assert all(first[name] != second[name] for name in first if name != "QUINTET_STAGE")


def test_a_developer_may_set_a_providers_variables_but_not_redirect_the_table() -> None:
    given = {"QUINTET_GOOGLE_ISSUER": "http://127.0.0.1:9400", "QUINTET_TABLE": "production", "HOME": "/home/ann"}
    found = variables("storefront", ENDPOINTS, given)

    assert found["QUINTET_GOOGLE_ISSUER"] == "http://127.0.0.1:9400"
    assert found["QUINTET_TABLE"] == "quintet-local-storefront"
    assert "HOME" not in found


def test_instances_on_two_ports_share_no_folder() -> None:
    assert State.of(8000).home != State.of(8001).home


def test_a_system_knows_the_address_at_which_people_reach_it() -> None:
    assert told_address(8123, {})("caidence") == {"QUINTET_PUBLIC_URL": "http://127.0.0.1:8123/caidence"}
    elsewhere = {"QUINTET_PUBLIC_URL": "https://tunnel.example.com"}
    assert told_address(8123, elsewhere)("caidence") == elsewhere
