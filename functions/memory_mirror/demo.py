"""First contents of a companion: its first administrator anywhere, and demo data for a laptop.

The demo has an administrator, a person called Rose, her caregiver, memories, reminders and a small home. It is never
for a deployed companion: outside the local stages `seed` refuses.
"""

import secrets
from datetime import timedelta
from typing import Any

from memory_mirror.accounts.access import join_patient
from memory_mirror.accounts.entities import Account, EmailClaim, Role, join_account
from memory_mirror.accounts.people import EmergencyContact, Patient, UserProfile
from memory_mirror.alerts.entities import AlertCondition
from memory_mirror.care.entities import CareJournalEntry
from memory_mirror.clock.due import prepared
from memory_mirror.home.entities import SmartDevice, SmartHomeRoutine
from memory_mirror.life.diary import AnxietyTrend
from memory_mirror.life.entities import Memory, Music, Photo, SafeMemoryZone
from memory_mirror.music.entities import Playlist
from memory_mirror.records.record import Record, join, new
from memory_mirror.reminders.entities import Reminder
from memory_mirror.service import not_found, store
from quintet.auth.passwords import hash_password
from quintet.models import now
from quintet.store import ConditionFailed
from quintet.store.seeding import seeds

PASSWORD = "Quintet-local-1"
ADMIN_EMAIL, ROSE_EMAIL, CARER_EMAIL = "admin@quintet.test", "rose@quintet.test", "caregiver@quintet.test"
DAUGHTER_EMAIL = "daughter@quintet.test"
ACCOUNTS = [
    ("administrator", ADMIN_EMAIL, PASSWORD),
    ("person", ROSE_EMAIL, PASSWORD),
    ("caregiver", CARER_EMAIL, PASSWORD),
]
ZONE = "Europe/London"
SONG = "Can't Buy Me Love"
LAMP, LOCK, STOVE, SPEAKER = range(60, 64)


def make_admin(email: str) -> str | None:
    """Make an administrator's account with this canonical e-mail address.

    Answers its random password, which is stored nowhere; None when the address is an administrator's already.
    Raises ValueError when it belongs to another account: roles never change.
    """
    password = secrets.token_urlsafe(15)
    account, made = ensure_account("admin", email, "Administrator", password)
    if account.role != "admin":
        raise ValueError(f"{email} is the address of an account with another role")
    return password if made else None


def ensure_account(role: Role, email: str, full_name: str, password: str) -> tuple[Account, bool]:
    """The account with an e-mail address, and whether it was made just now, its address confirmed."""
    claim = store.get(EmailClaim, email=email)
    if claim is not None:
        return store.require(Account, not_found("User"), id=claim.user_id), False
    tx = store.transaction()
    account = join_account(tx, email, full_name, role, hash_password(password), confirmed=True)
    tx.commit()
    return account, True


@seeds(store)
def seed() -> None:
    """Put the demo data into the system's table."""
    ensure_account("admin", ADMIN_EMAIL, "Ada Admin", PASSWORD)
    ensure_account("caregiver", CARER_EMAIL, "Carl Carer", PASSWORD)
    rose, _ = ensure_account("user", ROSE_EMAIL, "Rose Miller", PASSWORD)
    for record in (*_person(rose.id), *_memories(rose.id), *_music(rose.id), *_care(rose.id), *_home(rose.id)):
        _once(record)


def demo_id(number: int) -> str:
    """A fixed id, so that an interrupted seeding makes nothing twice, and the walks know it."""
    return f"01930000-0000-7000-8000-{number:012d}"


def _make(kind: type[Record], number: int, subject: str, **fields: Any) -> Record:
    return new(kind, subject, ROSE_EMAIL, id=demo_id(number), **fields)


def _person(rose: str) -> list[Record]:
    return [
        _make(
            Patient, 1, rose, name="Rose Miller", user_id=rose, caregivers=[CARER_EMAIL, DAUGHTER_EMAIL],
            diagnosis="Alzheimer's disease, early stage", notes="Loves tea with milk, and to be sung to.",
        ),
        _make(
            UserProfile, 2, rose, full_name="Rose Miller", preferred_name="Rose", birth_year=1943, language="en",
            birthplace="Whitby", timezone=ZONE, favourite_era="1960s", occupation="baker",
            interests=["baking", "gardening", "dancing", "the sea"],
            favourite_music=["The Beatles", "Dusty Springfield"],
            loved_ones=[{"name": "Paul", "relation": "husband"}, {"name": "Emma", "relation": "daughter"}],
            comforts=["a cup of tea", "the blue blanket", "the sound of the sea"], topics_to_avoid=["the hospital"],
            cognitive_level="mild",
        ),
        _make(EmergencyContact, 3, rose, name="Emma Miller", relation="daughter", email=DAUGHTER_EMAIL),
        _make(
            SafeMemoryZone, 4, rose, name="The bakery on Church Street", era="1960s",
            description="Rose ran a small bakery with Paul.", triggers=["bakery", "bread", "the shop", "the oven"],
            comforting_topics=["the smell of fresh bread", "the first customers in the morning"],
            topics_to_avoid=["the shop was sold"],
        ),
    ]  # fmt: skip


def _memories(rose: str) -> list[Record]:
    told: list[dict[str, Any]] = [
        {"title": "The bakery on Church Street", "era": "1960s", "tags": ["bakery", "bread", "Paul"], "content":
            "Every morning at five I lit the oven, and by seven the queue went round the corner. Paul carried the "
            "trays and sang."},
        {"title": "Dancing at the Spa Pavilion", "era": "1960s", "tags": ["dancing", "Paul", "music"], "content":
            "Paul asked me to dance to a slow song. He stepped on my foot twice, and we laughed until the band "
            "stopped."},
        {"title": "Emma's first swim", "era": "1970s", "tags": ["sea", "Emma", "beach"], "content":
            "Emma ran straight into the cold sea at Whitby, shrieked, and ran in again."},
        {"title": "Grandmother's garden", "era": "1950s", "tags": ["garden", "grandmother", "flowers"], "content":
            "Sweet peas up to the roof, and I was allowed to pick one for every good deed."},
        {"title": "The night in the hospital", "era": "1980s", "tags": ["hospital"], "content":
            "We waited until the morning, and it was very quiet.", "safe": False, "sentiment": "negative"},
    ]  # fmt: skip
    found: list[Record] = [
        _make(Memory, 10 + number, rose, **{"sentiment": "positive", **one}) for number, one in enumerate(told)
    ]
    photo = _make(
        Photo, 20, rose, title="Paul in front of the bakery", url="https://quintet.test/photos/bakery.jpg",
        era="1960s", tags=["bakery", "Paul"], people=["Paul"], sentiment="positive",
    )  # fmt: skip
    return [*found, photo]


def _music(rose: str) -> list[Record]:
    return [
        _make(Music, 30, rose, title=SONG, artist="The Beatles", era="1960s", year=1964, moods=["happy"]),
        _make(
            Playlist, 31, rose, name="Good morning, Rose", mood="calm", era="1960s", device_id=demo_id(SPEAKER),
            tracks=[{"title": SONG, "artist": "The Beatles", "music_id": demo_id(30), "source": "library"}],
            schedule={"starts_at": _at(9), "timezone": ZONE, "rrule": "FREQ=DAILY"},
        ),
    ]  # fmt: skip


def _care(rose: str) -> list[Record]:
    return [
        _make(
            Reminder, 40, rose, title="Tea time", message="The kettle is waiting for you, Rose.", starts_at=_at(16),
            timezone=ZONE, rrule="FREQ=DAILY", recipients=[CARER_EMAIL],
        ),
        _make(
            AlertCondition, 41, rose, name="Something happened in the night", alert_kind="night_incident", threshold=1,
            window_hours=12, cooldown_minutes=1, contacts=[CARER_EMAIL, DAUGHTER_EMAIL],
        ),
        _make(CareJournalEntry, 42, rose, title="A good day", content="Slept well, ate well, sang in the kitchen.",
              category="mood"),
        *(
            _make(AnxietyTrend, 43 + day, rose, level=level, recorded_at=now() - timedelta(days=7 - day), source="demo")
            for day, level in enumerate((2, 3, 2, 4, 3, 2, 3))
        ),
    ]  # fmt: skip


def _home(rose: str) -> list[Record]:
    devices = [
        (LAMP, "Bedside lamp", "light", ["turn_on", "turn_off", "set_brightness"], "bedroom"),
        (LOCK, "Front door", "lock", ["lock", "unlock"], "hall"),
        (STOVE, "Stove", "stove", ["turn_on", "turn_off"], "kitchen"),
        (SPEAKER, "Kitchen speaker", "speaker", ["play", "pause", "set_volume"], "kitchen"),
    ]
    found: list[Record] = [
        _make(SmartDevice, number, rose, name=name, type=type_, capabilities=capabilities, room=room)
        for number, name, type_, capabilities, room in devices
    ]
    steps = [
        {"device_id": demo_id(LAMP), "action": "set_brightness", "parameters": {"brightness": 30}},
        {"device_id": demo_id(LOCK), "action": "lock"},
        {"device_id": demo_id(STOVE), "action": "turn_off"},
    ]
    return [*found, _make(SmartHomeRoutine, 70, rose, name="Good night", steps=steps)]


def _at(hour: int) -> str:
    """An hour of yesterday: what repeats daily is due today for the first time."""
    return (now() - timedelta(days=1)).strftime(f"%Y-%m-%dT{hour:02d}:00:00")


def _once(record: Record) -> None:
    tx = store.transaction()
    if isinstance(record, Patient):
        join_patient(tx, record)
    else:
        join(tx, prepared(record, now()))
    try:
        tx.commit()
    except ConditionFailed:
        return
