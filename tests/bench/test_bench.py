"""The benchmark itself: what it measures is what it says it measures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from quintet.settings import Settings
from quintet.store import Entity, Index, Keys, Store, exists
from tests.bench import listing, plain_shops, scenes, walk
from tests.bench.jobs import Failed, Figure, Job, run
from tests.bench.meter import Usage, metered
from tests.bench.report import Measured, Spent, report


class Thing(Entity):
    """Something small, listed and counted."""

    kind = "thing"
    keys = Keys("THING#{id}", "THING", gsi1=Index("THINGS", "{id}", counted=True))

    id: str
    text: str = ""


def test_the_meter_books_every_request_with_its_units(table: Settings) -> None:
    store = Store()
    with metered() as usage:
        store.create(Thing(id="a"))
    assert usage.requests == ["TransactWriteItems"]
    assert usage.writes == (2 + 1) + (2 + 1)  # the thing and its counter, each in the table and in the index
    with metered() as usage:
        assert store.get(Thing, id="a")
        assert store.get(Thing, id="b", consistent=False) is None
        assert store.count(Thing, "gsi1") == 1
    assert usage.summary == "2 GetItem, Query"
    assert (usage.reads, usage.writes) == (1 + 0.5 + 1, 0)


def test_the_meter_counts_what_a_query_reads_however_little_it_answers(table: Settings) -> None:
    store = Store()
    store.write_batch([Thing(id=str(n), text="x" * 1000).model_dump() | {"PK": "P", "SK": str(n)} for n in range(9)])
    from quintet.store.calls import table_call

    with metered() as usage:
        table_call("Query", KeyConditionExpression="PK = :pk", ExpressionAttributeValues={":pk": {"S": "P"}},
                   ProjectionExpression="SK", ConsistentRead=True)  # fmt: skip
    assert (usage.requests, usage.reads) == (["Query"], 3.0)


def test_a_check_in_a_transaction_costs_like_a_write(table: Settings) -> None:
    store = Store()
    store.create(Thing(id="a"))
    with metered() as usage:
        tx = store.transaction()
        tx.check(Thing.key(id="a"), [exists()])
        tx.put_raw({"PK": "x", "SK": "x"})
        tx.commit()
    assert usage.writes == 2 + 2


def test_the_meter_stops_when_its_block_ends(table: Settings) -> None:
    with metered() as usage:
        pass
    Store().create(Thing(id="a"))
    assert usage.summary == "none"


def test_every_operation_of_the_shop_is_walked_and_public_ones_only_read() -> None:
    used = walk.measure("storefront")
    assert used["catalog.get_product"].requests == ["GetItem"]
    assert used["catalog.get_product"].reads == 0.5
    assert used["catalog.list_products"].requests == ["Query"]
    assert "TransactWriteItems" in used["orders.create_order"].requests
    assert all(usage.writes == 0 for name, usage in used.items() if name.startswith("catalog."))


def test_every_operation_of_the_marketplace_is_walked_and_does_its_work() -> None:
    used = walk.measure("stoory")
    assert used["campaigns.get"].requests == ["GetItem"]
    assert used["chat.history"].requests == ["GetItem", "Query"]
    for name in ("applications.accept", "payments.verify", "payments.webhook", "payments.release",
                 "campaigns.expire"):  # fmt: skip
        assert "TransactWriteItems" in used[name].requests, name
    assert used["subscriptions.renew"].writes > 0
    for name in ("campaigns.list_campaigns", "plans.list_plans", "wallet.get", "users.me"):
        assert (used[name].writes, used[name].reads > 0) == (0, True), name


def test_every_operation_of_the_companion_is_walked_and_does_its_work() -> None:
    used = walk.measure("memory_mirror")
    assert used["auth.me"].requests == ["GetItem"]
    for name in ("memories.recall", "insights.detect_behavior_anomalies", "entities.list_all"):
        # What was read is in the audit log before it is answered.
        assert used[name].requests[-1] == "TransactWriteItems", name
    for name in ("night.detect_night_emergency", "notifications.trigger_reminders",
                 "notifications.check_alert_conditions", "playlists.play_scheduled_playlist"):  # fmt: skip
        assert "TransactWriteItems" in used[name].requests, name
    assert used["translation.translate_text"].summary == "none"
    assert used["housekeeping.sweep"].writes == 0


def test_every_operation_of_the_agency_platform_is_walked_and_does_its_work() -> None:
    used = walk.measure("caidence")
    for name in ("auth.me", "profile.get", "rbac.get_my_permissions"):
        # The caller's account, grants and all roles, and nothing beside them.
        assert used[name].summary == "BatchGetItem", name
    assert used["brands.get"].requests == ["BatchGetItem", "GetItem"]
    for name in ("organizations.create", "teams.create", "rbac.assign_role", "admin.invite", "auth.register"):
        assert "TransactWriteItems" in used[name].requests, name
    for name in ("brands.list_brands", "admin.list_users", "admin.get_billing", "rbac.list_audit_log"):
        assert (used[name].writes, used[name].reads > 0) == (0, True), name
    assert used["notifications.send_due"].writes > 0
    assert used["health.check"].summary == "none"


def test_every_operation_of_the_business_suite_is_walked_and_does_its_work() -> None:
    used = walk.measure("softfactory")
    # The caller's account, and what the tier counts: nothing for administrators.
    assert used["auth.current_user"].requests == ["BatchGetItem", "UpdateItem"]
    assert used["rbac.list_permissions"].requests == ["BatchGetItem"]
    assert used["health.check"].summary == "none"
    for name in ("auth.register", "files.upload", "i18n.upsert_strings", "rbac.assign_role", "admin.ban"):
        assert "TransactWriteItems" in used[name].requests, name
    for name in ("admin.list_users", "rbac.access_report", "rbac.list_roles"):
        assert (used[name].writes, used[name].reads > 0) == (0, True), name


def test_page_one_costs_the_same_however_long_the_list_is() -> None:
    found = listing.measure((30, 300))
    short, long = [[one for one in found if one.length == length] for length in (30, 300)]
    assert [one.usage.requests for one in short] == [one.usage.requests for one in long] == [["Query"]] * 2
    assert short[0].usage.reads == long[0].usage.reads


def test_the_shops_beside_ours_ask_aws_for_the_same_things(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "lambda_python", lambda: Path(sys.executable))
    monkeypatch.setattr(plain_shops, "frameworks_python", lambda: Path(sys.executable))
    found = {(f, o): job for f, o, job in [*(("", o, job) for o, job in scenes.jobs()), *plain_shops.jobs()]}

    def asked(framework: str, operation: str) -> list[str]:
        requests = [exchange["request"] for exchange in found[framework, operation].again]
        return [r.rpartition(".")[2] for r in requests if r.startswith("DynamoDB")]

    for framework in ("FastAPI + Mangum", "Chalice"):
        for operation in ("get product", "list products"):
            assert asked(framework, operation) == asked("", operation)
        # Ours then takes the confirmed e-mail out of the outbox.
        assert [*asked(framework, "create order"), "DeleteItem"] == asked("", "create order")


def test_a_child_says_what_it_cost_and_fails_when_the_answer_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(
        "def handler(event, context):\n    sum(range(10_000))\n    return {'statusCode': event['status']}\n"
    )
    job = Job("busy", Path(sys.executable), [str(tmp_path)], "busy", "handler", {"status": 200})
    cpu, batches = run(job, calls=5, batches=3)
    assert cpu > 10
    assert len(batches) == 3
    assert all(0 < batch < cpu for batch in batches)
    wrong = Job("busy", Path(sys.executable), [str(tmp_path)], "busy", "handler", {"status": 500})
    with pytest.raises(Failed, match=r"busy\.handler answered"):
        run(wrong)


def test_the_report_has_a_row_for_everything() -> None:
    figure = Figure(100.0, 90.0, 110.0, 7)
    warm = Figure(0.25, 0.2, 0.3, 15)
    with_usage = Usage(["GetItem", "Query", "Query"], 2.5, 0.0)
    text = report(
        Figure(200.0, 190.0, 210.0, 7),
        [Measured("Quintet", "get product", ["GetItem"], figure, warm)],
        [Spent("Storefront", "catalog.get_product", "GET /x", with_usage)],
        [listing.Listed(10_000, "page=1&page_size=20", with_usage, 1.25, 2048)],
        {"boto3": "1.0"},
    )
    assert "| Quintet: get product | 100 | 90–110 | 0.50 | GetItem |" in text
    assert "| get product | 0.25 (0.20–0.30) |" in text
    assert "| 10,000 | page=1, page_size=20 | GetItem, 2 Query | 2.5 | 2.0 | 1.2 |" in text
    assert "| catalog.get_product | GET /x | GetItem, 2 Query | 2.5 | 0 |" in text
