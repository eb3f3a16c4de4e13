"""The clock that sends the messages which are due."""

from caidence.service import api, store
from quintet.messaging.outbox import Swept, sweep


@api.event(schedule="rate(1 minute)", needs={"table:write", "email"}, timeout=50)
def send_due() -> Swept:
    """Send the messages that are due, oldest first"""
    return sweep(store)
