"""Settings: read late, cached, and replaceable for a block of code."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from quintet import settings as module
from quintet.settings import Settings, settings, use


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    module.reset()
    yield
    module.reset()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "QUINTET_STAGE": "prod",
        "QUINTET_SYSTEM": "storefront",
        "QUINTET_TABLE": "t",
        "QUINTET_SECRET": "s",
        "QUINTET_BUCKET": "b",
        "QUINTET_EMAIL_SENDER": "shop@quintet.test",
        "AWS_REGION": "eu-west-1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert settings() == Settings("prod", "storefront", "t", "s", "b", "shop@quintet.test", "eu-west-1")


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUINTET_TABLE", "first")
    assert settings().table == "first"
    monkeypatch.setenv("QUINTET_TABLE", "second")
    assert settings().table == "first"
    module.reset()
    assert settings().table == "second"


def test_a_setting_that_is_set_to_nothing_counts_as_absent() -> None:
    found = Settings.read({"QUINTET_STAGE": "", "AWS_REGION": "", "QUINTET_GOOGLE_ISSUER": ""})
    assert (found.stage, found.region) == ("local", "us-east-1")
    assert found.get("QUINTET_GOOGLE_ISSUER", "https://accounts.google.com") == "https://accounts.google.com"
    assert found.get("QUINTET_NOWHERE") == ""


def test_blocks_nest_and_end() -> None:
    with use({"QUINTET_TABLE": "outer", "QUINTET_SYSTEM": "stoory"}):
        with use({"QUINTET_TABLE": "inner"}) as inner:
            assert (inner.table, inner.system) == ("inner", "stoory")
            assert settings() is inner
        assert settings().table == "outer"
    assert settings().table != "outer"


def test_a_block_ends_when_it_raises() -> None:
    with pytest.raises(RuntimeError), use({"QUINTET_TABLE": "gone"}):
        raise RuntimeError
    assert settings().table != "gone"


def test_threads_do_not_see_each_others_settings() -> None:
    def table(name: str) -> str:
        with use({"QUINTET_TABLE": name}):
            return settings().table

    names = [f"table-{number}" for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(table, names)) == names


@pytest.mark.parametrize(("stage", "local"), [("local", True), ("dev", True), ("prod", False), ("staging", False)])
def test_only_local_and_dev_are_local(stage: str, local: bool) -> None:
    assert Settings.read({"QUINTET_STAGE": stage}).is_local is local


def test_nothing_of_the_environment_shows_in_a_repr() -> None:
    assert "hush" not in repr(Settings.read({"SOME_PASSWORD": "hush"}))
