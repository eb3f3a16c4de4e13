"""Whether the API is running."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from quintet.api import Bare
from storefront import service

api = service.api.section("health")


class Health(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: Literal["ok"]


@api.get("//health")
def check() -> Bare[Health]:
    """Health check"""
    return Bare(Health(status="ok"))
