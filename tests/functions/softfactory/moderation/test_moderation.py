"""People report what they should not see, and moderators decide."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from quintet.models import new_id
from quintet.models.time import FrozenClock
from quintet.store import Entity, Keys, Transaction
from quintet.store.calls import table_call
from quintet.testing import Client
from softfactory.moderation import contents, filing
from softfactory.moderation.contents import Content
from softfactory.moderation.entities import Report
from softfactory.service import store
from softfactory.trail.log import Entry
from tests.functions.softfactory.conftest import SignIn, account_of, change, make_user
from tests.support.aws import in_threads

REPORTS, QUEUE = "/api/reports", "/api/admin/flagged-content"


class Pin(Entity):
    """A post of a domain to come."""

    kind: ClassVar[str] = "pin"
    keys: ClassVar[Keys] = Keys("PIN#{id}", "PIN")

    id: str
    author_id: str
    text: str = "Buy followers"
    shown: bool = True


class Pins:
    def find(self, content_id: str, /) -> Content | None:
        pin = store.get(Pin, id=content_id)
        return Content(pin.author_id, pin.text) if pin and pin.shown else None

    def take_down(self, tx: Transaction, content_id: str, /) -> None:
        pin = store.get(Pin, id=content_id)
        if pin is not None:
            tx.replace(pin, pin.model_copy(update={"shown": False}), refused=None)


@pytest.fixture(autouse=True)
def pins(suite: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "SOURCES", {**contents.SOURCES, "post": Pins()})


@pytest.fixture
def pin(suite: Client) -> Pin:
    """A post of somebody else's."""
    return store.create(Pin(id=new_id(), author_id=make_user("user").id))


def about(pin: Pin, **more: Any) -> dict[str, Any]:
    return {"content_type": "post", "content_id": pin.id, "reason": "Spam", **more}


def reported(client: Client, pin: Pin) -> str:
    answer = client.post(REPORTS, about(pin))
    assert answer.status == 201, answer.body
    return str(answer.body["report_id"])


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(QUEUE + query)
    assert answer.status == 200, answer.body
    assert answer.body["total"] == len(answer.body["items"])
    return [each["report_id"] for each in answer.body["items"]]


def is_shown(pin: Pin) -> bool:
    found = store.get(Pin, id=pin.id)
    assert found is not None
    return found.shown


def test_a_report_is_filed_and_stands_in_the_queue(
    noon: FrozenClock, user: Client, moderator: Client, pin: Pin
) -> None:
    sent = user.post(REPORTS, about(pin, details="It is everywhere."))
    assert sent.status == 201
    mine = {
        "report_id": sent.body["report_id"], "content_id": pin.id, "content_type": "post", "reason": "Spam",
        "details": "It is everywhere.", "reported_by": account_of(user).id, "status": "pending",
        "created_at": "2026-11-30T12:00:00Z",
    }  # fmt: skip
    assert sent.body == mine
    whole = {
        **mine, "excerpt": "Buy followers", "priority": "normal", "removed": False, "decided_by": None,
        "decided_at": None, "reason_for_rejection": None,
    }  # fmt: skip
    assert moderator.get(f"{QUEUE}/{mine['report_id']}").body == whole
    assert moderator.get(QUEUE).body == {"items": [whole], "total": 1, "limit": 20, "offset": 0}


def test_nobody_reports_twice_their_own_or_what_is_not_there(user: Client, pin: Pin) -> None:
    reported(user, pin)
    again = user.post(REPORTS, about(pin))
    assert (again.status, again.error["code"]) == (409, "already_reported")
    own = store.create(Pin(id=new_id(), author_id=account_of(user).id))
    assert user.post(REPORTS, about(own)).error["code"] == "own_content"
    for missing in ({"content_id": new_id()}, {"content_type": "recipe"}):
        answer = user.post(REPORTS, {**about(pin), **missing})
        assert (answer.status, answer.error["code"]) == (404, "content_not_found")
    assert store.count(Report, "gsi1") == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content_type": "song"}, "content_type"),
        ({"content_id": "x"}, "content_id"),
        ({"reason": " "}, "reason"),
        ({"reason": None}, "reason"),
        ({"details": "x" * 2001}, "details"),
    ],
)
def test_a_wrong_report_names_the_field(user: Client, pin: Pin, body: dict[str, Any], field: str) -> None:
    refused = user.post(REPORTS, {**about(pin), **body})
    assert refused.status == 422
    assert [each["field"] for each in refused.error["details"]] == [field]


def test_three_reporters_make_all_reports_urgent(sign_in: SignIn, moderator: Client, pin: Pin) -> None:
    other = store.create(Pin(id=new_id(), author_id=make_user("user").id))
    people = [sign_in("user") for _ in range(4)]
    alone = reported(people[0], other)
    ids = [reported(client, pin) for client in people[:2]]
    assert shown(moderator, "?priority=high") == []
    ids += [reported(client, pin) for client in people[2:]]
    assert shown(moderator, "?priority=high") == ids[::-1]
    assert shown(moderator, "?priority=high&sort=created_at") == ids
    assert shown(moderator, "?priority=normal&status=pending") == [alone]
    assert shown(moderator, "?status=approved") == []
    assert shown(moderator) == [*ids[::-1], alone]
    moderator.put(f"{QUEUE}/{ids[0]}", {"action": "reject", "reason_for_rejection": "Fine"})
    assert shown(moderator, "?status=rejected") == [ids[0]]
    assert shown(moderator, "?status=pending&priority=high") == ids[:0:-1]


def test_of_many_reporters_at_once_every_report_is_urgent_and_counted(
    sign_in: SignIn, moderator: Client, pin: Pin
) -> None:
    people = [sign_in("user") for _ in range(6)]
    done = in_threads(6, lambda place: people[place].post(REPORTS, about(pin)).status)
    assert done == [201] * 6
    assert len(shown(moderator, "?priority=high")) == 6
    twice = in_threads(4, lambda _: people[0].post(REPORTS, about(pin)).status)
    assert twice == [409] * 4


def test_an_approval_takes_the_content_down_and_decides_all_its_reports(
    noon: FrozenClock, sign_in: SignIn, moderator: Client, pin: Pin
) -> None:
    ids = [reported(sign_in("user"), pin) for _ in range(2)]
    noon.advance(minutes=1)
    decided = moderator.put(f"{QUEUE}/{ids[0]}", {"action": "approve"})
    assert decided.status == 200
    told = {key: decided.body[key] for key in ("status", "removed", "decided_by", "decided_at")}
    by = account_of(moderator).id
    assert told == {"status": "approved", "removed": True, "decided_by": by, "decided_at": "2026-11-30T12:01:00Z"}
    assert not is_shown(pin)
    assert shown(moderator, "?status=approved") == ids[::-1]
    again = moderator.put(f"{QUEUE}/{ids[1]}", {"action": "reject", "reason_for_rejection": "Fine"})
    assert (again.status, again.error["code"]) == (409, "report_decided")
    assert moderator.post(f"{QUEUE}/{ids[0]}/remove").error["code"] == "already_removed"
    assert sign_in("user").post(REPORTS, about(pin)).status == 404


def test_more_reports_than_one_approval_decides_are_decided_by_the_next(
    sign_in: SignIn, moderator: Client, pin: Pin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "TOGETHER", 2)
    ids = [reported(sign_in("user"), pin) for _ in range(4)]
    moderator.put(f"{QUEUE}/{ids[3]}", {"action": "approve"})
    left = shown(moderator, "?status=pending")
    assert len(left) == 2
    assert moderator.put(f"{QUEUE}/{left[0]}", {"action": "approve"}).body["removed"] is True
    assert shown(moderator, "?status=pending") == []


def test_a_rejection_leaves_the_content_and_needs_a_reason(user: Client, moderator: Client, pin: Pin) -> None:
    at = f"{QUEUE}/{reported(user, pin)}"
    for body in ({"action": "reject"}, {"action": "reject", "reason_for_rejection": " "}):
        refused = moderator.put(at, body)
        assert refused.status == 422
        assert [each["field"] for each in refused.error["details"]] == ["reason_for_rejection"]
    assert moderator.put(at, {"action": "burn"}).error["details"][0]["field"] == "action"
    decided = moderator.put(at, {"action": "reject", "reason_for_rejection": "Nothing wrong with it"}).body
    assert (decided["status"], decided["reason_for_rejection"], decided["removed"]) == (
        "rejected", "Nothing wrong with it", False,
    )  # fmt: skip
    assert is_shown(pin)


def test_a_content_is_taken_down_without_a_decision(user: Client, moderator: Client, pin: Pin) -> None:
    at = f"{QUEUE}/{reported(user, pin)}"
    taken = moderator.post(f"{at}/remove").body
    assert (taken["status"], taken["removed"]) == ("pending", True)
    assert not is_shown(pin)
    assert moderator.get(QUEUE).body["items"] == [taken]
    assert moderator.put(at, {"action": "approve"}).body["status"] == "approved"


def test_of_moderators_who_decide_at_once_one_decides(sign_in: SignIn, user: Client, pin: Pin) -> None:
    at, judges = f"{QUEUE}/{reported(user, pin)}", [sign_in("moderator") for _ in range(4)]
    bodies = [{"action": "approve"}, {"action": "reject", "reason_for_rejection": "Fine"}] * 2
    done = in_threads(4, lambda place: judges[place].put(at, bodies[place]).status)
    assert sorted(done, key=str) == [200, 409, 409, 409]
    status = judges[0].get(at).body["status"]
    assert is_shown(pin) is (status == "rejected")


def test_a_profile_is_reported_and_cleared(user: Client, stranger: Client, moderator: Client) -> None:
    change(stranger, bio="Buy followers", avatar_url="https://example.com/bad.png")
    wish = {"content_type": "profile", "content_id": account_of(stranger).id, "reason": "Spam"}
    made = user.post(REPORTS, wish).body["report_id"]
    report = moderator.get(f"{QUEUE}/{made}").body
    assert report["excerpt"] == "User\nBuy followers\nhttps://example.com/bad.png"
    moderator.put(f"{QUEUE}/{made}", {"action": "approve"})
    cleared = account_of(stranger)
    assert (cleared.bio, cleared.avatar_url, cleared.name) == ("", None, "User")


def test_nobody_judges_about_themselves_or_changes_who_is_above(user: Client, moderator: Client, admin: Client) -> None:
    for judged in (moderator, admin):
        wish = {"content_type": "profile", "content_id": account_of(judged).id, "reason": "Spam"}
        at = f"{QUEUE}/{user.post(REPORTS, wish).body['report_id']}"
        assert moderator.put(at, {"action": "approve"}).status == 403
        assert moderator.post(f"{at}/remove").status == 403


def test_what_moderators_do_stands_in_the_trail(user: Client, moderator: Client, pin: Pin) -> None:
    made = reported(user, pin)
    moderator.post(f"{QUEUE}/{made}/remove")
    moderator.put(f"{QUEUE}/{made}", {"action": "approve"})
    told = [(e.action, e.user_id, e.about) for e in store.query(Entry).items if e.resource == "report"]
    by, author = account_of(moderator).id, pin.author_id
    assert told == [
        ("report.create", account_of(user).id, author), ("content.remove", by, author), ("report.approve", by, author)
    ]  # fmt: skip


def test_a_reporter_is_forgotten_and_the_report_stays(sign_in: SignIn, moderator: Client, pin: Pin) -> None:
    people = [sign_in("user") for _ in range(2)]
    ids = [reported(client, pin) for client in people]
    gone = account_of(people[0]).id
    assert filing.forget(gone, 100)
    assert filing.forget(gone, 100)
    listed = {each["report_id"]: each["reported_by"] for each in moderator.get(QUEUE).body["items"]}
    assert listed == {ids[0]: None, ids[1]: account_of(people[1]).id}


def test_of_an_author_who_is_erased_reports_quote_nothing(
    user: Client, stranger: Client, moderator: Client, pin: Pin
) -> None:
    change(stranger, bio="Call me at home")
    author = account_of(stranger).id
    wish = {"content_type": "profile", "content_id": author, "reason": "Spam"}
    profile, post = user.post(REPORTS, wish).body["report_id"], reported(user, pin)
    assert filing.forget_author(author, 100)
    assert moderator.get(f"{QUEUE}/{profile}").status == 404
    assert filing.forget_author(pin.author_id, 100)
    assert moderator.get(f"{QUEUE}/{post}").body["excerpt"] == ""
    assert shown(moderator) == [post]
    told = [item for item in table_call("Scan")["Items"] if item.get("kind", {"S": ""})["S"].startswith("report")]
    assert [author in str(item) for item in told] == [False, False]
    assert filing.forget_author(author, 100)


def test_who_may(suite: Client, user: Client, moderator: Client, admin: Client, pin: Pin) -> None:
    at = f"{QUEUE}/{reported(user, pin)}"
    clients = (suite, user, moderator, admin)
    assert [c.get(QUEUE).status for c in clients] == [401, 403, 200, 200]
    assert [c.get(at).status for c in clients] == [401, 403, 200, 200]
    assert [c.put(at, {"action": "approve"}).status for c in clients] == [401, 403, 200, 409]
    assert [c.post(f"{at}/remove").status for c in clients] == [401, 403, 409, 409]
    assert suite.post(REPORTS, about(pin)).status == 401
    for missing in (new_id(), "nonsense"):
        assert moderator.get(f"{QUEUE}/{missing}").status == 404
        assert moderator.put(f"{QUEUE}/{missing}", {"action": "approve"}).status == 404
        assert moderator.post(f"{QUEUE}/{missing}/remove").status == 404
