"""Roles as the administration names them: a name of the catalogue that the caller may give out."""

from typing import Annotated

from pydantic import Field

from caidence.access.callers import User
from caidence.access.levels import require_grantable
from caidence.service import api

RoleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,49}$", examples=["brand_admin"])]


def require_role(caller: User, name: str) -> None:
    """Raise 422 naming the field `role` for a name that no role has, 403 unless the caller may give the role out."""
    if caller.catalogue.named(name) is None:
        raise api.errors.invalid_body(details=[{"field": "role", "message": "is no role"}])
    require_grantable(caller, name)
