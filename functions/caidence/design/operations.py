"""The design studio: assets listed, read, generated, changed and deleted, and their pictures."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import DesignReader, DesignWriter
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND, page, place_for, row
from caidence.activity.log import record
from caidence.design import files, generation
from caidence.design.composing import AspectRatio
from caidence.design.entities import DesignAsset, LooseFile
from caidence.design.files import PNG, Swept
from caidence.design.generation import UNSTORED, Brief, Colors, DesignWish, StyleName, Title
from caidence.envelope import Deleted, Id
from caidence.service import api, store
from quintet.api import Binary, ErrorType, Reply
from quintet.models import Page, SkipQuery, Timestamp, now
from quintet.providers import storage
from quintet.providers.errors import ProviderError
from quintet.settings import settings
from quintet.store import until_settled

ASSET_NOT_FOUND = ErrorType(404, "design_not_found", "Design asset not found")
IMAGE_NOT_FOUND = ErrorType(404, "image_not_found", "Image not found")
UNREADABLE = ErrorType(503, "storage_unavailable", "The picture cannot be read at the moment, please try again")
RATIO_STAYS = ErrorType(400, "aspect_ratio_stays", "The aspect ratio is the picture's: generate another design for it")
PICTURE_STAYS = ErrorType(
    400, "picture_stays", "Style, prompt and colours are the picture's: generate another design for them"
)


_OF_THE_PICTURE: Final = "The picture's own, or 400"


class DesignChanges(BaseModel):
    """What is left out, or null, stays as it is. What the picture was made from may be sent back, not changed."""

    model_config = ConfigDict(defer_build=True)

    title: Title | None = None
    style: Annotated[StyleName | None, Field(description=_OF_THE_PICTURE)] = None
    prompt: Annotated[Brief | None, Field(description=_OF_THE_PICTURE)] = None
    brand_colors: Annotated[Colors | None, Field(description=_OF_THE_PICTURE)] = None
    aspect_ratio: Annotated[AspectRatio | None, Field(description=_OF_THE_PICTURE)] = None


class DesignReply(BaseModel):
    """A design asset; its picture is behind `image_url`, with the same token."""

    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    brand_id: str | None
    title: str
    style: str
    prompt: str
    aspect_ratio: AspectRatio
    brand_colors: list[str]
    image_url: str
    width: Annotated[int, Field(description="Pixels")]
    height: Annotated[int, Field(description="Pixels")]
    user_id: str
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, asset: DesignAsset) -> Self:
        shown = asset.model_dump(exclude={"version", "answered_by", "image_file", "image_bytes"})
        return cls.model_validate({**shown, "image_url": _image_url(asset)})


def _image_url(asset: DesignAsset) -> str:
    """Where a picture is, under the platform's public address; without one, a path at the host that was asked."""
    return f"{settings().get('QUINTET_PUBLIC_URL').rstrip('/')}{api.base}/design/{asset.id}/image"


@api.get("/design", needs={"table:read"})
def list_designs(query: SkipQuery, caller: DesignReader) -> Page[DesignReply]:
    """List design assets, newest first

    All of them for super admins, for others those of their organization.
    """
    return page(caller, DesignAsset, query).map(DesignReply.of)


@api.get("/design/{asset_id}", errors=[ASSET_NOT_FOUND], needs={"table:read"}, etag=True)
def get(asset_id: Id, caller: DesignReader) -> DesignReply:
    """Get a design asset"""
    return DesignReply.of(row(caller, DesignAsset, asset_id, ASSET_NOT_FOUND))


@api.get(
    "/design/{asset_id}/image",
    errors=[ASSET_NOT_FOUND, IMAGE_NOT_FOUND, UNREADABLE],
    needs={"table:read", "storage:read"},
    produces=(PNG,),
    etag=True,
    headers={"Cache-Control": "A picture never changes: the caller's own cache may keep it for an hour"},
)
def get_image(asset_id: Id, caller: DesignReader) -> Reply[Binary]:
    """The picture of a design asset, a PNG"""
    asset = row(caller, DesignAsset, asset_id, ASSET_NOT_FOUND)
    try:
        content = storage.get(asset.image_file)
    except ProviderError as error:
        raise UNREADABLE() from error
    if content is None:
        raise IMAGE_NOT_FOUND()
    picture = Binary(content, PNG, f"{asset.title[:100]}.png", inline=True)
    return Reply(picture, headers={"Cache-Control": "private, max-age=3600"})


@api.post(
    "/design/generate",
    errors=[ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND, UNSTORED],
    needs={"table:write", "storage:write", "model"},
    layers=("documents",),
    memory=1024,
    idempotent=True,
    example={
        "title": "Cold-pressed summer",
        "style": "minimal",
        "prompt": "A glass of orange juice in the morning sun",
        "aspect_ratio": "4:5",
        "brand_colors": ["#F28C28", "#2E7D32"],
    },
)
def generate(body: DesignWish, caller: DesignWriter) -> Reply[DesignReply]:
    """Generate a picture and keep it as a design asset

    Painted by an image model where one is configured, else composed as a poster in the brand's colours: minimal, bold,
    elegant, retro, playful, corporate, neon, organic or gradient, by the words of `style`. `X-Answer-Source` says by
    whom: `model` or `fallback`.
    """
    organization_id, brand_id = place_for(caller, body.organization_id, body.brand_id)
    made = generation.generate(body, caller.account, organization_id, brand_id)
    return Reply(DesignReply.of(made), headers={"X-Answer-Source": made.answered_by})


@api.put(
    "/design/{asset_id}",
    errors=[ASSET_NOT_FOUND, RATIO_STAYS, PICTURE_STAYS],
    needs={"table:write"},
    example={"title": "Cold-pressed spring"},
)
def update(asset_id: Id, body: DesignChanges, caller: DesignWriter) -> DesignReply:
    """Update a design asset's metadata

    Its title: the picture stays, and with it the wish that it was made from. Fields that are left out keep their value.
    """
    given = body.model_dump(exclude_none=True)

    def attempt() -> DesignAsset:
        old = row(caller, DesignAsset, asset_id, ASSET_NOT_FOUND)
        if given.get("aspect_ratio", old.aspect_ratio) != old.aspect_ratio:
            raise RATIO_STAYS()
        if any(getattr(old, name) != value for name, value in given.items() if name != "title"):
            raise PICTURE_STAYS()
        if all(getattr(old, name) == value for name, value in given.items()):
            return old
        new = old.model_copy(update={**given, "updated_at": now()})
        tx = store.transaction()
        tx.replace(old, new, refused=None)
        told = f"Updated the design {new.title}"
        record(tx, caller.account, "design.updated", told, organization_id=old.organization_id)
        tx.commit()
        return new

    return DesignReply.of(until_settled(attempt))


@api.delete("/design/{asset_id}", errors=[ASSET_NOT_FOUND], needs={"table:write", "storage:write"})
def delete(asset_id: Id, caller: DesignWriter) -> Deleted:
    """Delete a design asset and its picture"""

    def attempt() -> LooseFile:
        found = row(caller, DesignAsset, asset_id, ASSET_NOT_FOUND)
        tx = store.transaction()
        tx.delete(found, refused=None)
        loose = files.release(tx, found)
        told = f"Deleted the design {found.title}"
        record(tx, caller.account, "design.deleted", told, organization_id=found.organization_id)
        tx.commit()
        return loose

    files.clear(until_settled(attempt))
    return Deleted(message="Design asset deleted", id=asset_id)


@api.event(schedule="rate(1 hour)", needs={"table:write", "storage:write"}, timeout=120)
def sweep_files() -> Swept:
    """Delete the files of pictures that no asset has"""
    return files.sweep()
