"""Care: how the days go, what the weeks say, and the sessions in which caregivers look after somebody.

Access patterns:
    a person's sessions, newest first      SUBJECT#<subject>#PatientSession / <started_at>#<id>
    everybody's sessions of a month        GSI1 CARE#<yyyy-mm> / <started_at>#<id>, oldest first
    a caregiver's open session of a type   CARE_OPEN#<caregiver_id> / <patient_id>#<session_type>
    when somebody last looked after them   SUBJECT#<subject>#CareOpened / LAST
The care journal is records, by category; insights read the newest records of each kind.
"""
