"""Appointing the first administrator of a shop from the command line."""

from __future__ import annotations

import contextvars
import re
from io import StringIO

import pytest

from infra import admin
from quintet import settings
from quintet.testing import Client
from storefront.access.roles import Role
from storefront.service import api, store
from tests.conftest import Systems

NAMED = ("QUINTET_SYSTEM", "QUINTET_TABLE", "AWS_REGION")
JOHN = {"email": "john@example.com", "password": "SecurePassword123!", "first_name": "John", "last_name": "Doe"}


@pytest.fixture
def shop(system: Systems) -> Client:
    system("storefront")
    return Client(api)


def roles(shop: Client, email: str, password: str) -> list[str]:
    session = shop.post("/api/v1/auth/login", {"email": email, "password": password}).data
    found = shop.as_caller(session["access_token"]).get("/api/v1/auth/profile").data["roles"]
    return list(found)


def test_without_an_account_one_is_made_and_its_password_shown(shop: Client) -> None:
    out = StringIO()
    admin.appoint("storefront", " Ada@Example.com ", out)
    shown = re.fullmatch(
        r"ada@example\.com is an administrator of storefront\.\n"
        r"A new account was made\. Its password, shown this once: (\S{20})\n",
        out.getvalue(),
    )
    assert shown
    assert roles(shop, "ada@example.com", shown[1]) == ["admin", "user"]


def test_an_account_that_exists_keeps_its_password(shop: Client) -> None:
    shop.post("/api/v1/auth/register", JOHN)
    for _ in range(2):  # the second time changes nothing
        out = StringIO()
        admin.appoint("storefront", JOHN["email"], out)
        assert out.getvalue() == "john@example.com is an administrator of storefront.\n"
    assert roles(shop, JOHN["email"], JOHN["password"]) == ["admin", "user"]
    role = store.get(Role, id="admin")
    assert role is not None
    assert role.holders == 1


@pytest.mark.parametrize(("system_name", "email"), [("storefront", "nobody"), ("elsewhere", "ada@example.com")])
def test_it_says_what_is_wrong(
    shop: Client,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    system_name: str,
    email: str,
) -> None:
    for name in NAMED:
        monkeypatch.setenv(name, "replaced by the command line")
    assert admin.main([system_name, email, "--table", "t"]) == 2
    assert capsys.readouterr().err.startswith(f"{email}: ")


def test_a_table_in_aws_is_named_on_the_command_line(
    shop: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = settings.settings().table
    for name in NAMED:
        monkeypatch.setenv(name, "replaced by the command line")
    monkeypatch.setenv("QUINTET_ARGON2", "1,8,1")
    settings.reset()
    try:
        arguments = ["storefront", "ada@example.com", "--table", table, "--region", "us-east-1"]
        assert contextvars.Context().run(admin.main, arguments) == 0
    finally:
        settings.reset()
    password = capsys.readouterr().out.split()[-1]
    assert roles(shop, "ada@example.com", password) == ["admin", "user"]
