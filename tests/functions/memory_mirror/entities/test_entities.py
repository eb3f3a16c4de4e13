"""The entity API: one small piece for every kind, strict about fields, tenants and pages."""

from __future__ import annotations

from typing import Any

import pytest

from memory_mirror.entities.kinds import KINDS
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient, SignIn, subject_of
from tests.support.aws import in_threads
from tests.support.calls import recorded

LEAST: dict[str, dict[str, Any]] = {
    "ActivityLog": {"activity_type": "walk"},
    "AlertCondition": {"name": "Worried", "kind": "anxiety_average", "threshold": 6},
    "AnxietyTrend": {"level": 3.5},
    "AppSetting": {"key": "font_size", "value": 20},
    "CareJournalEntry": {"content": "Slept well."},
    "CognitiveAssessment": {"cognitive_level": "mild"},
    "Conversation": {"message": "Good morning", "response": "Good morning, Rose."},
    "EmergencyContact": {"name": "Paul", "phone": "+34 600 000 000"},
    "Memory": {"title": "The garden", "content": "Orange trees."},
    "MoodAutomation": {"name": "Calm light", "actions": [{"device_id": "d1", "action": "turn_on"}]},
    "Music": {"title": "Blue Moon"},
    "NightIncident": {"incident_type": "DISORIENTATION"},
    "Notification": {"recipient_email": "rose@example.com", "title": "Hello", "message": "Good morning"},
    "Patient": {"name": "Rose Miller"},
    "Photo": {"title": "Wedding", "url": "https://example.com/wedding.jpg"},
    "Playlist": {"name": "Sunday"},
    "Reminder": {"title": "Tea", "starts_at": "2026-11-21T16:00:00", "timezone": "Europe/Madrid"},
    "SafeMemoryZone": {"name": "Seville"},
    "SmartDevice": {"name": "Lamp", "type": "light"},
    "SmartHomeRoutine": {"name": "Evening", "steps": [{"device_id": "d1", "action": "turn_on"}]},
    "UserProfile": {"full_name": "Rose Miller"},
    "Video": {"title": "The sea", "url": "https://example.com/sea.mp4"},
}


def memory(client: Client, title: str = "The garden", **fields: Any) -> dict[str, Any]:
    answer = client.post("/entities/Memory", {"title": title, "content": "Orange trees.", **fields})
    assert answer.status == 201, answer.body
    return dict(answer.body)


def titles(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/entities/Memory{query}")
    assert answer.status == 200, answer.body
    return [item["title"] for item in answer.body["items"]]


def test_the_least_of_every_kind_is_known_here() -> None:
    assert LEAST.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_made_read_listed_changed_and_deleted(rose: Client, kind: str) -> None:
    made = rose.post(f"/entities/{kind}", LEAST[kind])
    assert made.status == 201, made.body
    assert made.body["created_by"] == "rose@example.com"
    assert made.body["created_date"] == made.body["updated_date"]
    assert {name: made.body[name] for name in LEAST[kind] if name not in ("steps", "actions")} == {
        name: value for name, value in LEAST[kind].items() if name not in ("steps", "actions")
    }
    assert not made.body.keys() & {"subject", "version", "due_shard", "message_id", "made_by"}
    one = f"/entities/{kind}/{made.body['id']}"
    assert rose.get(one).body == made.body
    assert rose.get(f"/entities/{kind}").body == {"items": [made.body], "next_cursor": None}
    changed = rose.put(one, made.body)
    assert changed.status == 200
    assert {**changed.body, "updated_date": ""} == {**made.body, "updated_date": ""}
    gone = rose.delete(one)
    assert (gone.status, gone.body) == (204, None)
    assert (rose.get(one).status, rose.get(one).body) == (404, {"error": f"{kind} not found"})
    assert rose.get(f"/entities/{kind}").body == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("kind", KINDS)
def test_another_tenant_sees_nothing(rose: Client, sign_in: SignIn, kind: str) -> None:
    made = rose.post(f"/entities/{kind}", LEAST[kind]).body
    for other in (sign_in("user"), sign_in("caregiver"), sign_in("admin")):
        one = f"/entities/{kind}/{made['id']}"
        assert other.get(f"/entities/{kind}").body["items"] == []
        for answer in (other.get(one), other.put(one, {}), other.delete(one)):
            assert (answer.status, answer.body) == (404, {"error": f"{kind} not found"})
    assert rose.get(f"/entities/{kind}/{made['id']}").status == 200


@pytest.mark.parametrize("path", ["/entities/Memory", "/entities/Memory/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nobody_is_anonymous(mirror: Client, method: str, path: str) -> None:
    operation, _ = mirror.find(method, path)
    if operation is None:
        return
    answer = mirror.request(method, path, {"title": 7})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


def test_an_unknown_kind_is_not_found(rose: Client) -> None:
    for answer in (rose.get("/entities/Ghost"), rose.post("/entities/Ghost", {}), rose.get("/entities/Ghost/1")):
        assert (answer.status, answer.body) == (404, {"error": "Entity not found"})


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("Memory", {"title": 7}, "title: Input should be a valid string"),
        ("Memory", {"colour": "red"}, "colour: Memory has no such field"),
        ("Memory", {"subject": "x"}, "subject: Memory has no such field"),
        ("Memory", {"era": "long ago"}, "era: must be a decade such as 1960s, or present"),
        ("Memory", {"safe": "yes"}, "safe: Input should be a valid boolean"),
        ("AnxietyTrend", {"level": 11}, "level: Input should be less than or equal to 10"),
        ("AnxietyTrend", {"level": "3"}, "level: Input should be a valid number"),
        ("AlertCondition", {"kind": "gut_feeling"}, "kind: Input should be 'anxiety_average', "),
        ("Reminder", {"timezone": "Mars/Olympus"}, "timezone: "),
        (
            "Reminder",
            {"starts_at": "2026-11-21T16:00:00Z"},
            "starts_at: must be a local date and time without an offset",
        ),
        ("Reminder", {"rrule": "FREQ=SOMETIMES"}, "rrule: "),
        ("Reminder", {"recipients": ["nobody"]}, "recipients.0: must be an e-mail address"),
        ("SmartDevice", {"type": "rocket"}, "type: Input should be 'light', "),
        ("SmartHomeRoutine", {"steps": []}, "steps: List should have at least 1 item"),
        ("Patient", {"user_id": "01930000-0000-7000-8000-000000000001"}, "user_id: only the account itself"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_written(
    rose: Client, kind: str, fields: dict[str, Any], error: str
) -> None:
    answer = rose.post(f"/entities/{kind}", {**LEAST[kind], **fields})
    assert answer.status == 400
    assert answer.body.keys() == {"error"}
    assert answer.body["error"].startswith(error)
    assert rose.get(f"/entities/{kind}").body["items"] == []


def test_a_missing_field_is_named(rose: Client) -> None:
    answer = rose.post("/entities/Memory", {"content": "Orange trees."})
    assert (answer.status, answer.body) == (400, {"error": "title: Field required"})


def test_a_list_is_no_record(rose: Client) -> None:
    answer = rose.post("/entities/Memory", [])
    assert answer.status == 400


def test_null_empties_a_field_and_absence_keeps_it(rose: Client) -> None:
    made = memory(rose, era="1960s", tags=["spring"])
    changed = rose.put(f"/entities/Memory/{made['id']}", {"era": None})
    assert (changed.body["era"], changed.body["tags"]) == (None, ["spring"])
    refused = rose.put(f"/entities/Memory/{made['id']}", {"title": None})
    assert (refused.status, refused.body) == (400, {"error": "title: Input should be a valid string"})


def test_the_built_in_fields_cannot_be_set(rose: Client) -> None:
    made = memory(rose, id="mine", created_by="x@example.com", created_date="2001-01-01T00:00:00.000Z")
    assert made["id"] != "mine"
    assert (made["created_by"], made["created_date"][:4] != "2001") == ("rose@example.com", True)


def test_a_list_is_newest_first_with_pages(rose: Client) -> None:
    for number in range(7):
        memory(rose, f"Memory {number}")
    first = rose.get("/entities/Memory?limit=3").body
    second = rose.get(f"/entities/Memory?limit=3&cursor={first['next_cursor']}").body
    third = rose.get(f"/entities/Memory?limit=3&cursor={second['next_cursor']}").body
    shown = [item["title"] for part in (first, second, third) for item in part["items"]]
    assert shown == [f"Memory {number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert third["next_cursor"] is None


def test_a_list_is_narrowed_by_indexed_fields(rose: Client) -> None:
    memory(rose, "A", era="1960s", sentiment="positive")
    memory(rose, "B", era="1960s", sentiment="negative")
    memory(rose, "C", era="1950s", sentiment="positive")
    memory(rose, "D")
    assert titles(rose, "?era=1960s") == ["B", "A"]
    assert titles(rose, "?sentiment=positive") == ["C", "A"]
    assert titles(rose, "?era=1960s&sentiment=positive") == ["A"]
    assert titles(rose, "?era=1910s") == []


def test_a_narrowed_list_has_pages_too(rose: Client) -> None:
    for number in range(5):
        memory(rose, f"Memory {number}", era="1960s" if number % 2 == 0 else "1950s")
    first = rose.get("/entities/Memory?era=1960s&limit=2").body
    second = rose.get(f"/entities/Memory?era=1960s&limit=2&cursor={first['next_cursor']}").body
    assert [item["title"] for item in first["items"] + second["items"]] == ["Memory 4", "Memory 2", "Memory 0"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?title=x", "title: Memory cannot be filtered by it; its filters are: era, sentiment"),
        ("?limit=0", "limit: Input should be greater than or equal to 1"),
        ("?limit=101", "limit: Input should be less than or equal to 100"),
        ("?limit=many", "limit: Input should be a valid integer"),
        ("?cursor=bm8", "The cursor is not valid for this list"),
    ],
)
def test_a_bad_query_is_named(rose: Client, query: str, error: str) -> None:
    answer = rose.get(f"/entities/Memory{query}")
    assert answer.status == 400
    assert answer.body["error"].startswith(error)


def test_a_cursor_belongs_to_its_list_and_caller(rose: Client, sign_in: SignIn) -> None:
    for number in range(3):
        memory(rose, f"Memory {number}")
    cursor = rose.get("/entities/Memory?limit=1").body["next_cursor"]
    refused = {"error": "The cursor is not valid for this list"}
    assert rose.get(f"/entities/Photo?limit=1&cursor={cursor}").body == refused
    assert sign_in("user").get(f"/entities/Memory?limit=1&cursor={cursor}").body == refused


def test_a_page_costs_the_same_at_any_depth(rose: Client) -> None:
    for number in range(12):
        memory(rose, f"Memory {number}")
    cursor, costs = "", []
    for _ in range(3):
        with recorded() as calls:
            body = rose.get(f"/entities/Memory?limit=4{cursor}").body
        cursor = f"&cursor={body['next_cursor']}"
        costs.append(calls.names.count("Query"))
    assert costs[0] == costs[1] == costs[2]


def test_changes_at_once_are_all_kept(rose: Client) -> None:
    made = memory(rose)
    fields = ["title", "place", "content"]
    answers = in_threads(3, lambda n: rose.put(f"/entities/Memory/{made['id']}", {fields[n]: f"new {fields[n]}"}))
    assert [answer.status for answer in answers if not isinstance(answer, Exception)] == [200, 200, 200]
    kept = rose.get(f"/entities/Memory/{made['id']}").body
    assert {name: kept[name] for name in fields} == {name: f"new {name}" for name in fields}


def test_a_caregiver_sees_exactly_the_patients_that_name_them(
    sign_in: SignIn, carer: Client, make_patient: MakePatient
) -> None:
    rose, paul, other = sign_in("user"), sign_in("user"), sign_in("user")
    mine = [make_patient(client, caregivers=["carer@example.com"]) for client in (rose, paul)]
    make_patient(other, caregivers=["somebody@example.com"])
    for client, title in ((rose, "Rose's"), (paul, "Paul's"), (other, "another's")):
        memory(client, title)
    assert titles(carer) == ["Paul's", "Rose's"]
    assert titles(carer, f"?patient_id={mine[0]['id']}") == ["Rose's"]
    assert [one["id"] for one in carer.get("/entities/Patient").body["items"]] == [mine[1]["id"], mine[0]["id"]]


def test_a_caregivers_list_has_pages_over_all_patients(
    sign_in: SignIn, carer: Client, make_patient: MakePatient
) -> None:
    clients = [sign_in("user") for _ in range(3)]
    for client in clients:
        make_patient(client, caregivers=["carer@example.com"])
    for number in range(7):
        memory(clients[number % 3], f"Memory {number}")
    first = carer.get("/entities/Memory?limit=4").body
    second = carer.get(f"/entities/Memory?limit=4&cursor={first['next_cursor']}").body
    assert [item["title"] for item in first["items"] + second["items"]] == [
        f"Memory {n}" for n in (6, 5, 4, 3, 2, 1, 0)
    ]


def test_a_caregiver_writes_for_the_patient_it_names(sign_in: SignIn, carer: Client, make_patient: MakePatient) -> None:
    rose, paul = sign_in("user"), sign_in("user")
    first = make_patient(rose, caregivers=["carer@example.com"])
    made = carer.post("/entities/CareJournalEntry", {"content": "Slept well."})
    assert made.status == 201
    assert [entry["created_by"] for entry in rose.get("/entities/CareJournalEntry").body["items"]] == [
        "carer@example.com"
    ]
    second = make_patient(paul, caregivers=["carer@example.com"])
    unclear = carer.post("/entities/CareJournalEntry", {"content": "Ate well."})
    assert (unclear.status, unclear.body) == (
        400,
        {"error": "X-Patient-Id: you care for several patients; say which this is about"},
    )
    named = carer.post("/entities/CareJournalEntry", {"content": "Ate well.", "patient_id": second["id"]})
    headed = carer.post("/entities/CareJournalEntry", {"content": "A walk."}, headers={"X-Patient-Id": first["id"]})
    assert (named.status, headed.status) == (201, 201)
    assert [e["content"] for e in paul.get("/entities/CareJournalEntry").body["items"]] == ["Ate well."]
    assert [e["content"] for e in rose.get("/entities/CareJournalEntry").body["items"]] == ["A walk.", "Slept well."]


def test_a_caregiver_who_is_named_no_more_sees_nothing(rose: Client, carer: Client, make_patient: MakePatient) -> None:
    patient = make_patient(rose, caregivers=["carer@example.com"])
    made = memory(rose)
    assert carer.get(f"/entities/Memory/{made['id']}").status == 200
    assert rose.put(f"/entities/Patient/{patient['id']}", {"caregivers": []}).status == 200
    assert carer.get(f"/entities/Memory/{made['id']}").status == 404
    assert titles(carer) == []


def test_a_caregiver_changes_neither_who_cares_nor_whose_data_it_is(
    rose: Client, carer: Client, make_patient: MakePatient
) -> None:
    patient = make_patient(rose, caregivers=["carer@example.com"])
    one = f"/entities/Patient/{patient['id']}"
    added = carer.put(one, {"caregivers": ["carer@example.com", "friend@example.com"]})
    assert (added.status, added.body) == (403, {"error": "Only the one who made the patient can do this"})
    assert carer.delete(one).status == 403
    moved = carer.put(one, {"user_id": subject_of(carer)})
    assert (moved.status, moved.body) == (400, {"error": "user_id: cannot be changed; make another patient"})
    assert carer.put(one, {"notes": "Likes tea."}).body["notes"] == "Likes tea."


def test_a_caregiver_cannot_claim_somebodys_account(rose: Client, carer: Client) -> None:
    answer = carer.post("/entities/Patient", {"name": "Rose", "user_id": subject_of(rose)})
    assert answer.status == 400
    assert answer.body["error"].startswith("user_id: ")


def test_a_patient_without_an_account_has_data_of_its_own(carer: Client, sign_in: SignIn) -> None:
    made = carer.post("/entities/Patient", {"name": "Old Tom", "caregivers": ["second@example.com"]}).body
    assert made["caregivers"] == ["carer@example.com", "second@example.com"]
    carer.post("/entities/Memory", {"title": "The sea", "content": "Boats.", "patient_id": made["id"]})
    second = sign_in("caregiver", "second@example.com")
    assert titles(second) == ["The sea"]
    assert titles(sign_in("admin"), f"?patient_id={made['id']}") == ["The sea"]


def test_an_unknown_patient_is_not_found(rose: Client, carer: Client, admin: Client) -> None:
    for client in (rose, carer, admin):
        answer = client.get("/entities/Memory?patient_id=nobody")
        assert (answer.status, answer.body) == (404, {"error": "Patient not found"})


def test_settings_are_the_accounts_own(rose: Client, carer: Client, make_patient: MakePatient) -> None:
    make_patient(rose, caregivers=["carer@example.com"])
    rose.post("/entities/AppSetting", {"key": "font_size", "value": 20})
    carer.post("/entities/AppSetting", {"key": "font_size", "value": 12})
    assert [one["value"] for one in carer.get("/entities/AppSetting?key=font_size").body["items"]] == [12]
    assert [one["value"] for one in rose.get("/entities/AppSetting").body["items"]] == [20]
