"""Compliance: entries that clients add to the audit log themselves.

What the functions read and write is logged without asking (audit/trail); this is for what happens outside of them,
such as a printed export. Entries are appended to the hash chain of the subject they are about: the one that the
request is about (X-Patient-Id), else the caller.
"""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.accounts.access import person
from memory_mirror.audit.chain import append
from memory_mirror.audit.trail import running
from memory_mirror.records.fields import FreeObject
from memory_mirror.service import User, api, not_found
from quintet.models import Email, Length, Line
from quintet.store import BUSY

Label = Annotated[Line, Length(1, 60)]
ResourceId = Annotated[Line, Length(1, 200)]


class ComplianceEvent(BaseModel):
    """An access; its actor is the session's account."""

    model_config = ConfigDict(defer_build=True)

    action_type: Literal["read", "write", "delete", "export", "share"]
    resource_type: Literal["memory", "health_data", "contact_info"]
    resource_id: ResourceId
    details: FreeObject = Field(default_factory=dict)


class NamedEvent(BaseModel):
    """An access by the user that it names: the caller, or for administrators anybody."""

    model_config = ConfigDict(defer_build=True)

    action_type: Label
    user_email: Email
    user_name: Annotated[Line, Length(1, 200)]
    resource_type: Label
    resource_id: ResourceId
    details: FreeObject = Field(default_factory=dict)
    success: bool = True


class Logged(BaseModel):
    model_config = ConfigDict(defer_build=True)

    success: Literal[True] = True
    audit_id: str


@api.post("/auditCompliance", errors=[not_found("Patient"), BUSY], needs={"table:write", "secret"})
def audit_compliance(body: ComplianceEvent, caller: User) -> Logged:
    """Log an access to personal data by the caller"""
    return _logged(caller, body, caller.email, caller.name, success=True)


@api.post("/logAuditEvent", errors=[api.errors.forbidden, not_found("Patient"), BUSY], needs={"table:write", "secret"})
def log_audit_event(body: NamedEvent, caller: User) -> Logged:
    """Log an access by the user it names

    Only administrators may name another user than themselves.
    """
    if body.user_email != caller.email and not caller.is_admin:
        raise api.errors.forbidden()
    return _logged(caller, body, body.user_email, body.user_name, success=body.success)


def _logged(caller: User, body: ComplianceEvent | NamedEvent, email: str, name: str, *, success: bool) -> Logged:
    entry = running().entry(body.action_type, body.resource_type, [body.resource_id], success=success)
    (event,) = append(person(caller).subject, [replace(entry, user_email=email, user_name=name, details=body.details)])
    return Logged(audit_id=event.id)
