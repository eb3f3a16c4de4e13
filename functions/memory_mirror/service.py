"""Memory Mirror's face: its Api object, and who may call what.

Callers, by the type of a handler's `caller` parameter: `User` is anyone signed in (the person or their family, a
caregiver, an administrator), `Admin` an administrator. Which person's data a caller may see is asked of
accounts/access.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from memory_mirror.audit.trail import Audited
from memory_mirror.envelope import BareEnvelope
from quintet.api import Api, Caller, ErrorType, Request, StandardErrors
from quintet.auth.tokens import Claims
from quintet.store import Store

PATIENT_HEADER = "x-patient-id"
"""Names the patient a caregiver's request is about."""


PATIENT_NOT_FOUND = ErrorType(404, "not_found", "Patient not found")
WHICH_PATIENT = ErrorType(400, "which_patient", "X-Patient-Id: you care for several patients; say which this is about")


api = Api(
    "memory_mirror",
    title="Memory Mirror",
    base="/functions",
    description=(
        "Companion for people living with dementia: conversation, memories, music, night watch, reminders, alerts, "
        "smart home and a verifiable audit log. A caregiver of several patients names one with X-Patient-Id."
    ),
    envelope=BareEnvelope(),
    errors=StandardErrors(
        unauthenticated=ErrorType(401, "unauthorized", "Unauthorized", {"WWW-Authenticate": "Bearer"}),
        forbidden=ErrorType(403, "forbidden", "Unauthorized - Admin access required"),
        invalid=ErrorType(400, "invalid_query", "The request is not valid"),
        invalid_body=ErrorType(400, "invalid_body", "The body must be a JSON object"),
    ),
    around=Audited(),
    own_key=True,
)
fallback = api.fallback
store = Store()


class User(Caller):
    """Anyone signed in. `role` is user, caregiver or admin; `patient_id` what the request names with X-Patient-Id."""

    __slots__ = ("patient_id",)
    headers: ClassVar[Mapping[str, str]] = {"X-Patient-Id": "Names the patient this is about, where there are several"}
    errors: ClassVar[Sequence[ErrorType]] = (PATIENT_NOT_FOUND, WHICH_PATIENT)

    def __init__(self, id: str, claims: Claims) -> None:
        super().__init__(id, claims)
        self.patient_id: str | None = None

    @classmethod
    def identify(cls, request: Request, errors: StandardErrors) -> Self:
        caller = super().identify(request, errors)
        caller.patient_id = request.headers.get(PATIENT_HEADER, "").strip()[:200] or None
        return caller

    @property
    def role(self) -> str:
        return str(self.claims.get("role", ""))

    @property
    def email(self) -> str:
        return str(self.claims.get("email", ""))

    @property
    def name(self) -> str:
        return str(self.claims.get("name", ""))

    @property
    def confirmed(self) -> bool:
        """Whether the address was confirmed when this session began."""
        return self.claims.get("confirmed") is True

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


class Admin(User):
    """An administrator."""

    __slots__ = ()
    restricted = True

    def authorise(self, errors: StandardErrors) -> None:
        if not self.is_admin:
            raise errors.forbidden()


def not_found(what: str) -> ErrorType:
    """404 as the document spells it: `SmartDevice not found`."""
    return ErrorType(404, "not_found", f"{what} not found")


def bad_field(field: str, message: str) -> Exception:
    """400 that names the field it is about, to be raised."""
    return api.errors.invalid_body(details=[{"field": field, "message": message}])
