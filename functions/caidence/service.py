"""The platform's face: its Api object, its store, and the environment it runs in."""

from caidence.envelope import DetailEnvelope
from quintet.api import Api, ErrorType, StandardErrors
from quintet.settings import settings
from quintet.store import Store

api = Api(
    "caidence",
    title="C(AI)DENCE",
    base="/api/v1",
    description="AI marketing platform: campaigns, content, design, creator discovery, CRM, organizations and roles.",
    envelope=DetailEnvelope(),
    metered=True,
    errors=StandardErrors(
        unauthenticated=ErrorType(
            401, "unauthorized", "Could not validate credentials", {"WWW-Authenticate": "Bearer"}
        ),
        forbidden=ErrorType(403, "forbidden", "Not enough permissions"),
        invalid=ErrorType(422, "invalid_query", "Validation failed"),
        invalid_body=ErrorType(422, "invalid_body", "Validation failed"),
        malformed_path=ErrorType(422, "invalid_path", "Validation failed"),
        not_found=ErrorType(404, "not_found", "Not Found"),
    ),
)
fallback = api.fallback
store = Store()


def in_development() -> bool:
    """Whether requests without a token act as the default account. Raises RuntimeError for a deployed stage that is
    told so: it would be open to everybody."""
    if settings().get("QUINTET_ENVIRONMENT", "production") != "development":
        return False
    if not settings().is_local:
        raise RuntimeError(f"ENVIRONMENT=development is for a laptop, not for the stage {settings().stage!r}")
    return True
