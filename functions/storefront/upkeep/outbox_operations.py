"""Messages that were not sent when what they tell of happened."""

from quintet.messaging.outbox import Swept, sweep
from storefront import service
from storefront.service import store

api = service.api.section("notifications")


@api.event(schedule="rate(1 minute)", needs={"table:write", "email"}, timeout=50)
def send_due() -> Swept:
    """Send the messages that are due, oldest first"""
    return sweep(store)
