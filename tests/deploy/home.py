"""Simulated devices of a deployed system: they watch their shadows in the embedded AWS and do what is desired."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any

from tests.deploy.cloud import Cloud

LAG = 0.15
"""Seconds between two looks of a device at its shadow."""


class Home(threading.Thread):
    """Devices by the names of their things, from `start` to `stop`."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(name="devices", daemon=True)
        self.things: set[str] = set()
        self.reported: dict[str, dict[str, Any]] = {}
        """What each thing's device reported last."""
        self._cloud, self._ended = cloud, threading.Event()

    def run(self) -> None:
        from botocore.exceptions import BotoCoreError

        shadows = self._cloud.client("iot-data")
        # A thing has no shadow before it is asked for something, and the cloud may stop before its devices do.
        passing = (shadows.exceptions.ResourceNotFoundException, BotoCoreError)
        while not self._ended.wait(LAG):
            for thing in tuple(self.things):
                with suppress(*passing):
                    self._obey(shadows, thing)

    def stop(self) -> None:
        self._ended.set()
        if self.is_alive():
            self.join(10)

    def _obey(self, shadows: Any, thing: str) -> None:
        state = json.loads(shadows.get_thing_shadow(thingName=thing)["payload"].read())["state"]
        if not state.get("delta"):
            return
        told = {**state.get("desired", {}), "connected": True}
        shadows.update_thing_shadow(thingName=thing, payload=json.dumps({"state": {"reported": told}}))
        self.reported[thing] = {**state.get("reported", {}), **told}
