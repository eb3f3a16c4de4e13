"""Demo data of workflows: one that writes, decides, paints and tells of it."""

from typing import Any, Final

from caidence.activity.log import record
from caidence.directory.entities import Brand, User
from caidence.service import store
from caidence.workflow.entities import Workflow

LAUNCH: Final = "01930000-0000-7000-8000-000000001901"
"""A fixed id, so that a seeding that was interrupted and is begun again makes nothing twice."""
STEPS: Final[tuple[dict[str, Any], ...]] = (
    {
        "type": "generate_content",
        "title": "Blood orange is back",
        "platform": "instagram",
        "content_type": "caption",
        "prompt": "Announce the return of our cold-pressed blood orange juice. Bright, honest, never sugary.",
    },
    {
        "type": "branch",
        "if": {"step": 0, "field": "content", "op": "contains", "value": "orange"},
        "then": 2,
        "else": 3,
    },
    {
        "type": "generate_design",
        "title": "Blood orange is back",
        "style": "bold",
        "prompt": "A glass of blood orange juice in the morning sun",
        "aspect_ratio": "4:5",
        "brand_colors": ["#F28C28", "#B3001B", "#FFF4E0"],
    },
    {"type": "wait", "seconds": 5},
    {
        "type": "send_email",
        "to_email": "agency@quintet.test",
        "subject": "The blood orange post is ready",
        "body": "Copy and picture are in the studio. Have a look before they go out.",
    },
)


def seed_workflow(user: User, brand: Brand) -> Workflow:
    """Give a brand its workflow, made by this user, and answer it; one that is there already stays as it is."""
    found = store.get(Workflow, organization_id=brand.organization_id, id=LAUNCH)
    if found is not None:
        return found
    new = Workflow(
        id=LAUNCH, organization_id=brand.organization_id, brand_id=brand.id, name="A post, start to end",
        description="Writes the caption, paints the picture if the caption is about oranges, and tells the agency.",
        steps=[dict(step) for step in STEPS],
    )  # fmt: skip
    new.updated_at = new.created_at
    tx = store.transaction()
    tx.create(new)
    told = f"Created the workflow {new.name}"
    record(tx, user, "workflow.created", told, organization_id=brand.organization_id)
    tx.commit()
    return new
