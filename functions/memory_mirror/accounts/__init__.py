"""Who can sign in, whom they care for, and whose data a request is about.

Access patterns:
    an account by id                       USER#<id> / USER
    an account by e-mail                   EMAIL#<email> / EMAIL; makes the address unique
    the patients an address may see        ACCESS#<email> / <patient id>
    a patient's subject by the patient     PATIENT#<id> / PLACE
    all patients                           GSI3 PATIENTS / <id>
    all subjects, in order                 GSI3 SUBJECTS / <id>: accounts, and patients without one
    an erasure under way                   ERASURE#<subject> / JOB; GSI3 ERASURES / <begun>#<subject>, oldest first
Profiles, patients, contacts and settings are records.
"""
