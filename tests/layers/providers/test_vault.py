"""The vault: what is sealed opens for its own context alone, and KMS is asked rarely."""

import base64
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from quintet.net import aws
from quintet.providers import vault
from quintet.providers.errors import NotConfigured, Rejected, Unavailable
from quintet.settings import Settings, use
from tests.support.aws import aws_backend, in_threads

Count = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    with aws_backend(), use({"QUINTET_SYSTEM": "stoory", "AWS_REGION": "us-east-1"}):
        key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
        with use({"QUINTET_KMS_KEY": key}):
            vault.reset()
            yield
            vault.reset()


@pytest.fixture
def calls() -> Iterator[Count]:
    """The KMS calls made since, by name."""
    seen: list[str] = []

    def note(event_name: str, **_: Any) -> None:
        seen.append(event_name.rsplit(".", 1)[-1])

    events = aws.client("kms").meta.events
    events.register("before-send.kms.*", note, unique_id="vault-test")
    yield lambda: seen
    events.unregister("before-send.kms.*", unique_id="vault-test")


def test_a_sealed_text_opens_for_its_context() -> None:
    sealed = vault.seal("ABCDE1234F", "user/42/pan")
    assert vault.open(sealed, "user/42/pan") == "ABCDE1234F"
    assert "ABCDE" not in sealed
    assert sealed.isascii()


@examples(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), context=st.text(max_size=40))
def test_any_text_comes_back_whole(text: str, context: str) -> None:
    assert vault.open(vault.seal(text, context), context) == text


def test_the_same_text_is_never_sealed_to_the_same() -> None:
    assert len({vault.seal("ABCDE1234F", "user/42/pan") for _ in range(20)}) == 20


def test_a_sealed_text_is_worthless_elsewhere() -> None:
    sealed = vault.seal("ABCDE1234F", "user/42/pan")
    with pytest.raises(vault.Unreadable):
        vault.open(sealed, "user/43/pan")
    with use({"QUINTET_SYSTEM": "storefront"}), pytest.raises(vault.Unreadable):
        vault.open(sealed, "user/42/pan")


def test_a_text_sealed_under_another_key_is_refused() -> None:
    sealed = vault.seal("ABCDE1234F", "user/42/pan")
    other = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    # KMS says that the key is the wrong one, moto that it may not be used.
    with use({"QUINTET_KMS_KEY": other}), pytest.raises((vault.Unreadable, Rejected)):
        vault.open(sealed, "user/42/pan")


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    form, wrapped, content = vault.seal("ABCDE1234F", "c").split(".")
    raw = bytearray(base64.urlsafe_b64decode(content + "=="))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    changed = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    with pytest.raises(vault.Unreadable):
        vault.open(f"{form}.{wrapped}.{changed}", "c")


@pytest.mark.parametrize("text", ["", "ABCDE1234F", "v1", "v1..", "v1.AAAA.", "v1.AAAA.AAAA", "v2.AAAA.AAAA", "v1.ü.ü"])
def test_what_is_not_sealed_is_unreadable(text: str) -> None:
    with pytest.raises(vault.Unreadable):
        vault.open(text, "c")


def test_one_data_key_serves_many_texts_and_kms_is_not_asked_to_open_them(calls: Count) -> None:
    sealed = [vault.seal(f"{n}", f"user/{n}") for n in range(50)]
    assert [vault.open(text, f"user/{n}") for n, text in enumerate(sealed)] == [f"{n}" for n in range(50)]
    assert calls() == ["GenerateDataKey"]


def test_another_process_asks_kms_once_for_texts_under_one_data_key(calls: Count) -> None:
    sealed = [vault.seal(f"{n}", f"user/{n}") for n in range(5)]
    vault.reset()
    for n, text in enumerate(sealed):
        assert vault.open(text, f"user/{n}") == f"{n}"
    assert calls() == ["GenerateDataKey", "Decrypt"]


def test_threads_that_seal_at_once_share_a_data_key(calls: Count) -> None:
    sealed = in_threads(8, lambda n: vault.seal("x", f"user/{n}"))
    assert [vault.open(str(text), f"user/{n}") for n, text in enumerate(sealed)] == ["x"] * 8
    assert calls() == ["GenerateDataKey"]


def test_a_data_key_is_given_up_after_its_uses_and_after_its_time(
    calls: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "KEY_USES", 3)
    for _ in range(4):
        vault.seal("x", "c")
    assert calls() == ["GenerateDataKey"] * 2

    clock = [monotonic() + vault.KEY_LIFETIME + 1]
    monkeypatch.setattr(vault, "monotonic", lambda: clock[0])
    sealed = vault.seal("x", "c")
    assert calls() == ["GenerateDataKey"] * 3
    clock[0] += vault.KEY_LIFETIME + 1
    vault.open(sealed, "c")
    assert calls() == [*["GenerateDataKey"] * 3, "Decrypt"]


def test_the_keys_held_for_opening_are_bounded(calls: Count, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "KEYS_HELD", 2)
    monkeypatch.setattr(vault, "KEY_USES", 1)
    sealed = [vault.seal("x", "c") for _ in range(3)]
    vault.open(sealed[2], "c")
    assert "Decrypt" not in calls()
    vault.open(sealed[0], "c")
    assert calls()[-1] == "Decrypt"


@pytest.mark.parametrize("setting", ["QUINTET_KMS_KEY", "QUINTET_SYSTEM"])
def test_an_unset_vault_names_its_setting(setting: str) -> None:
    sealed = vault.seal("x", "c")
    with use({setting: ""}):
        with pytest.raises(NotConfigured, match=setting):
            vault.seal("x", "c")
        with pytest.raises(NotConfigured, match=setting):
            vault.open(sealed, "c")


def test_a_key_that_is_gone_is_no_tampering(table: Settings) -> None:
    sealed = vault.seal("x", "c")
    with use({"QUINTET_KMS_KEY": "00000000-0000-0000-0000-000000000000"}):
        with pytest.raises((Rejected, vault.Unreadable)):
            vault.seal("x", "c")
        with pytest.raises((Rejected, vault.Unreadable)):
            vault.open(sealed, "c")


def test_kms_out_of_reach_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import EndpointConnectionError

    def lost(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://kms.test")

    monkeypatch.setattr(aws.client("kms"), "generate_data_key", lost)
    with pytest.raises(Unavailable):
        vault.seal("x", "c")
