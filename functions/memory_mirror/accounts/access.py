"""Whose data a request is about, and who may see them.

Access patterns:
    the patients an address may see        ACCESS#<email> / <patient id>
    a patient's subject by the patient     PATIENT#<id> / PLACE
    a patient                              SUBJECT#<subject>#Patient / <id>
    all patients                           GSI3 PATIENTS / <id>
    all subjects                           GSI3 SUBJECTS / <id>

A subject is whom data are about: an account of the role `user`, or a patient without an account. Everything about a
subject lives in partitions that begin with it, so that nobody's query can reach another's data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from memory_mirror.accounts.people import Patient
from memory_mirror.records.record import join, join_change, join_removal, noted, recent
from memory_mirror.service import PATIENT_NOT_FOUND, WHICH_PATIENT, User, store
from quintet.settings import settings
from quintet.store import Entity, Index, Keys, Transaction

MOST_PATIENTS = 200
"""Patients that one address may see."""


class Access(Entity):
    """That an address may see a patient: as the one who made the record, or as a caregiver it names."""

    kind: ClassVar[str] = "access"
    keys: ClassVar[Keys] = Keys("ACCESS#{email}", "{patient_id}")

    email: str
    patient_id: str
    subject: str
    relation: Literal["family", "caregiver"]


class PatientPlace(Entity):
    """Where a patient's record lives. A patient without an account is listed among the subjects."""

    kind: ClassVar[str] = "patient_place"
    keys: ClassVar[Keys] = Keys(
        "PATIENT#{id}",
        "PLACE",
        gsi3=Index("SUBJECTS", "{id}", order="ascending", when=lambda place: place.id == place.subject),
    )

    id: str
    subject: str


@dataclass(frozen=True)
class Person:
    """Somebody whose data a function is about."""

    subject: str
    patient_id: str | None = None

    @cached_property
    def patients(self) -> list[Patient]:
        """Their patient records; usually one, none for a person whom nobody cares for yet."""
        return recent(Patient, self.subject, 20)

    @property
    def patient(self) -> Patient | None:
        """The patient record a caregiver came by, else the newest."""
        named = [one for one in self.patients if one.id == self.patient_id]
        return next(iter(named or self.patients), None)

    @property
    def caregivers(self) -> list[str]:
        """The addresses of those who care for them."""
        return list(dict.fromkeys(email for one in self.patients for email in one.caregivers))


def person(caller: User) -> Person:
    """Whose data a function is about when the caller calls it.

    The patient that X-Patient-Id names (404 when the caller may not see it); else a caregiver's only patient (400
    when there are several); else the caller.
    """
    if caller.patient_id:
        return _named(caller, caller.patient_id)
    if caller.role == "caregiver":
        found = accesses(caller)
        subjects = {one.subject for one in found}
        if len(subjects) > 1:
            raise WHICH_PATIENT()
        if found:
            return Person(found[0].subject, found[0].patient_id)
    return Person(caller.id)


def people(caller: User) -> list[Person]:
    """Everybody whose data the caller may see: a caregiver's patients; a user, and patients of theirs."""
    if caller.patient_id:
        return [_named(caller, caller.patient_id)]
    found = {} if caller.role == "caregiver" else {caller.id: Person(caller.id)}
    for one in accesses(caller):
        found.setdefault(one.subject, Person(one.subject, one.patient_id))
    return list(found.values())


def accesses(caller: User) -> list[Access]:
    """The patients a caller may see. In a deployed stage a caregiver's address must be confirmed to count."""
    if not _counts(caller):
        return []
    return store.query(Access, email=caller.email, limit=MOST_PATIENTS, consistent=True).items


def _counts(caller: User) -> bool:
    return bool(caller.email) and (caller.role != "caregiver" or caller.confirmed or settings().is_local)


def _named(caller: User, patient_id: str) -> Person:
    if caller.is_admin:
        place = store.get(PatientPlace, id=patient_id)
        if place is not None:
            return Person(place.subject, patient_id)
    elif _counts(caller):
        access = store.get(Access, email=caller.email, patient_id=patient_id)
        if access is not None:
            return Person(access.subject, patient_id)
    raise PATIENT_NOT_FOUND()


def patient_of(caller: User, patient_id: str) -> Patient:
    """A patient the caller may see. Raises 404 `Patient not found`."""
    found = _named(caller, patient_id)
    patient = store.require(Patient, PATIENT_NOT_FOUND, subject=found.subject, id=patient_id)
    noted("read", patient)
    return patient


def caregivers_of(subject: str) -> list[str]:
    """The addresses of those who care for a subject."""
    return Person(subject).caregivers


def all_patients(after: str = "", limit: int = 100) -> list[Patient]:
    """Patients of everybody in the order of their ids, those after one id: for administrators' reports."""
    start = {"GSI3PK": {"S": "PATIENTS"}, "GSI3SK": {"S": after}, **_main_key_of(after)} if after else None
    return store.query(Patient, "gsi3", limit=limit, after=start).items


def _main_key_of(patient_id: str) -> dict[str, dict[str, str]]:
    place = store.get(PatientPlace, id=patient_id)
    subject = place.subject if place else patient_id
    return Patient.key(subject=subject, id=patient_id).attributes()


def join_patient(tx: Transaction, patient: Patient) -> None:
    """Store a new patient within a transaction, with what lets its people find it."""
    join(tx, patient)
    tx.create(PatientPlace(id=patient.id, subject=patient.subject))
    for access in _accesses_of(patient):
        tx.put(access)


def join_patient_change(tx: Transaction, old: Patient, changed: Patient) -> None:
    """Store a changed patient within a transaction; those who are named no more lose their access with it."""
    join_change(tx, old, changed)
    before = {one.email: one for one in _accesses_of(old)}
    after = {one.email: one for one in _accesses_of(changed)}
    for email in before.keys() - after.keys():
        tx.remove(before[email].own_key())
    for email in after.keys() - before.keys():
        tx.put(after[email])


def join_patient_removal(tx: Transaction, patient: Patient) -> None:
    """Delete a patient within a transaction, and everybody's access to it."""
    join_removal(tx, patient)
    tx.remove(PatientPlace.key(id=patient.id))
    for access in _accesses_of(patient):
        tx.remove(access.own_key())


def _accesses_of(patient: Patient) -> Iterator[Access]:
    """Who may see a patient; the maker of the record may, unless they made it as one of its caregivers."""
    for email in dict.fromkeys(patient.caregivers):
        yield Access(email=email, patient_id=patient.id, subject=patient.subject, relation="caregiver")
    if patient.created_by and patient.created_by not in patient.caregivers and patient.made_by != "caregiver":
        yield Access(email=patient.created_by, patient_id=patient.id, subject=patient.subject, relation="family")
