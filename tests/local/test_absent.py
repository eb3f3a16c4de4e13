"""What the start-up table says of services that nothing stands in for."""

from __future__ import annotations

from infra.local.absent import ABSENT, rows


def test_each_absent_service_of_a_running_system_has_its_row() -> None:
    assert rows(["storefront"], {}) == []
    found = rows(["memory_mirror"], {})
    assert [(name, url) for name, url, _ in found] == [("language model", "-"), ("youtube", "-"), ("translation", "-")]
    assert [help_ for _, _, help_ in found] == [one.without for one in ABSENT]


def test_a_service_that_the_developer_brings_in_is_named_by_its_url() -> None:
    url = "http://127.0.0.1:9999"
    assert rows(["memory_mirror"], {"QUINTET_BEDROCK_URL": url})[0] == ("language model", url, "")
