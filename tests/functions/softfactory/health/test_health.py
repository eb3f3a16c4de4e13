"""Whether the suite answers."""

from quintet.testing import Client


def test_anybody_learns_that_the_suite_is_up(suite: Client) -> None:
    assert suite.get("/api/health").body == {"status": "ok", "version": "1.0.0"}
