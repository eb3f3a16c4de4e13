"""Parameters of device actions: what values they take, and how these are written into a device's state."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COLDEST, WARMEST = 5.0, 35.0
"""Degrees Celsius that a thermostat can be set to."""
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class InvalidCommand(Exception):
    """A command that its device does not understand; `field` is the part of the request at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


@dataclass(frozen=True, slots=True)
class Parameter(ABC):
    """A value that an action takes. `capability` is what the device must have for it, '' for nothing."""

    name: str
    state: str
    """The name of the value in the device's state."""
    required: bool = False
    capability: str = ""

    @abstractmethod
    def read(self, given: Mapping[str, Any]) -> Any:
        """The value as the state holds it. Raises ValueError that says what is wrong."""


@dataclass(frozen=True, slots=True)
class Number(Parameter):
    """A whole number within bounds, both included."""

    least: int = 0
    most: int = 100

    def read(self, given: Mapping[str, Any]) -> int:
        value = number(given[self.name])
        if value != int(value) or not self.least <= value <= self.most:
            raise ValueError(f"must be a whole number from {self.least} to {self.most}")
        return int(value)


@dataclass(frozen=True, slots=True)
class Temperature(Parameter):
    """A temperature in tenths of a degree Celsius; Fahrenheit when the parameter `unit` says F."""

    def read(self, given: Mapping[str, Any]) -> float:
        value, unit = number(given[self.name]), given.get("unit", "C")
        celsius = round((value - 32) * 5 / 9 if unit == "F" else value, 1)
        if not COLDEST <= celsius <= WARMEST:
            bounds = "41 to 95 °F" if unit == "F" else "5 to 35 °C"
            raise ValueError(f"must be from {bounds}")
        return celsius


@dataclass(frozen=True, slots=True)
class Choice(Parameter):
    """One of some words."""

    words: tuple[str, ...] = ()

    def read(self, given: Mapping[str, Any]) -> str:
        value = given[self.name]
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(f"must be one of {', '.join(self.words)}")
        return value


@dataclass(frozen=True, slots=True)
class Color(Parameter):
    """A colour as `#rrggbb`."""

    def read(self, given: Mapping[str, Any]) -> str:
        value = given[self.name]
        if not isinstance(value, str) or _COLOR.fullmatch(value) is None:
            raise ValueError("must be a colour such as #ffcc88")
        return value.lower()


@dataclass(frozen=True, slots=True)
class Name(Parameter):
    """A name or an address of at most 500 characters, such as of what is to be played."""

    def read(self, given: Mapping[str, Any]) -> str:
        value = given[self.name]
        if not isinstance(value, str) or not 1 <= len(value) <= 500 or not value.isprintable():
            raise ValueError("must be one line of 1 to 500 characters")
        return value


def number(value: Any) -> float:
    """A finite number. Raises ValueError for anything else, true and false among it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    try:
        found = float(value)
    except OverflowError:  # an integer of hundreds of digits
        found = math.inf
    if not math.isfinite(found):
        raise ValueError("must be a number")
    return found
