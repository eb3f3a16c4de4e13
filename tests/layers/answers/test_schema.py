"""The schema that a model is given as a tool's input."""

import json
from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from infra.local.converse import filled
from quintet.answers.schema import tool_schema


class Mood(Enum):
    CALM = "calm"
    SAD = "sad"


class Song(BaseModel):
    title: str = Field(min_length=1, description="As on the record.")
    era: Literal["1940s", "1950s"]


class Evening(BaseModel):
    """What to do tonight."""

    mood: Mood
    level: int = Field(ge=0, le=10)
    songs: list[Song] = Field(min_length=1, max_length=5)
    best: Song | None = None
    note: str | None = None
    owed: str | None
    kind: Literal["music"] = "music"
    by_room: dict[str, list[Song]] = {}


class Branch(BaseModel):
    name: str
    branches: list["Branch"]


def test_references_are_written_out_and_names_are_not_repeated() -> None:
    song = {
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 1, "description": "As on the record."},
            "era": {"type": "string", "enum": ["1940s", "1950s"]},
        },
        "required": ["title", "era"],
    }
    assert tool_schema(Evening) == {
        "type": "object",
        "properties": {
            "mood": {"type": "string", "enum": ["calm", "sad"]},
            "level": {"type": "integer", "minimum": 0, "maximum": 10},
            "songs": {"type": "array", "items": song, "minItems": 1, "maxItems": 5},
            "best": song,
            "note": {"type": "string"},
            "owed": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "kind": {"type": "string", "enum": ["music"]},
            "by_room": {"type": "object", "additionalProperties": {"type": "array", "items": song}},
        },
        "required": ["mood", "level", "songs", "owed"],
    }


def test_a_model_within_itself_ends() -> None:
    assert tool_schema(Branch) == {
        "type": "object",
        "properties": {"name": {"type": "string"}, "branches": {"type": "array", "items": {"type": "object"}}},
        "required": ["name", "branches"],
    }


@pytest.mark.parametrize("model", [Evening, Branch])
def test_what_fits_the_schema_fits_the_model(model: type[BaseModel]) -> None:
    schema: dict[str, Any] = tool_schema(model)
    assert "$ref" not in json.dumps(schema)
    model.model_validate(filled(schema))
