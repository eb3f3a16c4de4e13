"""Device actions: for every type of device what it can be told, and which state that asks of it.

A device understands the plain actions of its type. Those that need a capability, and parameters that do, it understands
when it has that one, when it names the action itself (`set_brightness`) among its capabilities, or when it names no
capabilities at all, so that a device entered without them is not useless.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memory_mirror.home.parameters import Choice, Color, InvalidCommand, Name, Number, Parameter, Temperature
from memory_mirror.records.fields import DeviceType

State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """Something a device can be told."""

    state: Mapping[str, Any] = field(default_factory=dict)
    """What it always asks for; parameters come over it."""
    parameters: tuple[Parameter, ...] = ()
    capability: str = ""
    """What the device must be capable of, '' for nothing."""


_ON, _OFF = {"power": "on"}, {"power": "off"}
_BRIGHTNESS = Number("brightness", "brightness", capability="brightness")
_COLOR = Color("color", "color", capability="color")
_KELVIN = Number("color_temperature", "color_temperature", capability="color_temperature", least=1500, most=9000)
_UNIT = Choice("unit", "", words=("C", "F"))
_VOLUME = Number("volume", "volume")
_LEVEL = Number("level", "level", least=1, most=10)
_MEDIA = ("playlist_id", "title", "url")
"""What names the thing a speaker plays."""
_MODES = ("off", "heat", "cool", "auto")

ACTIONS: Mapping[DeviceType, Mapping[str, Action]] = {
    "light": {
        "turn_on": Action(_ON, (_BRIGHTNESS, _COLOR, _KELVIN)),
        "turn_off": Action(_OFF),
        "set_brightness": Action(_ON, (Number("brightness", "brightness", required=True),), "brightness"),
        "dim": Action({**_ON, "brightness": 30}, (Number("brightness", "brightness"),), "brightness"),
        "set_color": Action(_ON, (Color("color", "color", required=True), _BRIGHTNESS), "color"),
        "set_color_temperature": Action(
            _ON,
            (Number("color_temperature", "color_temperature", required=True, least=1500, most=9000), _BRIGHTNESS),
            "color_temperature",
        ),
    },
    "lock": {"lock": Action({"locked": True}), "unlock": Action({"locked": False})},
    "thermostat": {
        "turn_on": Action({"mode": "auto"}),
        "turn_off": Action({"mode": "off"}),
        "set_temperature": Action({}, (Temperature("temperature", "temperature", required=True), _UNIT)),
        "set_mode": Action({}, (Choice("mode", "mode", required=True, words=_MODES),), "mode"),
    },
    "speaker": {
        "turn_on": Action(_ON, (_VOLUME,)),
        "turn_off": Action({**_OFF, "playback": "stopped"}),
        "set_volume": Action({}, (Number("volume", "volume", required=True),)),
        "mute": Action({"muted": True}),
        "unmute": Action({"muted": False}),
        "play": Action(
            {**_ON, "playback": "playing"},
            (*(Name(name, name) for name in _MEDIA), _VOLUME),
        ),
        "pause": Action({"playback": "paused"}),
        "stop": Action({"playback": "stopped"}),
    },
    "stove": {
        "turn_on": Action(_ON, (_LEVEL,)),
        "turn_off": Action(_OFF),
        "set_level": Action({}, (Number("level", "level", required=True, least=0, most=10),), "level"),
    },
    "sensor": {},
}
"""By type and name. Brightness and volume are per cent, levels 0 to 10, colour temperatures kelvin."""

_ALSO = {"dimming": "brightness", "dimmable": "brightness", "colour": "color", "rgb": "color"}
"""Other names of capabilities."""
_TOLERANCES = {"brightness": 1, "volume": 1, "temperature": 0.25, "color_temperature": 50}
"""How far a report may be from what was asked and still confirm it: devices round to steps of their own."""


def desired(kind: DeviceType, capabilities: Sequence[str], action: str, parameters: Mapping[str, Any]) -> State:
    """The state that an action asks of a device. Raises `InvalidCommand` that names what is wrong."""
    known = ACTIONS[kind]
    found = known.get(action)
    able = frozenset(_spelled(one) for one in capabilities)
    if found is None or not _capable(able, found.capability, action):
        offered = [name for name, one in known.items() if _capable(able, one.capability, name)]
        told = f"understands {', '.join(offered)}" if offered else "takes no commands"
        raise InvalidCommand("action", f"this {kind} {told}")
    state: State = dict(found.state)
    takes = {one.name: one for one in found.parameters if _capable(able, one.capability, f"set_{one.name}")}
    for name in parameters:
        if name not in takes:
            told = f"takes {', '.join(takes)}" if takes else "takes no parameters"
            raise InvalidCommand(_place(name), f"{action} of this {kind} {told}")
    for name, one in takes.items():
        if parameters.get(name) is not None:
            try:
                value = one.read(parameters)
            except ValueError as error:
                raise InvalidCommand(f"parameters.{name}", str(error)) from None
            if one.state:
                state[one.state] = value
        elif one.required:
            raise InvalidCommand(f"parameters.{name}", f"{action} needs it")
    return _coherent(kind, state)


def matches(wanted: Mapping[str, Any], reported: Mapping[str, Any]) -> bool:
    """Whether a report confirms what was asked, each value within its tolerance."""
    return all(name in reported and _same(name, value, reported[name]) for name, value in wanted.items())


def _coherent(kind: DeviceType, state: State) -> State:
    """A light and a stove at nothing are off, and what is played now replaces all that was said of the last."""
    if kind == "light" and state.get("brightness") == 0:
        return {**state, **_OFF}
    if kind == "stove" and "level" in state:
        return {**state, **(_ON if state["level"] else _OFF)}
    if kind == "speaker" and any(name in state for name in _MEDIA):
        return {**dict.fromkeys(_MEDIA, ""), **state}
    return state


def _place(name: str) -> str:
    """Where a parameter stands, for an error's text; a name that is none is not repeated."""
    return f"parameters.{name}" if name.isidentifier() and len(name) <= 40 else "parameters"


def _capable(able: frozenset[str], *names: str) -> bool:
    """Whether a device with these capabilities has the one that is needed, under any of its names."""
    return not able or not names[0] or any(name in able for name in names)


def _spelled(capability: str) -> str:
    """`Color Temperature`, `color-temperature` and `color_temperature` are one capability, and some have two names."""
    name = re.sub(r"[\s-]+", "_", capability.strip().casefold())
    return _ALSO.get(name, name)


def _same(name: str, asked: Any, told: Any) -> bool:
    if isinstance(asked, bool) or isinstance(told, bool):
        return asked is told
    if isinstance(asked, int | float) and isinstance(told, int | float):
        return abs(asked - told) <= _TOLERANCES.get(name, 0) + 1e-9
    return bool(asked == told)
