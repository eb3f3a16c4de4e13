"""Messages that were not sent when what they tell of happened."""

from quintet.messaging.outbox import Swept, sweep
from stoory.service import api, store


@api.event(schedule="rate(1 minute)", needs={"table:write", "email"}, timeout=50)
def send_due() -> Swept:
    """Send the messages that are due, oldest first"""
    return sweep(store)
