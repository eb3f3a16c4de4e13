"""Patients: the sessions in which caregivers look after them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror import service
from memory_mirror.accounts.access import patient_of
from memory_mirror.care.sessions import Carer, SessionType, track
from memory_mirror.records.record import view
from memory_mirror.service import User, not_found
from memory_mirror.times.moments import Moment
from quintet.store import BUSY

api = service.api.section("patients")


class SessionRequest(BaseModel):
    """Whose session, and what it is for."""

    model_config = ConfigDict(defer_build=True)

    patient_id: Annotated[str, Field(min_length=1, max_length=200)]
    session_type: SessionType = "interaction"


class CareSessionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    session_id: str
    patient: dict[str, Any]
    started_at: Moment


@api.post("/trackPatientSession", errors=[not_found("Patient"), BUSY], needs={"table:write"})
def track_patient_session(body: SessionRequest, caller: User) -> CareSessionReply:
    """Start a session with a patient, or continue the open one

    The caller's session of that type and patient goes on until half an hour passes without a call. A caregiver's call
    also answers the patient's open alerts: they escalate no further.
    """
    patient = patient_of(caller, body.patient_id)
    cares = caller.role in ("caregiver", "admin") and caller.id != patient.subject
    carer = Carer(caller.id, caller.email, caller.name, cares)
    opened = track(patient.subject, patient.id, carer, body.session_type)
    return CareSessionReply(session_id=opened.session_id, patient=view(patient), started_at=opened.started_at)
