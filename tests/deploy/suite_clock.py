"""What the suite's schedules bring about, each seen once.

What a process left that died is played by one that stops right after its write, with the deployer's own rights.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from infra.local.environment import REGION
from infra.local.systems import FUNCTIONS, LAYER
from infra.render.systems import ROOT
from tests.deploy.stories import Stage
from tests.deploy.waiting import every_minute, until

_DIED = """
import json
from datetime import timedelta
from quintet.models import new_id, now
from softfactory.access.changes import add_user
from softfactory.access.roles import MODERATOR, USER
from softfactory.files.entities import Loose
from softfactory.people.entities import EmailClaim, HeldRole, User
from softfactory.privacy.entities import DataExport
from softfactory.privacy.exporting import Order, export_data
from softfactory.service import store
from softfactory.work import JOBS
store.create(Loose(id="never", file_id="never", objects=["files/never.png"], due=int(now().timestamp())))
held = [HeldRole(role_id=USER.id, assigned_at=now()),
        HeldRole(role_id=MODERATOR.id, assigned_at=now(), expires_at=now() - timedelta(minutes=1))]
made = User(id=new_id(), email="ended@example.com", name="Ended", role="", roles=held)
tx = store.transaction()
add_user(tx, made)
tx.create(EmailClaim(email=made.email, user_id=made.id))
tx.commit()
gone = User(id=new_id(), email="gone@example.com", name="Gone", role="", roles=held[:1], deletion_due=now())
tx = store.transaction()
add_user(tx, gone)
tx.create(EmailClaim(email=gone.email, user_id=gone.id))
tx.commit()
jobs = [JOBS.prepare(export_data, Order(user_id=made.id), tenant=made.id, delay=delay) for delay in (0, 900)]
for job in jobs:
    store.create(job)
store.create(DataExport(user_id=made.id, job_id=jobs[0].id))
told = {"ended": made.id, "gone": gone.id, "sent": jobs[0].id, "buried": jobs[1].id}
print(json.dumps(told))
"""


def leave_behind(stage: Stage) -> None:
    """Have a process die that has noted a file it never kept, stored two jobs without sending them, and left an account
    whose role has ended and one whose time has come. The message of the second job is among the dead letters."""
    settings = {
        "QUINTET_SYSTEM": "softfactory", "QUINTET_TABLE": stage.resources["Table"], "AWS_REGION": REGION,
        "PYTHONPATH": f"{FUNCTIONS}:{LAYER}",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _DIED],
        cwd=ROOT, env={**stage.cloud.credentials, **settings}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    left = stage.notes["left"] = json.loads(done.stdout)
    note = {"tenant": left["ended"], "id": left["buried"], "attempt": 0}
    queue = stage.resources["DeadJobsQueue"]
    stage.cloud.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(note))


def _item(stage: Stage, partition: str, sort: str) -> Any:
    key = {"PK": {"S": partition}, "SK": {"S": sort}}
    return stage.cloud.client("dynamodb").get_item(TableName=stage.resources["Table"], Key=key).get("Item")


def _role_was_taken_off(stage: Stage) -> None:
    until(lambda: _item(stage, f"USER#{stage.notes['left']['ended']}", "USER")["role"]["S"] == "user")


def _orphan_was_cleared(stage: Stage) -> None:
    with every_minute(stage, "FilesSweepUploads"):
        until(lambda: _item(stage, "LOOSE#never", "LOOSE") is None)


def _entries_were_taken_in(stage: Stage) -> None:
    """Nobody reads the log meanwhile."""
    pages = stage.cloud.client("dynamodb").get_paginator("query")
    asked = {
        "TableName": stage.resources["Table"], "KeyConditionExpression": "PK = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "AUDIT#PENDING"}},
    }  # fmt: skip
    until(lambda: not any(page["Items"] for page in pages.paginate(**asked)))


def _job(stage: Stage, name: str) -> Any:
    left = stage.notes["left"]
    return _item(stage, f"JOBS#{left['ended']}", left[name])


def _copy_was_made(stage: Stage) -> None:
    """The story has waited for it; here it is."""
    assert _item(stage, f"JOBS#{stage.notes['ada']}", stage.notes["job"])["status"]["S"] == "completed"


def _dead_letter_ended_its_job(stage: Stage) -> None:
    until(lambda: _job(stage, "buried")["status"]["S"] == "failed")


def _forgotten_job_was_run(stage: Stage) -> None:
    until(lambda: _job(stage, "sent")["status"]["S"] == "completed")


def _account_was_erased(stage: Stage) -> None:
    until(lambda: _item(stage, f"USER#{stage.notes['left']['gone']}", "USER") is None)
    until(lambda: _item(stage, "EMAIL#gone@example.com", "EMAIL") is None)


def _accounts_were_counted(stage: Stage) -> None:
    """Nobody counts by hand."""
    with every_minute(stage, "AdminCountAccounts"):
        until(lambda: _item(stage, "CENSUS", "CENSUS") is not None)


def _mail_came(stage: Stage) -> None:
    """The function that was asked for a new password may send no mail: only the schedule does."""
    assert any("ada@example.com" in json.dumps(mail) for mail in stage.cloud.mails())


EFFECTS: dict[str, Callable[[Stage], None]] = {
    "auth.send_mails": _mail_came,
    "jobs.run": _copy_was_made,
    "jobs.bury": _dead_letter_ended_its_job,
    "jobs.sweep": _forgotten_job_was_run,
    "admin.erase_due": _account_was_erased,
    "admin.count_accounts": _accounts_were_counted,
    "rbac.settle_ended": _role_was_taken_off,
    "files.sweep_uploads": _orphan_was_cleared,
    "audit.sequence": _entries_were_taken_in,
}
