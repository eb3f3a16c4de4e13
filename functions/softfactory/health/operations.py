"""What monitors read. Public, and counted in no tier: who asks every second is not to be refused."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from softfactory.service import api


class Health(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: Literal["ok"] = "ok"
    version: str


@api.get("/health", extension=True, untiered=True)
def check() -> Health:
    """That the suite is up, and its version"""
    return Health(version=api.version)
