"""The demo's workflow: made once, sound, and it runs to its end."""

from __future__ import annotations

from caidence.directory.entities import Organization
from caidence.service import store
from caidence.tasks.registry import JOBS
from caidence.workflow import demo
from caidence.workflow.entities import Workflow
from quintet.testing import Client
from tests.functions.caidence.conftest import SignIn, account_of, make_brand
from tests.functions.caidence.workflow.conftest import WORKFLOW, the_run, told
from tests.support.line import Line


def test_the_demos_workflow_is_made_once_and_runs_to_its_end(
    sign_in: SignIn, organization: Organization, line: Line
) -> None:
    admin: Client = sign_in("agency_admin")
    brand = make_brand(organization)
    first, second = (demo.seed_workflow(account_of(admin), brand) for _ in range(2))
    assert first == second
    assert store.count(Workflow, organization_id=organization.id) == 1
    sent = {"name": "Copy", "description": "", "steps_json": first.steps}
    assert admin.post(WORKFLOW, sent).body["steps_json"] == list(demo.STEPS)
    assert admin.post(f"{WORKFLOW}/{first.id}/run").status == 200
    line.run_dry(JOBS)
    assert told(the_run(first)) == ["completed"] * 5
