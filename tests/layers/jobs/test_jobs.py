"""Jobs: each is done once, whoever dies, whatever is lost, delayed or repeated, and its end is told."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.errors import ApiError, ErrorType
from quintet.jobs import Job, Jobs, Later, Note, Refused, Status, Superseded, Task, Work, health, reason_of, results
from quintet.jobs.jobs import AGAIN, LARGEST, Undecided
from quintet.jobs.tasks import pause_after
from quintet.messaging import queue as queues
from quintet.models.time import FrozenClock, epoch
from quintet.net import aws
from quintet.providers.errors import NotConfigured, Rejected, Throttled
from quintet.settings import use
from quintet.store import ConditionFailed, Entity, Keys, Transaction
from tests.conftest import Systems
from tests.layers.jobs.conftest import STORE, Sum, now_of
from tests.support.aws import in_threads
from tests.support.calls import crashing, recorded
from tests.support.line import Killed, Line

pytestmark = pytest.mark.dynamodb


class Row(Entity):
    """An effect of a task."""

    kind = "row"
    keys = Keys("ROW#{id}", "ROW")

    id: str
    total: int = 0


def adding(jobs: Jobs) -> Task[Sum]:
    """A task whose effect is a row that is written with its end."""

    @jobs.task("add", Sum)
    def add(work: Work, body: Sum) -> dict[str, int]:
        work.join(lambda tx: tx.create(Row(id=work.id, total=body.a + body.b)))
        return {"total": body.a + body.b}

    return add


def failing(jobs: Jobs, *errors: Exception, attempts: int = 4) -> Task[Sum]:
    """A task that fails with these errors in turn, then does well."""
    left = list(errors)

    @jobs.task("shaky", Sum, attempts=attempts)
    def shaky(_work: Work, body: Sum) -> dict[str, int]:
        if left:
            raise left.pop(0)
        return {"total": body.a}

    return shaky


def test_a_job_is_stored_with_its_cause_sent_afterwards_and_run_once(jobs: Jobs, line: Line) -> None:
    add = adding(jobs)
    tx = STORE.transaction()
    tx.create(Row(id="cause"))
    job = jobs.join(tx, jobs.prepare(add, Sum(a=2, b=3), tenant="acme", context={"user": "ann"}))
    assert line.sent == []
    tx.commit()
    assert jobs.start(job).status == "queued"
    assert line.sent == [(0, Note(tenant="acme", id=job.id, attempt=0))]
    assert (now_of(job).status, now_of(job).arguments, now_of(job).context) == (
        "queued",
        {"a": 2, "b": 3},
        {"user": "ann"},
    )

    assert line.deliver(jobs) == 1
    done = now_of(job)
    assert (done.status, done.result, done.progress, done.attempts, done.reason) == (
        "completed",
        {"total": 5},
        100,
        1,
        None,
    )
    assert done.started_at is not None
    assert done.finished_at is not None
    assert done.expires_at == epoch() + 30 * 86_400
    row = STORE.get(Row, id=job.id)
    assert row is not None
    assert row.total == 5


def test_a_cause_that_does_not_happen_leaves_no_job(jobs: Jobs, line: Line) -> None:
    STORE.create(Row(id="taken"))
    tx = STORE.transaction()
    tx.create(Row(id="taken"))
    job = jobs.join(tx, jobs.prepare(adding(jobs), Sum(a=1), tenant="acme"))
    with pytest.raises(ConditionFailed):
        tx.commit()
    assert STORE.get(Job, tenant="acme", id=job.id) is None


def test_a_repeated_message_runs_nothing_again(jobs: Jobs, line: Line) -> None:
    runs: list[int] = []

    @jobs.task("count", Sum)
    def count(_work: Work, body: Sum) -> None:
        runs.append(body.a)

    job = jobs.begin(jobs.prepare(count, Sum(a=1), tenant="acme"))
    line.lying *= 3
    assert line.deliver(jobs) == 3
    assert runs == [1]
    assert now_of(job).attempts == 1


def test_messages_of_jobs_that_are_not_there_are_dropped(jobs: Jobs, line: Line) -> None:
    jobs.take(Note(tenant="acme", id="gone"))
    jobs.bury(Note(tenant="acme", id="gone"))


def test_two_consumers_at_once_make_one_attempt(jobs: Jobs, line: Line) -> None:
    runs: list[str] = []

    @jobs.task("count", Sum)
    def count(work: Work, _body: Sum) -> None:
        runs.append(work.id)

    job = jobs.begin(jobs.prepare(count, Sum(a=1), tenant="acme"))
    answers = in_threads(6, lambda _: jobs.take(line.sent[0][1]))
    assert answers == [None] * 6
    assert runs == [job.id]


def test_what_fails_for_now_is_tried_again_after_growing_pauses(jobs: Jobs, line: Line) -> None:
    job = jobs.begin(jobs.prepare(failing(jobs, Throttled("slow down"), KeyError("x")), Sum(a=7), tenant="acme"))
    line.deliver(jobs)
    assert (now_of(job).status, now_of(job).reason, now_of(job).attempts) == ("queued", "slow down", 1)
    line.run_dry(jobs)
    assert [pause for pause, _ in line.sent] == [0, 5, 20]
    done = now_of(job)
    assert (done.status, done.result, done.attempts, done.reason) == ("completed", {"total": 7}, 3, None)


def test_a_job_that_fails_too_often_ends_with_its_last_reason_among_the_dead_letters(jobs: Jobs, line: Line) -> None:
    task = failing(jobs, *(Throttled(f"no {n}") for n in range(9)), attempts=3)
    job = jobs.begin(jobs.prepare(task, Sum(a=7), tenant="acme"))
    line.run_dry(jobs)
    done = now_of(job)
    assert (done.status, done.reason, done.attempts, done.result) == ("failed", "no 2", 3, None)
    assert health(STORE, "jobs").dead_letters == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refused("there is nobody to write to"), "there is nobody to write to"),
        (Rejected("SES answered 400"), "SES answered 400"),
        (NotConfigured("SES", "SENDER"), "SES is not configured (SENDER is not set)"),
        (ApiError(404, "x", "Campaign not found"), "Campaign not found"),
        (
            ApiError(422, "x", "Validation failed", [{"field": "a", "message": "too long"}]),
            "Validation failed (a: too long)",
        ),
    ],
)
def test_what_can_never_do_well_fails_at_once(jobs: Jobs, line: Line, error: Exception, reason: str) -> None:
    job = jobs.begin(jobs.prepare(failing(jobs, error), Sum(a=1), tenant="acme"))
    line.run_dry(jobs)
    done = now_of(job)
    assert (done.status, done.reason, done.attempts) == ("failed", reason, 1)
    assert health(STORE, "jobs").dead_letters == 0


def test_a_reason_tells_nothing_of_the_code_and_no_secret() -> None:
    assert reason_of(KeyError("hunter2")) == "The task failed unexpectedly"
    assert "hunter2" not in reason_of(Refused("the service said password: hunter2"))
    assert len(reason_of(Refused("x" * 5000))) == 1000


def test_a_task_that_is_not_known_fails_and_says_so(jobs: Jobs, line: Line) -> None:
    job = STORE.create(Job(tenant="acme", task="forgotten"))
    jobs.take(Note(tenant="acme", id=job.id))
    assert (now_of(job).status, now_of(job).reason) == ("failed", "There is no task called forgotten")


def test_arguments_that_the_model_no_longer_takes_fail_without_showing_them(jobs: Jobs, line: Line) -> None:
    adding(jobs)
    job = STORE.create(Job(tenant="acme", task="add", arguments={"a": "hunter2"}))
    jobs.take(Note(tenant="acme", id=job.id))
    assert now_of(job).reason == "The task failed unexpectedly"


def test_a_delayed_job_waits_for_its_time_whoever_asks(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    job = jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="acme", delay=300))
    assert line.sent[0][0] == 300
    jobs.take(line.sent[0][1])
    assert now_of(job).status == "queued"
    assert line.sent[1][0] == 300
    clock.advance(seconds=300)
    line.deliver(jobs)
    assert now_of(job).status == "completed"


def test_a_long_task_goes_on_where_it_was_and_that_is_no_failure(jobs: Jobs, line: Line) -> None:
    @jobs.task("walk", Sum, attempts=2)
    def walk(work: Work, body: Sum) -> dict[str, int] | Later:
        at = work.state.get("at", 0) + 1
        work.join(lambda tx: tx.create(Row(id=f"{work.id}-{at}")))
        if at < body.a:
            return Later(30, {"at": at}, progress=at * 10)
        return {"at": at}

    job = jobs.begin(jobs.prepare(walk, Sum(a=6), tenant="acme"))
    line.deliver(jobs)
    assert (now_of(job).status, now_of(job).progress, now_of(job).state) == ("queued", 10, {"at": 1})
    line.run_dry(jobs)
    assert (now_of(job).status, now_of(job).result, now_of(job).attempts) == ("completed", {"at": 6}, 6)
    assert [pause for pause, _ in line.sent] == [0, 30, 30, 30, 30, 30]
    assert all(STORE.get(Row, id=f"{job.id}-{n}") for n in range(1, 7))


def test_what_was_noted_down_is_there_for_the_next_attempt(jobs: Jobs, line: Line) -> None:
    seen: list[dict[str, Any]] = []

    @jobs.task("noted", Sum)
    def noted(work: Work, _body: Sum) -> None:
        seen.append(work.state)
        if work.state:
            return
        tx = STORE.transaction()
        tx.create(Row(id=f"{work.id}-half"))
        work.note(50, {"half": True}, tx)
        raise Throttled("not now")

    job = jobs.begin(jobs.prepare(noted, Sum(a=1), tenant="acme"))
    line.deliver(jobs)
    assert (now_of(job).status, now_of(job).progress) == ("queued", 50)
    line.run_dry(jobs)
    assert seen == [{}, {"half": True}]
    assert now_of(job).status == "completed"


def test_failures_before_a_continuation_are_forgiven(jobs: Jobs, line: Line) -> None:
    begun: list[int] = []

    @jobs.task("moody", Sum)
    def moody(work: Work, _body: Sum) -> Later | None:
        begun.append(work.job.tries)
        if len(begun) == 9:
            return None
        if len(begun) % 3:
            raise Throttled("not now")
        return Later(1)

    job = jobs.begin(jobs.prepare(moody, Sum(a=1), tenant="acme"))
    line.run_dry(jobs)
    assert begun == [1, 2, 3] * 3
    assert now_of(job).status == "completed"


def test_an_attempt_whose_lease_ran_out_changes_nothing_any_more(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    outcomes: list[str] = []

    @jobs.task("slow", Sum)
    def slow(work: Work, _body: Sum) -> dict[str, int]:
        attempt = work.job.attempts
        work.join(lambda tx: tx.create(Row(id=f"{work.id}-{attempt}")))
        if attempt == 1:
            clock.advance(minutes=5)
            jobs.sweep()
            line.deliver(jobs)  # another process takes it over, and does well
            try:
                work.note(99, {})
            except Superseded:
                outcomes.append("superseded")
        return {"attempt": attempt}

    job = jobs.begin(jobs.prepare(slow, Sum(a=1), tenant="acme"))
    message = line.lying.pop()[1]
    jobs.take(message)
    assert outcomes == ["superseded"]
    assert (now_of(job).status, now_of(job).result) == ("completed", {"attempt": 2})
    assert STORE.get(Row, id=f"{job.id}-1") is None


def test_nothing_takes_a_job_from_one_whose_lease_lasts(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    runs: list[int] = []

    @jobs.task("slow", Sum)
    def slow(work: Work, _body: Sum) -> None:
        runs.append(work.job.attempts)
        clock.advance(seconds=20)
        jobs.take(Note(tenant="acme", id=work.id))
        assert jobs.sweep().sent == 0
        with pytest.raises(Undecided):
            jobs.bury(Note(tenant="acme", id=work.id))

    job = jobs.begin(jobs.prepare(slow, Sum(a=1), tenant="acme"))
    line.deliver(jobs)
    assert runs == [1]
    assert now_of(job).status == "completed"


def test_a_sweep_sends_what_was_not_sent_and_what_a_dead_process_left(
    jobs: Jobs, line: Line, clock: FrozenClock
) -> None:
    task = adding(jobs)
    unsent = STORE.create(jobs.prepare(task, Sum(a=1), tenant="acme"))
    assert jobs.sweep().model_dump() == {"sent": 0, "run": 0, "left": 0}
    clock.advance(seconds=61)
    assert jobs.sweep().sent == 1
    assert jobs.sweep().sent == 0  # it has its time to be taken
    clock.advance(seconds=AGAIN + 1)
    assert jobs.sweep().sent == 1
    line.deliver(jobs)
    assert now_of(unsent).status == "completed"
    assert jobs.sweep().sent == 0


def test_a_sweep_does_no_more_than_it_is_let(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    for n in range(5):
        STORE.create(jobs.prepare(adding(jobs), Sum(a=n), tenant="acme"))
    clock.advance(seconds=61)
    assert jobs.sweep(limit=3).model_dump() == {"sent": 3, "run": 0, "left": 2}
    assert jobs.sweep(seconds=0).model_dump() == {"sent": 0, "run": 0, "left": 2}
    assert jobs.sweep().model_dump() == {"sent": 2, "run": 0, "left": 0}


def test_a_job_whose_process_dies_every_time_is_given_up(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    @jobs.task("deadly", Sum, attempts=3)
    def deadly(_work: Work, _body: Sum) -> None:
        raise Killed

    job = jobs.begin(jobs.prepare(deadly, Sum(a=1), tenant="acme"))
    for _ in range(3):
        with pytest.raises(Killed):
            line.deliver(jobs)
        line.lying.clear()
        clock.advance(minutes=5)
        jobs.sweep()
    assert now_of(job).status == "failed"
    assert now_of(job).reason == "The process ended before the job did, at attempt 3"
    assert line.deliver(jobs) == 0
    assert health(STORE, "jobs").dead_letters == 1


def test_where_the_queue_cannot_be_reached_the_task_runs_at_once(jobs: Jobs, line: Line) -> None:
    line.down = True
    job = jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="acme"))
    assert (job.status, job.result) == ("completed", {"total": 1})


def test_at_once_a_failure_is_told_and_the_rest_is_a_sweeps(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    line.down = True
    job = jobs.begin(jobs.prepare(failing(jobs, Throttled("slow down")), Sum(a=1), tenant="acme"))
    assert (job.status, job.reason) == ("queued", "slow down")
    clock.advance(seconds=80)
    assert jobs.sweep().run == 1
    assert now_of(job).status == "completed"


def test_where_no_time_is_left_nothing_is_begun_at_once(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    from quintet.net import patience

    line.down = True
    with patience.within(4):
        job = jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="acme"))
    assert job.status == "queued"
    clock.advance(seconds=61)
    assert jobs.sweep().run == 1


@pytest.mark.parametrize("state", ["never begun", "process gone", "over", "tried again", "went on"])
def test_a_dead_letter_ends_its_job_unless_that_went_on(jobs: Jobs, line: Line, clock: FrozenClock, state: str) -> None:
    facts: dict[str, tuple[Status, int, int]] = {
        "never begun": ("queued", 0, 0),
        "process gone": ("running", 1, -1),
        "over": ("completed", 1, 0),
        "tried again": ("queued", 1, 60),
        "went on": ("running", 2, 60),
    }
    status, attempts, due = facts[state]
    job = STORE.create(
        Job(tenant="acme", task="add", status=status, attempts=attempts, due_at=epoch() + due, reason="slow down")
    )
    adding(jobs)
    jobs.bury(Note(tenant="acme", id=job.id, attempt=0))
    ended = state in ("never begun", "process gone")
    assert now_of(job).status == ("failed" if ended else status)
    if ended:
        assert now_of(job).reason == "Its message was given up by the queue; the last attempt said: slow down"


def test_a_follower_is_told_of_every_end_in_its_transaction_and_what_it_makes_is_started(
    jobs: Jobs, line: Line, clock: FrozenClock
) -> None:
    add, shaky = adding(jobs), failing(jobs, Refused("no"))
    told: list[tuple[str, str]] = []

    @jobs.follower("chain")
    def chain(tx: Transaction, job: Job) -> list[Job]:
        told.append((job.task, job.status))
        tx.create(Row(id=f"followed-{job.id}"))
        if job.task == "shaky":
            return [jobs.join(tx, jobs.prepare(add, Sum(a=1), tenant=job.tenant, follower="chain"))]
        return []

    first = jobs.begin(jobs.prepare(shaky, Sum(a=1), tenant="acme", follower="chain"))
    line.run_dry(jobs)
    assert told == [("shaky", "failed"), ("add", "completed")]
    assert STORE.get(Row, id=f"followed-{first.id}") is not None

    lost = STORE.create(jobs.prepare(add, Sum(a=1), tenant="acme", follower="chain"))
    jobs.bury(Note(tenant="acme", id=lost.id))
    assert told[-1] == ("add", "failed")


def test_large_arguments_are_kept_beside_the_job(jobs: Jobs, line: Line) -> None:
    seen: list[int] = []

    @jobs.task("large", Sum)
    def large(_work: Work, body: Sum) -> None:
        seen.append(len(body.text))

    job = jobs.begin(jobs.prepare(large, Sum(a=1, text="ü" * 1_000_000), tenant="acme"))
    assert len(now_of(job).model_dump_json()) < 2000
    line.deliver(jobs)
    assert seen == [1_000_000]


def test_a_result_too_large_to_keep_is_kept_in_part_and_its_effect_stays(jobs: Jobs, line: Line) -> None:
    @jobs.task("wordy", Sum)
    def wordy(work: Work, _body: Sum) -> dict[str, str]:
        work.join(lambda tx: tx.create(Row(id=work.id)))
        return {"id": work.id, "text": "x" * (LARGEST + 1)}

    job = jobs.begin(jobs.prepare(wordy, Sum(a=1), tenant="acme"))
    line.deliver(jobs)
    assert (now_of(job).status, now_of(job).result) == ("completed", {"id": job.id, "text": "x" * 400 + "…"})
    assert STORE.get(Row, id=job.id) is not None


@pytest.mark.parametrize("value", ["x" * 900, ["y" * 300] * 9, {"id": "7", "in": {"org_id": "8", "t": ["z" * 99] * 9}}])
def test_what_does_not_fit_keeps_its_ids(value: Any) -> None:
    assert results.fitted(value, 5000) == value
    short = results.fitted(value, 500)
    assert results.size(short) <= 500
    if isinstance(value, dict):
        assert short == {"bytes": results.size(value), "id": "7", "in": {"org_id": "8"}}


def test_what_is_to_happen_afterwards_happens_only_after_a_good_end(jobs: Jobs, line: Line) -> None:
    happened: list[str] = []

    @jobs.task("telling", Sum)
    def telling(work: Work, body: Sum) -> None:
        work.after(lambda: happened.append(work.job.status))
        if body.a:
            raise Refused("no")

    jobs.begin(jobs.prepare(telling, Sum(a=1), tenant="acme"))
    jobs.begin(jobs.prepare(telling, Sum(a=0), tenant="acme"))
    line.run_dry(jobs)
    assert len(happened) == 1


@pytest.mark.parametrize("task", ["add", "noted"])
def test_a_consumer_killed_before_any_of_its_calls_leaves_a_job_that_is_done_once(
    jobs: Jobs, line: Line, clock: FrozenClock, task: str
) -> None:
    adding(jobs)

    @jobs.task("noted", Sum)
    def noted(work: Work, body: Sum) -> dict[str, int]:
        if not work.state:
            tx = STORE.transaction()
            tx.create(Row(id=work.id))
            work.note(50, {"half": True}, tx)
        work.join(lambda tx: tx.create(Row(id=f"{work.id}-end")))
        return {"total": body.a}

    def run(kill_at: int) -> tuple[Job, int]:
        """Run a job to its end, the process dying once before its n-th call; answers how many calls there were."""
        count = 0

        def happen(_: dict[str, Any]) -> None:
            nonlocal count
            count += 1
            if count == kill_at:
                raise Killed

        job = jobs.begin(jobs.prepare(jobs.tasks[task], Sum(a=1), tenant="acme"))
        try:
            with crashing("*", happen):
                line.deliver(jobs)
        except Killed:
            line.lying.clear()
            clock.advance(minutes=5)
            jobs.sweep()
            line.run_dry(jobs)
        return now_of(job), count

    _, calls = run(kill_at=0)
    assert calls >= 3
    for kill_at in range(1, calls + 1):
        job, _ = run(kill_at)
        assert (job.status, job.attempts <= 2) == ("completed", True)
        assert STORE.get(Row, id=job.id) is not None


def test_health_tells_what_waits_is_under_way_and_was_given_up(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    line.down = True
    assert health(STORE, "jobs").model_dump() == {
        "status": "degraded", "depth": 0, "oldest_age_seconds": 0, "dead_letters": 0, "workers": 0,
    }  # fmt: skip
    line.down = False
    jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="acme"))
    for _ in range(25):
        jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="rival", delay=900))
    jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="rival"))
    STORE.create(Job(tenant="acme", task="add", status="running", due_at=epoch() + 60))
    clock.advance(seconds=40)
    with recorded() as calls:
        found = health(STORE, "jobs")
    assert found.model_dump(exclude={"status"}) == {
        "depth": 2, "oldest_age_seconds": 40, "dead_letters": 0, "workers": 1,
    }  # fmt: skip
    assert len(calls) <= 6
    clock.advance(seconds=870)
    late = health(STORE, "jobs")
    assert (late.depth, late.oldest_age_seconds) == (27, 910)


def test_who_slept_longest_is_not_the_oldest(jobs: Jobs, line: Line, clock: FrozenClock) -> None:
    for _ in range(25):
        jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="acme", delay=60))
    clock.advance(seconds=50)
    jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="acme"))
    clock.advance(seconds=9)
    found = health(STORE, "jobs")
    assert (found.depth, found.oldest_age_seconds) == (1, 9)


def test_the_queue_itself_takes_the_messages(jobs: Jobs, system: Systems) -> None:
    system("demo")
    url = aws.client("sqs").create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    with use({queues.setting_of("jobs"): url}):
        job = jobs.begin(jobs.prepare(adding(jobs), Sum(a=1), tenant="acme"))
        assert job.status == "queued"
        (message,) = aws.client("sqs").receive_message(QueueUrl=url)["Messages"]
        jobs.take(Note.model_validate_json(message["Body"]))
        assert now_of(job).status == "completed"
        assert health(STORE, "jobs").status == "ok"


@given(st.integers(1, 40))
def test_pauses_grow_to_what_a_queue_can_delay(tries: int) -> None:
    assert 5 <= pause_after(tries) <= pause_after(tries + 1) <= queues.LONGEST_DELAY


def test_a_conflict_of_other_writers_is_tried_again(jobs: Jobs, line: Line) -> None:
    gone = ErrorType(409, "conflict", "changed by someone else")
    job = jobs.begin(jobs.prepare(failing(jobs, gone()), Sum(a=1), tenant="acme"))
    line.run_dry(jobs)
    assert (now_of(job).status, now_of(job).attempts) == ("completed", 2)
