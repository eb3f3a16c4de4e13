"""Plans that brands subscribe to."""

import json
from typing import Any, ClassVar

from quintet.errors import ErrorType
from quintet.models import Timestamp
from quintet.store import Entity, Index, Keys
from stoory.plans.billing import BillingCycle, Snapshot

PLAN_NOT_FOUND = ErrorType(404, "plan_not_found", "Plan not found")


def is_active(plan: "Plan") -> bool:
    return plan.is_active


class Plan(Entity):
    """An offer to brands; `price_paise` is due once every billing cycle."""

    kind: ClassVar[str] = "plan"
    keys: ClassVar[Keys] = Keys(
        "PLAN#{id}", "PLAN", gsi1=Index("PLANS", "{id}", when=is_active, counted=True, order="ascending")
    )

    id: str
    name: str
    price_paise: int
    billing_cycle: BillingCycle
    features_json: str = "{}"
    """As JSON text: a caller's own object comes back as it was given, nulls and number forms included."""
    is_active: bool = True
    created_at: Timestamp
    updated_at: Timestamp

    @property
    def features(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.features_json)
        return found

    def snapshot(self) -> Snapshot:
        """What a subscription that begins now takes over."""
        return Snapshot(self.id, self.name, self.price_paise, self.billing_cycle)
