"""The kinds of entities; AuditLog, which nobody writes here, is in compliance/audit_log."""

from memory_mirror.accounts.people import AppSetting, EmergencyContact, Patient, UserProfile
from memory_mirror.alerts.entities import AlertCondition
from memory_mirror.care.entities import CareJournalEntry
from memory_mirror.home.entities import MoodAutomation, SmartDevice, SmartHomeRoutine
from memory_mirror.life.diary import ActivityLog, AnxietyTrend, CognitiveAssessment, Conversation
from memory_mirror.life.entities import Memory, Music, Photo, SafeMemoryZone, Video
from memory_mirror.messages.entities import Notification
from memory_mirror.music.entities import Playlist
from memory_mirror.night.entities import NightIncident
from memory_mirror.records.record import Record
from memory_mirror.reminders.entities import Reminder

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
