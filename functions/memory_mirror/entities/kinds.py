"""The kinds of entities; AuditLog, which nobody writes here, is in model/audit_log."""

from memory_mirror.accounts.people import AppSetting, EmergencyContact, Patient, UserProfile
from memory_mirror.home.entities import MoodAutomation, SmartDevice, SmartHomeRoutine
from memory_mirror.life.diary import (
    ActivityLog,
    AlertCondition,
    AnxietyTrend,
    CareJournalEntry,
    CognitiveAssessment,
    Conversation,
    NightIncident,
    Notification,
    Reminder,
)
from memory_mirror.life.entities import Memory, Photo, SafeMemoryZone, Video
from memory_mirror.music.entities import Music, Playlist
from memory_mirror.records.record import Record

KINDS: dict[str, type[Record]] = {
    kind.kind: kind
    for kind in (
        ActivityLog,
        AlertCondition,
        AnxietyTrend,
        AppSetting,
        CareJournalEntry,
        CognitiveAssessment,
        Conversation,
        EmergencyContact,
        Memory,
        MoodAutomation,
        Music,
        NightIncident,
        Notification,
        Patient,
        Photo,
        Playlist,
        Reminder,
        SafeMemoryZone,
        SmartDevice,
        SmartHomeRoutine,
        UserProfile,
        Video,
    )
}
"""Every kind by its name, as the entity API's paths spell it."""

__all__ = [
    "KINDS",
    "ActivityLog",
    "AlertCondition",
    "AnxietyTrend",
    "AppSetting",
    "CareJournalEntry",
    "CognitiveAssessment",
    "Conversation",
    "EmergencyContact",
    "Memory",
    "MoodAutomation",
    "Music",
    "NightIncident",
    "Notification",
    "Patient",
    "Photo",
    "Playlist",
    "Reminder",
    "SafeMemoryZone",
    "SmartDevice",
    "SmartHomeRoutine",
    "UserProfile",
    "Video",
]
