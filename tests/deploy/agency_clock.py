"""What the platform's schedules and queues bring about, each seen once.

Processes that died are played by one that stops right after its first write, with the deployer's own rights.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from infra.local.environment import REGION
from infra.local.systems import FUNCTIONS, LAYER
from infra.render.systems import ROOT
from tests.deploy.stories import Stage
from tests.deploy.waiting import every_minute, until

_DIED = """
import json, sys
from caidence.design.entities import LooseFile
from caidence.discovery import ledger
from caidence.presentations.generation import PresentationWish
from caidence.service import api, store
from caidence.tasks.registry import Acting, JOBS, prepared
from quintet.models import epoch
api.load()
user, organization = sys.argv[1:]
hold = ledger.hold(user, "post-details", 1)
store.create(LooseFile(file="design/never/finished.png", due=epoch()))
wish = PresentationWish(title="Never sent", source_type="campaign")
acting = Acting(user_id=user, organization_id=organization)
made = [prepared(JOBS.tasks["generate_presentation"], wish, acting, delay=delay) for delay in (0, 900)]
for job in made:
    store.create(job)
print(json.dumps({"hold": hold.id, "organization": organization, "sent": made[0].id, "buried": made[1].id}))
"""


def leave_behind(stage: Stage, user: str, organization: str) -> None:
    """Have a process die that has held credits, noted a file, and stored two jobs without sending them.

    The message of the second job is among the dead letters; the first one's was never sent.
    """
    settings = {
        "QUINTET_SYSTEM": "caidence", "QUINTET_TABLE": stage.resources["Table"], "AWS_REGION": REGION,
        "PYTHONPATH": f"{FUNCTIONS}:{LAYER}",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _DIED, user, organization],
        cwd=ROOT, env={**stage.cloud.credentials, **settings}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    left: dict[str, str] = json.loads(done.stdout)
    note = {"tenant": organization, "id": left["buried"], "attempt": 0}
    queue = stage.resources["DeadJobsQueue"]
    stage.cloud.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(note))
    stage.notes["left"] = left


def _job(stage: Stage, name: str) -> Any:
    left = stage.notes["left"]
    return _item(stage, f"JOBS#{left['organization']}", left[name])


def _item(stage: Stage, partition: str, sort: str) -> Any:
    key = {"PK": {"S": partition}, "SK": {"S": sort}}
    return stage.cloud.client("dynamodb").get_item(TableName=stage.resources["Table"], Key=key).get("Item")


def _jobs_were_run(stage: Stage) -> None:
    """The story has waited for them; here they are."""
    for job in stage.notes["jobs"]:
        assert _item(stage, f"JOBS#{stage.notes['agency']}", job)["status"]["S"] == "completed"


def _dead_letter_ended_its_job(stage: Stage) -> None:
    until(lambda: _job(stage, "buried")["status"]["S"] == "failed")
    assert "given up by the queue" in _job(stage, "buried")["reason"]["S"]


def _what_was_never_sent_was_done(stage: Stage) -> None:
    until(lambda: _job(stage, "sent")["status"]["S"] == "completed")


def _credits_came_back(stage: Stage) -> None:
    left = stage.notes["left"]
    until(lambda: _item(stage, f"CREDITS#{stage.notes['agent']}#HOLDS", left["hold"]) is None)


def _loose_file_went(stage: Stage) -> None:
    file = "design/never/finished.png"
    with every_minute(stage, "DesignSweepFiles"):
        until(lambda: _item(stage, f"LOOSE#{file}", "FILE") is None)


EFFECTS = {
    "jobs.run": _jobs_were_run,
    "jobs.bury": _dead_letter_ended_its_job,
    "jobs.sweep": _what_was_never_sent_was_done,
    "discovery.release_expired_holds": _credits_came_back,
    "design.sweep_files": _loose_file_went,
}
