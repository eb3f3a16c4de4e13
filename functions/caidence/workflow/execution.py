"""How runs go on: from step to step, each a job whose end and whose successor are one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from caidence.access.callers import User
from caidence.access.rows import located
from caidence.activity.log import record
from caidence.envelope import Id
from caidence.service import store
from caidence.tasks.catalogue import OFFERED
from caidence.tasks.registry import JOBS, Acting, Offer, Place, effect_id, place_in, prepared
from caidence.workflow import steps
from caidence.workflow.conditions import holds
from caidence.workflow.entities import Resumption, Run, StepRecord, Workflow
from caidence.workflow.outputs import kept
from caidence.workflow.steps import Branch, CallJob, Step, Wait
from quintet.api import ErrorType
from quintet.jobs import Job, Later, Refused, Work
from quintet.models import now
from quintet.store import Transaction, until_settled

__all__ = ["JOBS", "NOT_FAILED", "TASKS", "WORKFLOW_NOT_FOUND", "begin", "resumed", "within"]

WORKFLOW_NOT_FOUND = ErrorType(404, "workflow_not_found", "Workflow not found")
NOT_FAILED = ErrorType(409, "run_not_failed", "Only a run that failed can be resumed")
DEEPEST: Final = 5
"""How many workflows may call each other."""
LONGEST_POLL: Final = 60
"""Seconds between two looks at a run that a job waits for."""
MOST_JUDGED: Final = 50
"""Called workflows whose steps are judged before a run. When they are called, all of them are judged again."""
REMEMBERED: Final = 20
"""Resumptions that a run remembers."""
_SHORT: Final = 300
"""Characters of the error that such a memory keeps."""
FOLLOWER: Final = "workflow"
EXECUTE: Final = "execute_workflow"


class Nothing(BaseModel):
    """No arguments."""

    model_config = ConfigDict(defer_build=True)


class Execution(BaseModel):
    """The workflow to run."""

    model_config = ConfigDict(defer_build=True)

    workflow_id: Id


class Executed(BaseModel):
    """A run that came to its end."""

    model_config = ConfigDict(defer_build=True)

    workflow_id: str
    run_id: str
    status: str


def within(workflow: Workflow | Run) -> Place:
    """Where the steps of a workflow do their work unless they say otherwise."""
    return place_in(workflow.organization_id, workflow.brand_id)


def steps_of(workflow: Workflow) -> list[Step]:
    """The steps with their types."""
    return [steps.read(each) for each in workflow.steps]


def begin(tx: Transaction, caller: User, workflow: Workflow, *, by: Work | None = None) -> tuple[Run, list[Job]]:
    """Add a new run of a workflow to a transaction, `by` a job that calls it or by the caller; answers it, and the jobs
    to start once that is committed.

    Raises 403 and 404 for steps that the caller may not have done.
    """
    _require_all(caller, steps_of(workflow), within(workflow))
    records = [
        StepRecord(index=index, type=step["type"], input={name: v for name, v in step.items() if name != "type"})
        for index, step in enumerate(workflow.steps)
    ]
    run = Run(
        organization_id=workflow.organization_id, brand_id=workflow.brand_id, workflow_id=workflow.id, steps=records,
        triggered_by=caller.account.id, acting=caller.account.id,
        **({"id": effect_id(by), "called_by": by.id, "depth": Acting.of(by).depth} if by else {}),
    )  # fmt: skip
    run.updated_at = run.created_at
    counted = workflow.model_copy(update={"run_count": workflow.run_count + 1, "last_run_at": run.created_at})
    tx.replace(workflow, counted, refused=None)
    told = f"Ran the workflow {workflow.name}"
    record(tx, caller.account, "workflow.run", told, organization_id=workflow.organization_id)
    jobs = _onward(tx, run, 0)
    tx.create(run)
    return run, jobs


def resumed(tx: Transaction, caller: User, old: Run, *, by: Work | None = None) -> tuple[Run, list[Job]]:
    """Have a failed run go on with the step that failed, in a transaction. Raises 409 for any other run, 403 and 404 as
    `begin` does."""
    if old.status != "failed":
        raise NOT_FAILED()
    left = [_step(old, index) for index in range(old.at, len(old.steps))]
    _require_all(caller, left, within(old))
    run = old.model_copy(deep=True)
    run.status, run.finished_at, run.acting, run.updated_at = "running", None, caller.account.id, now()
    run.called_by = by.id if by else run.called_by
    at = run.steps[run.at]
    failed = Resumption(
        index=at.index, error=(at.error or "")[:_SHORT] or None, started_at=at.started_at, finished_at=at.finished_at,
        resumed_by=caller.account.id, resumed_at=run.updated_at,
    )  # fmt: skip
    run.resumed = [*run.resumed, failed][-REMEMBERED:]
    at.status, at.error, at.started_at, at.finished_at = "pending", None, None, None
    jobs = _onward(tx, run, run.at)
    tx.replace(old, run, refused=None)
    return run, jobs


@JOBS.follower(FOLLOWER)
def step_ended(tx: Transaction, job: Job) -> list[Job]:
    """What a run knows of the end of its step's job, and the job of the next step."""
    place: Mapping[str, str] = job.context["run"]
    old = store.get(
        Run, organization_id=place["organization_id"], workflow_id=place["workflow_id"], id=place["run_id"]
    )  # fmt: skip
    if old is None or old.job_id != job.id:  # not the step that the run is at
        return []
    run = old.model_copy(deep=True)
    moment, at = now(), run.steps[run.at]
    at.started_at, at.finished_at, at.error = at.began(job) or moment, moment, job.reason
    run.started_at, run.updated_at = run.started_at or at.started_at, moment
    jobs: list[Job] = []
    if job.status == "completed":
        output = _output(at, job)
        _answer(run, output)
        at.status, at.output = "completed", kept(output, run)
        run.status = "running"
        jobs = _onward(tx, run, run.at + 1)
    else:
        at.status, run.status, run.finished_at = "failed", "failed", moment
    tx.replace(old, run, refused=None)
    return jobs


@JOBS.task("wait", Nothing)
def wait(_: Work, __: Nothing) -> None:
    """Nothing: the job was delayed."""


@JOBS.task(EXECUTE, Execution)
def execute_workflow(work: Work, body: Execution) -> Executed | Later:
    """Run a workflow, and wait for the run's end by looking again and again; fails as the run does."""
    run = _run_for(work, body)
    if run.status == "completed":
        return Executed(workflow_id=run.workflow_id, run_id=run.id, status=run.status)
    if run.status == "failed":
        at = run.steps[run.at]
        raise Refused(f"The workflow failed at step {at.index} ({at.type}): {at.error}")
    looks = int(work.state.get("looks", 0))
    return Later(min(2**looks, LONGEST_POLL), {"looks": min(looks + 1, 6)})


def _run_for(work: Work, body: Execution) -> Run:
    """The run of this job: begun by its first attempt, or resumed where an earlier job of the step had it fail."""
    acting = Acting.of(work)
    if acting.depth > DEEPEST:
        raise Refused(f"Workflows call each other more than {DEEPEST} deep")
    place: dict[str, Any] = {
        "organization_id": acting.place().organization(),
        "workflow_id": body.workflow_id,
        "id": effect_id(work),
    }
    jobs: list[Job] = []

    def attempt() -> Run:
        jobs.clear()
        run = store.get(Run, **place)
        if run is not None and (run.status != "failed" or work.state or run.called_by == work.id):
            return run
        caller, _ = TASKS[EXECUTE].admitted(work, body)
        tx = store.transaction()
        if run is not None:
            run, jobs[:] = resumed(tx, caller, run, by=work)
        else:
            workflow = located(caller, Workflow, body.workflow_id, WORKFLOW_NOT_FOUND)
            run, jobs[:] = begin(tx, caller, workflow, by=work)
        tx.commit()
        return run

    run = until_settled(attempt)
    for job in jobs:
        JOBS.start(job)
    if jobs:  # it may have come to its end at once
        run = store.get(Run, **place) or run
    return run


def _where(caller: User, execution: Execution, place: Place | None) -> Place:
    found = located(caller, Workflow, execution.workflow_id, WORKFLOW_NOT_FOUND)
    if place is not None and place.organization_id != found.organization_id:
        raise WORKFLOW_NOT_FOUND()
    return Place(found.organization_id, found.brand_id, found.scopes)


def _may_do_its_steps(caller: User, execution: Execution, _: Place) -> None:
    found = located(caller, Workflow, execution.workflow_id, WORKFLOW_NOT_FOUND)
    _require_all(caller, steps_of(found), within(found))


def _require_all(caller: User, given: Sequence[Step], place: Place) -> None:
    """Raise 404 and 403 for what steps do, and those of the workflows that they call, as they stand now."""
    left, seen = [(given, place)], set[str]()
    for each, where in left:
        for errand in steps.admit(caller, each, TASKS, where):
            called = errand.arguments
            if isinstance(called, Execution) and called.workflow_id not in seen and len(seen) < MOST_JUDGED:
                seen.add(called.workflow_id)
                found = located(caller, Workflow, called.workflow_id, WORKFLOW_NOT_FOUND)
                left.append((steps_of(found), within(found)))


TASKS: Final[Mapping[str, Offer[Any]]] = {
    **OFFERED,
    EXECUTE: Offer(execute_workflow, _where, "workflow:write", _may_do_its_steps),
}
"""The tasks that callers may name, running a workflow among them."""


def _onward(tx: Transaction, run: Run, index: int) -> list[Job]:
    """Go on with the step at `index`: decide branches until there is a step that needs a job, or the end."""
    while index < len(run.steps):
        step = _step(run, index)
        if not isinstance(step, Branch):
            return [_begun(tx, run, index, step)]
        index = _decided(run, index, step)
    run.status, run.finished_at = "completed", now()
    run.started_at = run.started_at or run.finished_at
    run.at, run.job_id = len(run.steps) - 1, None
    return []


def _answer(run: Run, output: Any) -> None:
    """Answer the conditions of later branches by the output of the step that the run is at, of which it may keep but a
    part."""
    for index in range(run.at + 1, len(run.steps)):
        step = _step(run, index) if run.steps[index].type == "branch" else None
        if isinstance(step, Branch) and step.when.step == run.at:
            run.steps[index].met = _met(step, output)


def _met(step: Branch, output: Any) -> bool:
    return holds(output, step.when.field, step.when.op, step.when.value)


def _decided(run: Run, index: int, step: Branch) -> int:
    """Decide a branch; answers where it goes on."""
    branch, moment = run.steps[index], now()
    met = branch.met if branch.met is not None else _met(step, run.steps[step.when.step].output)
    target = step.then if met else step.otherwise
    branch.status, branch.output = "completed", {"condition": met, "next": target}
    branch.started_at = branch.finished_at = moment
    for passed in run.steps[index + 1 : target]:
        passed.status = "skipped"
    return target


def _begun(tx: Transaction, run: Run, index: int, step: Step) -> Job:
    """The job of a step, in the transaction."""
    at = run.steps[index]
    errand = steps.errand_of(step, TASKS)
    brand_id = getattr(errand.arguments, "brand_id", None) if errand else None
    acting = Acting(
        user_id=run.acting, organization_id=run.organization_id, brand_id=brand_id or run.brand_id,
        once=at.effect_id, depth=run.depth + 1 if isinstance(step, CallJob) else run.depth,
    )  # fmt: skip
    job = prepared(
        errand.offer.task if errand else wait,
        errand.arguments if errand else Nothing(),
        acting,
        follower=FOLLOWER,
        delay=step.seconds if isinstance(step, Wait) else 0,
        more={"run": {"organization_id": run.organization_id, "workflow_id": run.workflow_id, "run_id": run.id}},
    )
    at.status, at.effect_id = "queued", at.effect_id or job.id
    run.at, run.job_id = index, job.id
    return JOBS.join(tx, job)


def _step(run: Run, index: int) -> Step:
    at = run.steps[index]
    return steps.read({"type": at.type, **at.input})


def _output(at: StepRecord, job: Job) -> Any:
    return {"job_id": job.id, "result": job.result} if at.type == "call_job" else job.result
