"""Rules of patient records: whose data they open, and who may say so.

A patient's subject is the account `user_id`, else the patient itself. Naming an account opens its data to the
caregivers, so only that account, or an administrator, can name it; and it can never be changed afterwards.
"""

from collections.abc import Mapping
from typing import Any

from memory_mirror.accounts.entities import Account
from memory_mirror.accounts.people import Patient
from memory_mirror.service import User, bad_field, store
from quintet.api import ErrorType
from quintet.models import new_id

NOT_YOURS = ErrorType(403, "not_yours", "Only the one who made the patient can do this")


def new_patient(caller: User, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a new patient, with its subject decided. Raises 400 for an account that the caller cannot open.

    A user's patient is the user itself unless `user_id` is given as null; a caregiver is one of the patient's
    caregivers.
    """
    patient_id = new_id()
    values = {**fields, "id": patient_id, "made_by": caller.role}
    if caller.role == "user":
        values.setdefault("user_id", caller.id)
    user_id = values.get("user_id")
    if isinstance(user_id, str):
        _check_account(caller, user_id)
    if caller.role == "caregiver":
        named = values.get("caregivers", [])
        if isinstance(named, list) and caller.email not in named:
            values["caregivers"] = [caller.email, *named]
    values["subject"] = user_id if isinstance(user_id, str) else patient_id
    return values


def check_change(caller: User, old: Patient, changed: Patient) -> None:
    """Raise 400 or 403 when a change would open data to others without the consent of whoever made the record."""
    if changed.user_id != old.user_id:
        raise bad_field("user_id", "cannot be changed; make another patient")
    if changed.caregivers != old.caregivers and not _answers_for(caller, old):
        raise NOT_YOURS()


def check_removal(caller: User, patient: Patient) -> None:
    """Raise 403 unless the caller answers for the record: its maker, its account, or an administrator."""
    if not _answers_for(caller, patient):
        raise NOT_YOURS()


def _answers_for(caller: User, patient: Patient) -> bool:
    return caller.is_admin or caller.id == patient.user_id or caller.email == patient.created_by


def _check_account(caller: User, user_id: str) -> None:
    if caller.is_admin:
        if store.get(Account, id=user_id) is None:
            raise bad_field("user_id", "there is no such account")
    elif user_id != caller.id or caller.role != "user":
        raise bad_field("user_id", "only the account itself or an administrator can open its data to caregivers")
