"""E-mail tokens are good once, for one purpose, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quintet.models import epoch, new_id
from stoory.accounts.email_tokens import EmailToken, InvalidToken, Purpose, check, digest, issue

NOW = datetime(2025, 1, 18, 10, tzinfo=UTC)
USER = new_id()
VERIFY, RESET = Purpose.VERIFY_EMAIL, Purpose.RESET_PASSWORD


@pytest.mark.parametrize(("purpose", "hours"), [(VERIFY, 24), (RESET, 1)])
def test_a_token_is_good_until_its_time_is_over(purpose: Purpose, hours: int) -> None:
    token, kept = issue(USER, purpose, NOW)
    end = NOW + timedelta(hours=hours)
    assert kept == EmailToken(
        user_id=USER, purpose=purpose, digest=digest(purpose, token), valid_until=end, expires_at=epoch(end)
    )
    check(kept, purpose, token, end - timedelta(seconds=1))
    with pytest.raises(InvalidToken, match=r"^Invalid or expired token$"):
        check(kept, purpose, token, end)


def test_a_replaced_foreign_or_invented_token_is_refused_without_saying_which() -> None:
    token, kept = issue(USER, VERIFY, NOW)
    _, newer = issue(USER, VERIFY, NOW)
    for where, what, given in (
        (newer, VERIFY, token),
        (kept, RESET, token),
        (kept, VERIFY, token[:-1]),
        (kept, VERIFY, ""),
        (kept, VERIFY, "ü" * 43),
        (kept, VERIFY, "a" * 100_000),
    ):
        with pytest.raises(InvalidToken, match=r"^Invalid or expired token$"):
            check(where, what, given, NOW)


def test_tokens_are_opaque_and_kept_as_a_hash_that_differs_by_purpose() -> None:
    issued = [issue(USER, VERIFY, NOW) for _ in range(50)]
    assert len({token for token, _ in issued}) == 50
    for token, kept in issued:
        assert len(token) == 43
        assert token.replace("-", "").replace("_", "").isalnum()
        assert token not in repr(kept)
    assert digest(VERIFY, "t") != digest(RESET, "t")
