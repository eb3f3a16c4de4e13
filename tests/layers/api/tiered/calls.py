"""One operation for anybody and one for the signed-in, under one limit over both."""

from pydantic import BaseModel

from quintet.api import Api, Caller, Request, StandardErrors
from quintet.api.tiers import Tier

STANDARD = Tier("standard", per_minute=2, per_hour=3)


class Person(Caller):
    """Anybody signed in whose session was not ended."""

    def authorise(self, errors: StandardErrors) -> None:
        if self.claims.get("ended"):
            raise errors.unauthenticated()


class Nobody(Caller):
    """Somebody who may what nobody may."""

    restricted = True

    def authorise(self, errors: StandardErrors) -> None:
        raise errors.forbidden()


class Said(BaseModel):
    text: str


def tier_of(caller: Caller | None, _request: Request) -> Tier | None:
    """Administrators are exempt."""
    return None if caller is not None and caller.claims.get("role") == "admin" else STANDARD


api = Api("tests.layers.api.tiered", title="Tiered", tiers=tier_of)


@api.get("/open")
def look() -> Said:
    """Look"""
    return Said(text="hello")


@api.post("/said")
def say(body: Said, caller: Person) -> Said:
    """Say something"""
    return body


@api.get("/locked")
def enter(caller: Nobody) -> Said:
    """Enter"""
    return Said(text="in")


@api.get("/up", untiered=True)
def up() -> Said:
    """Whether it is up"""
    return Said(text="up")
