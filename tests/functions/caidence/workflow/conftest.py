"""What tests of workflows ask often."""

from __future__ import annotations

from typing import Any

from caidence.directory.entities import Organization
from caidence.service import store
from caidence.workflow.entities import Run, Workflow
from tests.functions.caidence.conftest import BASE

WORKFLOW = f"{BASE}/workflow"
COPY = {
    "type": "generate_content", "title": "Summer", "platform": "instagram", "content_type": "caption",
    "prompt": "Juice for runners.",
}  # fmt: skip
PICTURE = {"type": "generate_design", "title": "Summer", "style": "minimal", "prompt": "Juice", "aspect_ratio": "4:5"}
MAIL = {"type": "send_email", "to_email": "maria@example.com", "subject": "Ready", "body": "The copy is ready."}
PAUSE = {"type": "wait", "seconds": 60}
DECK = {
    "type": "call_job", "task_name": "generate_presentation", "kwargs": {"title": "Summer", "source_type": "campaign"},
}  # fmt: skip


def branch(step: int, field: str, op: str, value: Any, then: int, otherwise: int) -> dict[str, Any]:
    condition = {"step": step, "field": field, "op": op, "value": value}
    return {"type": "branch", "if": condition, "then": then, "else": otherwise}


def make_workflow(organization: Organization, *steps: dict[str, Any], **fields: Any) -> Workflow:
    workflow = Workflow(
        organization_id=organization.id, name="Launch", description="", steps=list(steps) or [COPY], **fields
    )  # fmt: skip
    return store.create(workflow)


def the_run(workflow: Workflow) -> Run:
    """The only run of a workflow, as it is stored now."""
    (found,) = store.query(Run, organization_id=workflow.organization_id, workflow_id=workflow.id).items
    return found


def told(run: Run) -> list[str]:
    return [step.status for step in run.steps]
