"""How the entity API writes: whose records these are, and what a few kinds need beside the plain write."""

from collections.abc import Mapping
from typing import Any

from memory_mirror.accounts.access import (
    accesses,
    join_patient,
    join_patient_change,
    join_patient_removal,
    people,
    person,
)
from memory_mirror.accounts.erasures import join_erasure
from memory_mirror.accounts.patients import check_change, check_removal, new_patient
from memory_mirror.accounts.people import Patient
from memory_mirror.clock.due import prepared
from memory_mirror.entities.rules import given, validated
from memory_mirror.records.record import Record, join, join_change, join_removal, noted
from memory_mirror.service import User, not_found, store
from memory_mirror.times.moments import iso
from quintet.models import new_id, now
from quintet.store.contention import until_settled


def subjects(caller: User, kind: type[Record]) -> list[str]:
    """Whose records of a kind the caller sees in lists: their own, and their patients' unless it is a setting."""
    if kind.own:
        return [caller.id]
    if caller.patient_id:
        return [person(caller).subject]
    return list(dict.fromkeys([caller.id, *(one.subject for one in people(caller))]))


def reachable(caller: User, kind: type[Record], id: str) -> Record:
    """A record by its id among those the caller may see. Raises 404 for any other."""
    own = None if caller.patient_id else store.get(kind, subject=caller.id, id=id)
    found = own or _elsewhere(caller, kind, id)
    if found is None:
        raise not_found(kind.kind)()
    noted("read", found)
    return found


def _elsewhere(caller: User, kind: type[Record], id: str) -> Record | None:
    if kind.own:
        return None
    if caller.patient_id:
        return store.get(kind, subject=person(caller).subject, id=id)
    others = dict.fromkeys(one.subject for one in accesses(caller) if one.subject != caller.id)
    rows = store.get_all([kind.ref(subject=subject, id=id) for subject in others])
    return next((row for row in rows if row is not None), None)


def make(caller: User, kind: type[Record], body: Mapping[str, Any]) -> Record:
    """Make a record of the person the request is about. Raises 400 naming every bad field."""
    fields = given(kind, body)
    at = iso(now())
    built_in = {"id": new_id(), "created_by": caller.email, "created_date": at, "updated_date": at}
    tx = store.transaction()
    if kind is Patient:
        record = validated(kind, {**built_in, **new_patient(caller, fields)})
        assert isinstance(record, Patient)
        join_patient(tx, record)
    else:
        subject = caller.id if kind.own else person(caller).subject
        record = prepared(validated(kind, {**fields, **built_in, "subject": subject}), now())
        join(tx, record)
    tx.commit()
    return record


def change(caller: User, kind: type[Record], id: str, body: Mapping[str, Any]) -> Record:
    """Change the fields that a request names; null empties one that can be empty. Raises 400 or 404."""
    fields = given(kind, body)

    def attempt() -> Record:
        old = reachable(caller, kind, id)
        stored = old.model_dump(mode="json", exclude_none=True)
        record = validated(kind, {**stored, **fields, "updated_date": iso(now())})
        tx = store.transaction()
        if isinstance(old, Patient) and isinstance(record, Patient):
            check_change(caller, old, record)
            join_patient_change(tx, old, record)
        else:
            record = prepared(record, now())
            join_change(tx, old, record, refused=None)
        tx.commit()
        return record

    return until_settled(attempt)


def remove(caller: User, kind: type[Record], id: str) -> None:
    """Delete a record. Raises 404."""

    def attempt() -> None:
        record = reachable(caller, kind, id)
        tx = store.transaction()
        if isinstance(record, Patient):
            check_removal(caller, record)
            join_patient_removal(tx, record)
            if record.subject == record.id:  # nobody could reach its data any more
                join_erasure(tx, record.subject, caller.id)
        else:
            join_removal(tx, record)
        tx.commit()

    until_settled(attempt)
