"""What a change of an account takes along."""

from typing import Any

import pytest

from quintet.errors import ApiError
from quintet.models import new_id, now
from quintet.net import aws
from quintet.settings import settings
from softfactory.access.changes import LAST_ADMIN, Admins, Holder, change_user, remove_user
from softfactory.access.roles import ADMIN, USER
from softfactory.people import finding
from softfactory.people.entities import HeldRole, User
from softfactory.service import store
from tests.functions.softfactory.conftest import make_user
from tests.support.aws import in_threads


def demoted(user: User) -> User:
    return user.model_copy(update={"roles": [HeldRole(role_id=USER.id, assigned_at=now())]})


def commit(before: User, after: User | None) -> None:
    tx = store.transaction()
    if after is None:
        remove_user(tx, before)
    else:
        change_user(tx, before, after)
    tx.commit()


@pytest.mark.usefixtures("suite")
def test_roles_are_counted_by_who_holds_them() -> None:
    made = [make_user("user"), make_user("admin", "user"), make_user("admin")]
    custom = new_id()
    commit(made[0], made[0].model_copy(update={"roles": [HeldRole(role_id=custom, assigned_at=now())]}))
    commit(made[1], demoted(made[1]))
    assert store.count(Holder, "gsi1", role_id=USER.id) == 1
    assert store.count(Holder, "gsi1", role_id=ADMIN.id) == 1
    assert store.count(Holder, "gsi2", role_id=custom) == 1
    assert store.count(User, "gsi2", role="custom", listed="active") == 1


@pytest.mark.usefixtures("suite")
def test_what_an_account_is_found_by_comes_and_goes_with_it() -> None:
    """However long its name, and whatever its address was: erased, no word of it is left."""
    long = " ".join(f"word{number}" for number in range(40))
    hangul, address = "".join(map(chr, range(0xAC00, 0xAC00 + 200))), ".".join(f"p{number}" for number in range(20))
    user = make_user(name=hangul, email=f"{address}@example.com")
    for update in ({"name": long}, {"email": "short@example.com"}, {"name": "Short"}):
        before = store.get(User, id=user.id)
        assert before is not None
        after = before.model_copy(update=update)
        commit(before, after)
        assert finding.found(" ".join(finding.texts(after))) == [user.id]
    assert finding.found("word1") == finding.found("p1") == []
    last = store.get(User, id=user.id)
    assert last is not None
    commit(last, None)
    assert [row for row in rows() if "WORDS#" in row["PK"]["S"]] == []


def rows() -> list[dict[str, Any]]:
    """Everything in the table."""
    found: list[dict[str, Any]] = aws.client("dynamodb").scan(TableName=settings().table)["Items"]
    return found


@pytest.mark.usefixtures("suite")
def test_of_parallel_demotions_one_administrator_is_left() -> None:
    admins = [make_user("admin") for _ in range(6)]

    done = in_threads(6, lambda place: commit(admins[place], demoted(admins[place])))
    refused = [each for each in done if each is not None]
    assert [each.code for each in refused if isinstance(each, ApiError)] == [LAST_ADMIN.code]
    assert len(refused) == 1
    left = store.get(Admins)
    assert left is not None
    assert left.count == 1
    assert store.count(User, "gsi2", role="admin", listed="active") == 1


@pytest.mark.usefixtures("suite")
@pytest.mark.parametrize("change", [{"status": "banned"}, {"status": "deactivated"}, {"deletion_due": now()}, None])
def test_the_last_administrator_is_neither_barred_nor_deleted(change: dict[str, object] | None) -> None:
    last = make_user("admin")
    make_user("admin", roles=[HeldRole(role_id=ADMIN.id, assigned_at=now(), expires_at=now())])
    with pytest.raises(ApiError) as refused:
        commit(last, last.model_copy(update=change) if change else None)
    assert refused.value.code == "last_admin"
