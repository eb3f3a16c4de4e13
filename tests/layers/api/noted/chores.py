"""What runs by itself: on a schedule and from a queue."""

from pydantic import BaseModel

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
