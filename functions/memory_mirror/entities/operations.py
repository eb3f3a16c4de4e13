"""The entity API: the data that the functions read and write, as small resources.

The document gives no way to make them; the platform that it describes has such an interface. One piece serves every
kind, driven by the models of `kinds`. Round trips to the table: list 1 for each subject, read 1, create 1,
update and delete 2; a caregiver's first ask who their patients are. Each leaves its audit event (2 more).
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.accounts.patients import NOT_YOURS
from memory_mirror.compliance import audit_log
from memory_mirror.entities import writes
from memory_mirror.entities.pages import page
from memory_mirror.entities.rules import filters, kind_of
from memory_mirror.entities.schemas import Changes, Sent, Shown, all_models
from memory_mirror.records.record import Record, view
from memory_mirror.service import User, api, bad_field, not_found
from quintet.api import ErrorType, Request
from quintet.store import STALE

api.schemas = all_models  # no operation names a kind by itself

NO_SUCH_ENTITY = not_found("Entity")
READ_ONLY = ErrorType(405, "read_only", "AuditLog is read-only", {"Allow": "GET"})
_PAGING = frozenset({"limit", "cursor", "patient_id"})


class EntityQuery(BaseModel):
    """Paging. Any further parameter is a filter by an indexed field of the kind."""

    model_config = ConfigDict(defer_build=True)

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Field(min_length=1, max_length=2048)] | None = None
    patient_id: Annotated[str, Field(min_length=1, max_length=200, description="As X-Patient-Id")] | None = None


class Entities(BaseModel):
    model_config = ConfigDict(defer_build=True)

    items: list[dict[str, Any]]
    next_cursor: str | None


@api.get("//entities/{entity}", extension=True, errors=[NO_SUCH_ENTITY], needs={"table:write"})
def list_all(entity: str, query: EntityQuery, caller: User, request: Request) -> Entities:
    """Records of a kind, newest first

    One's own; for a caregiver those of their patients, all together or of the one that `patient_id` names. Further
    query parameters are equality filters by the kind's indexed fields, such as `?era=1960s` for Memory.
    """
    caller.patient_id = query.patient_id or caller.patient_id
    if entity == audit_log.NAME:
        items, cursor = audit_log.log_page(audit_log.audited_subject(caller), query.limit, query.cursor)
        return Entities(items=items, next_cursor=cursor)
    kind = kind_of(entity)
    equals = filters(kind, request.query, _PAGING)
    found, cursor = page(kind, writes.subjects(caller, kind), equals, query.limit, query.cursor)
    return Entities(items=[view(record) for record in found], next_cursor=cursor)


@api.post(
    "//entities/{entity}",
    status=201,
    extension=True,
    errors=[NO_SUCH_ENTITY, READ_ONLY],
    needs={"table:write"},
    example={"title": "The garden in Seville", "content": "Orange trees, and my mother singing.", "era": "1960s"},
)
def create(entity: str, body: Sent, caller: User) -> Shown:
    """Make a record

    Of the caller, or of a caregiver's patient: the only one, or the one that X-Patient-Id (or `patient_id` in the
    body) names.
    """
    kind = _writable(entity)
    _take_patient(caller, kind, body)
    return view(writes.make(caller, kind, body))


@api.get("//entities/{entity}/{id}", extension=True, errors=[NO_SUCH_ENTITY], needs={"table:write"})
def read(entity: str, id: str, caller: User) -> dict[str, Any]:
    """One record"""
    if entity == audit_log.NAME:
        return audit_log.log_entry(audit_log.audited_subject(caller), id)
    return view(writes.reachable(caller, kind_of(entity), id))


@api.put(
    "//entities/{entity}/{id}",
    extension=True,
    errors=[NO_SUCH_ENTITY, NOT_YOURS, READ_ONLY, STALE],
    needs={"table:write"},
    example={"title": "The garden in Seville, in spring"},
)
def update(entity: str, id: str, body: Changes, caller: User) -> Shown:
    """Change the fields of a record that the body names; null empties a field that may be empty"""
    kind = _writable(entity)
    _take_patient(caller, kind, body)
    return view(writes.change(caller, kind, id, body))


@api.delete(
    "//entities/{entity}/{id}",
    status=204,
    extension=True,
    errors=[NO_SUCH_ENTITY, NOT_YOURS, READ_ONLY, STALE],
    needs={"table:write"},
)
def delete(entity: str, id: str, caller: User) -> None:
    """Delete a record"""
    writes.remove(caller, _writable(entity), id)


def _writable(entity: str) -> type[Record]:
    if entity == audit_log.NAME:
        raise READ_ONLY()
    return kind_of(entity)


def _take_patient(caller: User, kind: type[Record], body: dict[str, Any]) -> None:
    """A body may name the patient where a header is hard to send."""
    if "patient_id" in body and "patient_id" not in kind.model_fields:
        named = body.pop("patient_id")
        if named is not None and not (isinstance(named, str) and 0 < len(named) <= 200):
            raise bad_field("patient_id", "must be the id of a patient")
        caller.patient_id = named or caller.patient_id
