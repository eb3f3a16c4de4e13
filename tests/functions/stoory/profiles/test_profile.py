"""Profiles."""

from __future__ import annotations

import json
import struct
import zlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from quintet import settings
from quintet.models import new_id
from quintet.models.time import frozen
from quintet.providers import storage, vault
from quintet.testing import Client
from quintet.testing.client import Answer
from stoory.profiles.entities import Profile
from stoory.service import store
from tests.functions.stoory.conftest import SignIn, user_of
from tests.support.aws import in_threads

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)
PATH, ME = "/api/v1/auth/profile/complete", "/api/v1/users/me"
BOUNDARY = "stoory-form"
FIELDS: dict[str, Any] = {
    "pan_number": "abcde1234f",
    "upi_id": "Asha@OkBank",
    "social_platforms": [
        {
            "platform_name": "Instagram",
            "username": "asha",
            "profile_url": "https://instagram.com/asha",
            "follower_count": 12000,
            "engagement_rate": 3.5,
            "data_source": "MANUAL",
        }
    ],
    "languages": ["English", "Hindi"],
    "categories": ["Food"],
    "bio": "Food\nand travel",
    "city": "Pune",
    "country": "India",
    "gender": "FEMALE",
    "tier": "MICRO",
    "min_value": 500.5,
    "max_value": 2000,
    "brand_name": "Asha's",
    "brand_description": "Spices",
}


def png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    pixels = zlib.compress(b"\x00\xff\xff\xff")
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def submit(client: Client, fields: dict[str, Any], files: dict[str, bytes] | None = None) -> Answer:
    """The fields as a browser's form."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + (value if isinstance(value, str) else json.dumps(value)).encode()
        for name, value in fields.items()
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="x.txt"\r\n'
        "Content-Type: text/plain\r\n\r\n".encode()
        + content
        for name, content in (files or {}).items()
    ]
    body = b"\r\n".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
    return client.put(PATH, body, headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})


def test_completing_a_profile(sign_in: SignIn) -> None:
    with frozen(NOON):
        influencer = sign_in("INFLUENCER")
        answer = influencer.put(PATH, FIELDS)
    assert answer.status == 200
    assert answer.body == {
        "success": True,
        "message": "Profile completed successfully",
        "profile": {
            "user_id": user_of(influencer),
            **FIELDS,
            "pan_number": "ABCDE****F",
            "upi_id": "asha@okbank",
            "profile_image": None,
            "brand_logo": None,
            "completed_at": "2026-01-18T12:00:00Z",
            "updated_at": "2026-01-18T12:00:00Z",
        },
    }


def test_a_form_says_what_json_says(sign_in: SignIn) -> None:
    with frozen(NOON):
        one, other = sign_in("INFLUENCER"), sign_in("INFLUENCER")
        by_json, by_form = one.put(PATH, FIELDS), submit(other, FIELDS)
    assert by_form.status == 200, by_form
    assert by_form.body["profile"] == {**by_json.body["profile"], "user_id": user_of(other)}


def test_a_pan_is_sealed_and_shown_masked_only(influencer: Client, capsys: pytest.CaptureFixture[str]) -> None:
    answer = influencer.put(PATH, {"pan_number": "ABCDE1234F"})
    user_id = user_of(influencer)
    stored = store.get(Profile, user_id=user_id)
    assert stored is not None
    assert stored.pan_sealed is not None
    assert vault.open(stored.pan_sealed, f"user/{user_id}/pan") == "ABCDE1234F"
    with pytest.raises(vault.Unreadable):
        vault.open(stored.pan_sealed, f"user/{new_id()}/pan")
    told = capsys.readouterr()
    for text in (json.dumps(stored.item()), answer.raw.decode(), influencer.get(ME).raw.decode(), told.out, told.err):
        assert "1234" not in text


def test_without_a_key_no_pan_is_stored(influencer: Client) -> None:
    with settings.use({"QUINTET_KMS_KEY": ""}):
        answer = influencer.put(PATH, {"pan_number": "ABCDE1234F"})
    assert answer.status == 503
    assert answer.body == {"success": False, "message": "Personal identifiers cannot be stored right now"}


def test_what_is_absent_stays_and_what_is_null_goes(influencer: Client) -> None:
    influencer.put(PATH, FIELDS)
    answer = influencer.put(PATH, {"bio": None, "pan_number": None, "languages": None, "city": "Mumbai"})
    profile = answer.body["profile"]
    assert {name: profile[name] for name in ("bio", "pan_number", "languages", "city", "country")} == {
        "bio": None,
        "pan_number": None,
        "languages": [],
        "city": "Mumbai",
        "country": "India",
    }


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"pan_number": "ABCDE12345"}, "pan_number"),
        ({"upi_id": "nobody"}, "upi_id"),
        ({"social_platforms": [{"platform_name": "X"}]}, "social_platforms.0.username"),
        ({"social_platforms": "x"}, "social_platforms"),
        ({"languages": [5]}, "languages.0"),
        ({"bio": "x" * 5001}, "bio"),
        ({"city": "x" * 201}, "city"),
        ({"gender": "NONE"}, "gender"),
        ({"tier": "HUGE"}, "tier"),
        ({"min_value": -1}, "min_value"),
        ({"min_value": 1.005}, "min_value"),
        ({"min_value": 5, "max_value": 4}, "max_value"),
        ({"brand_name": "x"}, "brand_name"),
        ({"profileImage": "https://example.com/x.png"}, "profileImage"),
    ],
)
def test_malformed_fields_are_refused_in_both_forms(influencer: Client, change: dict[str, Any], param: str) -> None:
    answers = [influencer.put(PATH, change)]
    if "profileImage" not in change:
        answers.append(submit(influencer, change))
    for answer in answers:
        assert (answer.status, answer.body["message"]) == (400, "Validation failed")
        assert [(e["param"], e["location"]) for e in answer.body["errors"]] == [(param, "body")]


def test_the_lowest_value_is_held_against_the_stored_highest(influencer: Client) -> None:
    influencer.put(PATH, {"max_value": 100})
    assert influencer.put(PATH, {"min_value": 101}).status == 400
    assert influencer.put(PATH, {"min_value": 100}).status == 200


@pytest.mark.parametrize(
    ("role", "param", "field"), [("INFLUENCER", "profileImage", "profile_image"), ("BRAND", "brandLogo", "brand_logo")]
)
def test_a_picture_is_stored_and_served(sign_in: SignIn, role: str, param: str, field: str) -> None:
    client = sign_in(role)
    answer = submit(client, {"city": "Pune"}, {param: png()})
    assert answer.status == 200, answer
    key = urlsplit(answer.body["profile"][field]).path.partition("stoory/")[2]
    found = storage.head(key)
    assert found is not None
    assert (found.size, found.content_type) == (len(png()), "image/png")


@pytest.mark.parametrize(
    ("role", "param", "content", "message"),
    [
        ("INFLUENCER", "brandLogo", png(), "brandLogo is for brands only"),
        ("BRAND", "profileImage", png(), "profileImage is for influencers only"),
        ("ADMIN", "brandLogo", png(), "brandLogo is for brands only"),
        ("INFLUENCER", "profileImage", b"GIF89a" + bytes(50), "Image must be a JPEG, PNG or WebP file"),
        ("INFLUENCER", "profileImage", png() + bytes(5 * 1024 * 1024), "Image must be at most 5MB"),
    ],
    ids=["influencer's logo", "brand's portrait", "administrator", "gif", "too large"],
)
def test_other_files_are_refused(sign_in: SignIn, role: str, param: str, content: bytes, message: str) -> None:
    answer = submit(sign_in(role), {}, {param: content})
    assert answer.status == 400
    assert answer.body["errors"] == [{"msg": message, "param": param, "location": "body"}]


def test_completions_at_once_lose_nothing(influencer: Client) -> None:
    changes = [{"city": "Pune"}, {"country": "India"}, {"bio": "x"}, {"tier": "NANO"}]
    answers = in_threads(4, lambda n: influencer.put(PATH, changes[n]).status)
    profile = influencer.get(ME).data["profile"]
    assert answers == [200] * 4
    assert {name: profile[name] for change in changes for name in change} == {
        "city": "Pune",
        "country": "India",
        "bio": "x",
        "tier": "NANO",
    }


def test_strangers_are_turned_away(market: Client) -> None:
    answer = market.put(PATH, {"bio": 5})
    assert (answer.status, answer.body["message"]) == (401, "Authentication required")
