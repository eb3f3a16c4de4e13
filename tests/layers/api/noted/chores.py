"""What runs by itself: on a schedule, from queues, and when a note changes."""

from pydantic import BaseModel

from quintet.api.sources import Queue, Stream
from quintet.api.streams import Change
from tests.layers.api.noted.notes import Note
from tests.layers.api.noted.service import api

done: list[str] = []


class Tidied(BaseModel):
    removed: int


class Errand(BaseModel):
    name: str


@api.post("/chores/tidy", schedule="rate(1 minute)", extension=True)
def tidy() -> Tidied:
    """Tidy up; also over HTTP."""
    if "fail" in done:
        raise RuntimeError("cannot tidy")
    done.append("tidied")
    return Tidied(removed=len(done))


@api.event(queue="errands", needs={"table:write"})
def run_errand(body: Errand) -> None:
    """Run one errand of the queue."""
    if body.name == "impossible":
        raise RuntimeError("cannot be done")
    done.append(body.name)


@api.event(queue=Queue("rounds.fifo", batch=5, receives=3))
def make_round(body: Errand) -> None:
    """Run the errands of one round in their order."""
    run_errand.function(body)


@api.event(stream=Stream(Note, events=("INSERT", "REMOVE")))
def note_changed(body: Change[Note]) -> None:
    """Tell of a note that is new or gone."""
    if body.entity.title == "impossible":
        raise RuntimeError("cannot be told")
    done.append(f"{body.event} {body.entity.title}{' expired' if body.expired else ''}")


@api.event(stream=Stream(Note))
def notes_changed(body: list[Change[Note]]) -> None:
    """Tell of a batch of changes at once."""
    done.append(" ".join(f"{change.event}:{change.entity.title}" for change in body))
