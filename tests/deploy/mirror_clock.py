"""What Memory Mirror's schedules bring about, each seen once.

All that is to happen is prepared at once and the slow schedules are quickened together, so that one wait does for all.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from tests.deploy.front import Front
from tests.deploy.home import Home
from tests.deploy.mirror import API, CARL, EMMA, LATE, PLACE, ROSE, at, call, count, login, mails, make, ok, thing
from tests.deploy.stories import Stage
from tests.deploy.waiting import every_minute, until

SLOW = ("NotificationsCheckAlertConditions", "MaintenanceAutoFixErrors", "MaintenanceGenerateMaintenanceReport")
"""Functions whose schedules come round too seldom to wait for."""


def _reminder_came(stage: Stage) -> None:
    _hurry(stage)
    until(lambda: count(stage, "The bread is done", CARL) == 1)


def _alert_escalated(stage: Stage) -> None:
    """Nobody has looked after Rose since the first contact was told, so the second one is; then somebody does."""
    _hurry(stage)
    until(lambda: count(stage, "Nobody has opened a session since", EMMA) >= 1)
    call(login(stage.notes["front"], CARL), "trackPatientSession", patient_id=stage.notes["patient"])


def _playlist_played(stage: Stage) -> None:
    _hurry(stage)
    home: Home = stage.outside.service.home
    speaker = thing(stage, stage.notes["speaker"])
    until(lambda: home.reported.get(speaker, {}).get("playlist_id") == stage.notes["playlist"])


def _data_were_mended(stage: Stage) -> None:
    _hurry(stage)
    rose, memory = login(stage.notes["front"], ROSE), stage.notes["torn"]
    until(lambda: ok(rose.get(f"/entities/Memory/{memory}"))["photo_ids"] == [])


def _report_was_made(stage: Stage) -> None:
    _hurry(stage)
    until(lambda: _inspected(stage) > stage.notes["inspected"])


def _late_mail_came(stage: Stage) -> None:
    """The code that the function itself could not send. As it is waited for last, the schedules get their pace back."""
    _hurry(stage)
    until(lambda: mails(stage, LATE) != [])
    stage.notes.pop("hurry").close()


EFFECTS = {
    "notifications.trigger_reminders": _reminder_came,
    "notifications.check_alert_conditions": _alert_escalated,
    "playlists.play_scheduled_playlist": _playlist_played,
    "maintenance.auto_fix_errors": _data_were_mended,
    "maintenance.generate_maintenance_report": _report_was_made,
    "housekeeping.sweep": _late_mail_came,
}


def _hurry(stage: Stage) -> None:
    """Once: something to do for every schedule, and those that are slow come round every minute from now on."""
    if "hurry" in stage.notes:
        return
    front: Front = stage.notes["front"]
    rose = login(front, ROSE)
    photo = make(rose, "Photo", title="The shop", url="https://example.com/shop.jpg")
    torn = make(rose, "Memory", title="The shop", content="It was blue.", photo_ids=[photo], **PLACE)
    ok(rose.delete(f"/entities/Photo/{photo}"))
    soon = datetime.now(UTC) + timedelta(minutes=1)
    make(rose, "Reminder", title="The bread is done", recipients=[CARL], **at(soon))
    tracks = [{"title": "The Carnival Is Over", "artist": "The Seekers"}]
    playlist = make(
        rose, "Playlist", name="Evening", tracks=tracks, device_id=stage.notes["speaker"], schedule=at(soon)
    )
    stage.notes.update(torn=torn, playlist=playlist, inspected=_inspected(stage), hurry=ExitStack())
    for function in SLOW:
        stage.notes["hurry"].enter_context(every_minute(stage, function))


def _inspected(stage: Stage) -> str:
    """When the last maintenance report was made."""
    checks = ok(stage.notes["front"].post(f"{API}/healthCheck"))["checks"]
    return str(checks["entities"]["details"]["last_inspection"])
