"""What the clock does beside the documented functions: mails that are due, erasures that are not done."""

from pydantic import BaseModel, ConfigDict

from memory_mirror import service
from memory_mirror.erasure import erasing
from memory_mirror.service import store
from quintet.messaging import outbox

api = service.api.section("housekeeping")


class Swept(BaseModel):
    model_config = ConfigDict(defer_build=True)

    delivered: int
    failed: int
    left: int
    erased: int


@api.event(schedule="rate(1 minute)", needs={"table:write", "email", "secret", "storage:write"}, timeout=50)
def sweep() -> Swept:
    """Send the mails that are due, and go on with erasures"""
    mails = outbox.sweep(store)
    return Swept(**mails.model_dump(), erased=erasing.go_on_with_all(15))
