"""Influencers Club's stand-in: its public API over HTTP on 127.0.0.1, with creators made up from their numbers.

A search answers the same creators for the same question, those that pass the filters it understands (followers,
engagement, verification, handles to leave out), priced as the service prices them. Beside the service's own paths:
    PUT /_faults   what goes wrong from now on (`infra.local.faulty`); `{}` nothing
    GET /_asked    the requests so far, newest last
"""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

from infra.local.faulty import Asked, FaultyServer, Told

API_KEY = "ic_quintet_local"
PLATFORMS = ("instagram", "youtube", "tiktok", "twitter", "twitch", "onlyfans")
CREATORS = 240
"""How many creators there are on each platform."""
MOST = 50
PRICES = {"raw": 0.03, "full": 1.0, "details": 0.03, "result": 0.01}
_FIRST = ("Mila", "Noah", "Zoë", "Omar", "Ines", "Kenji", "Amara", "Lukas", "Priya", "Theo", "Sofía", "Jonas")
_LAST = ("Berg", "Okafor", "Lindqvist", "Moreau", "Tanaka", "Silva", "Novák", "Haddad", "Castillo", "Iyer")
_TOPICS = ("vegan", "travel", "skincare", "running", "gaming", "interiors", "coffee", "climbing", "books", "jazz")
_FOLLOWERS = ("number_of_followers", "number_of_subscribers", "followers")
LANGUAGES = [{"abbr": abbr, "name": name} for abbr, name in (("en", "English"), ("es", "Spanish"), ("de", "German"))]
LOCATIONS = ["Argentina", "Berlin, Germany", "Germany", "Madrid, Spain", "Spain", "United States"]
TOPICS = [{"id": f"/m/{n:03d}", "name": name.title()} for n, name in enumerate(_TOPICS)]
GAMES = ["Celeste", "Hollow Knight", "Minecraft", "Stardew Valley"]


class InfluencersClub(FaultyServer):
    """The stand-in. `left` are the hundredths of a credit that our own account has there, `billed` what it cost."""

    def __init__(self, state: Path | None = None, port: int = 0) -> None:  # noqa: ARG002 (it keeps nothing)
        super().__init__(port)
        self.left, self.billed = 1_000_000, 0
        self.overcharge = 0
        """Hundredths that each answer says it cost beyond the price."""
        self._till = threading.Lock()

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/_asked":
            return Told(200, [{"method": one.method, "path": one.path, "body": one.json} for one in self.asked])
        if asked.headers.get("authorization") != f"Bearer {API_KEY}":
            return Told(401, {"detail": "Invalid token."})
        root, _, path = asked.path.strip("/").partition("/v1/")
        found = self._read(path.split("/")) if asked.method == "GET" else self._asked(path, asked.json)
        return found if root == "public" and found else Told(404, {"detail": "Not found."})

    def _asked(self, path: str, body: Any) -> Told | None:
        """What costs something. None for a path that is none."""
        if not isinstance(body, dict) or body.get("platform") not in PLATFORMS:
            return Told(400, {"platform": ["This is not a valid choice."]})
        match path:
            case "discovery":
                return self._search(body)
            case "discovery/creators/similar":
                return self._search(body, like=str(body.get("filter_value")))
            case "creators/enrich/handle/raw" | "creators/enrich/handle/full":
                return self._enrich(body, path.rpartition("/")[2])
            case "creators/content/details":
                return self._post(body)
        return None

    def failure(self, status: int, code: str) -> Told:
        return Told(status, {"detail": code or f"The request failed with {status}"})

    def _read(self, parts: list[str]) -> Told | None:
        """What is free. None for a path that is none."""
        match parts:
            case ["accounts", "credits"]:
                return Told(200, {"credits_left": self._credits(self.left), "credits_used": self._credits(self.billed)})
            case ["discovery", "classifier", "languages"]:
                return Told(200, LANGUAGES)
            case ["discovery", "classifier", "locations", platform] if platform in PLATFORMS:
                return Told(200, LOCATIONS)
            case ["discovery", "classifier", "yt-topics"]:
                return Told(200, TOPICS)
            case ["discovery", "classifier", "games"]:
                return Told(200, {"results": GAMES})
        return None

    def _search(self, body: dict[str, Any], like: str = "") -> Told:
        paging = body.get("paging") or {}
        limit, page = paging.get("limit", 10), paging.get("page", 0)
        if not (isinstance(limit, int) and 1 <= limit <= MOST and isinstance(page, int) and page >= 0):
            return Told(400, {"paging": {"limit": [f"Ensure this value is between 1 and {MOST}."]}})
        if like and known(body["platform"], like) is None:
            return Told(404, {"detail": "Creator not found"})
        filters = body.get("filters") or {}
        seed = json.dumps([filters.get("ai_search"), like], ensure_ascii=False)
        fitting = [one for one in creators(body["platform"], seed) if _fits(one, filters) and one["username"] != like]
        shown = fitting[page * limit : (page + 1) * limit]
        self._bill(round(PRICES["result"] * 100) * len(shown))
        accounts = [{"user_id": one["userid"], "profile": _short(one)} for one in shown]
        return Told(
            200,
            {
                "total": len(fitting),
                "limit": limit,
                "credits_left": self._credits(self.left),
                "accounts": accounts,
                **({"credits_cost": (len(shown) + self.overcharge) / 100} if like or self.overcharge else {}),
            },
        )

    def _enrich(self, body: dict[str, Any], mode: str) -> Told:
        platform, found = body["platform"], known(body["platform"], str(body.get("handle")))
        if found is None:
            return Told(404, {"detail": "Creator not found"})
        result: dict[str, Any] = {platform: found}
        if mode == "full":
            other = "youtube" if platform != "youtube" else "instagram"
            result[platform] = {
                **found,
                "posting_frequency_recent_months": 4.6,
                "creator_follower_growth": {"3_months_ago": 2.4, "6_months_ago": 5.1, "12_months_ago": 11.8},
                "audience": {"audience_followers": {"success": True, "data": {"audience_credibility": 0.81}}},
            }
            result[other] = {"username": found["username"]}
            result |= {"email": f"{found['username']}@example.com", "creator_has": {"has_linktree": True}}
        return self._priced(PRICES[mode], {"result": result})

    def _post(self, body: dict[str, Any]) -> Told:
        if body["platform"] == "youtube" and body.get("content_type") == "audio":
            return Told(400, {"content_type": ["YouTube does not support audio content type."]})
        post = str(body.get("post_id"))
        likes = int(_digest(post)[:4], 16)
        contents: dict[str, Any] = {
            "data": {
                "post_id": post,
                "caption": "Golden hour.",
                "engagement": {"likes": likes, "comments": likes // 40},
            },
            "comments": {"post_id": post, "comments": [{"username": "fan", "text": "Where is this?"}]},
            "transcript": {"post_id": post, "transcript": "Hello and welcome back."},
            "audio": {"post_id": post, "audio": {"title": "Original sound"}},
        }
        found = contents.get(str(body.get("content_type")))
        if found is None:
            return Told(400, {"content_type": ["This is not a valid choice."]})
        return self._priced(PRICES["details"], {"result": found})

    def _priced(self, price: float, answer: dict[str, Any]) -> Told:
        hundredths = round(price * 100) + self.overcharge
        self._bill(hundredths)
        return Told(200, {**answer, "credits_cost": hundredths / 100})

    def _bill(self, hundredths: int) -> None:
        with self._till:
            self.left -= hundredths
            self.billed += hundredths

    @staticmethod
    def _credits(hundredths: int) -> str:
        return f"{hundredths / 100:.2f}"


def creators(platform: str, seed: str = "") -> list[dict[str, Any]]:
    """A platform's creators, in an order that the seed makes."""
    return sorted((_creator(platform, n) for n in range(CREATORS)), key=lambda one: _digest(seed + one["username"]))


def known(platform: str, handle: str) -> dict[str, Any] | None:
    """A creator by their handle in any letter case; None for one that is none of these."""
    wanted = handle.casefold().removeprefix("@")
    number = wanted.rpartition(".")[2]
    found = _creator(platform, int(number)) if number.isascii() and number.isdigit() and len(number) < 4 else None
    return found if found and found["username"] == wanted and int(number) < CREATORS else None


def _creator(platform: str, number: int) -> dict[str, Any]:
    roll = int(_digest(f"{platform}{number}")[:8], 16)
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // 3 % len(_LAST)]
    topic = _TOPICS[roll % len(_TOPICS)]
    return {
        "username": f"{topic}.{number}",
        "userid": str(10_000_000 + number),
        "full_name": f"{first} {last}",
        "biography": f"{topic.title()} stories every week",
        "follower_count": 1_000 + roll % 900_000,
        "following_count": roll % 900,
        "media_count": 40 + roll % 2_000,
        "engagement_percent": round(0.2 + roll % 900 / 100, 2),
        "is_verified": roll % 5 == 0,
        "profile_picture": f"https://pictures.example.com/{platform}/{number}",
        "country": LOCATIONS[roll % len(LOCATIONS)],
    }


def _short(creator: dict[str, Any]) -> dict[str, Any]:
    """A creator as a search shows them."""
    names = {"username": "username", "full_name": "full_name", "followers": "follower_count"}
    names |= {"engagement_percent": "engagement_percent", "picture": "profile_picture"}
    return {shown: creator[name] for shown, name in names.items()}


def _fits(creator: dict[str, Any], filters: dict[str, Any]) -> bool:
    """Whether a creator passes the filters that this understands; as at the service, any other has no effect."""
    ranges = [filters.get(name) for name in _FOLLOWERS]
    checks = [(creator["follower_count"], one) for one in ranges]
    checks.append((creator["engagement_percent"], filters.get("engagement_percent")))
    within = all(_within(value, one) for value, one in checks if isinstance(one, dict))
    verified = filters.get("is_verified") in (None, creator["is_verified"])
    return within and verified and creator["username"] not in (filters.get("exclude_handles") or ())


def _within(value: float, bounds: dict[str, Any]) -> bool:
    least, most = bounds.get("min"), bounds.get("max")
    return (least is None or value >= least) and (most is None or value <= most)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
