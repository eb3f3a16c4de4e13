"""Generating designs: painted or composed, their file stored, and the asset with what the dashboard tells of it.

The operation and the jobs that generate designs use the same function.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from caidence.activity.log import record
from caidence.design import files, references
from caidence.design.composing import SIZES, AspectRatio, Sketch
from caidence.design.entities import DesignAsset
from caidence.design.painting import paint
from caidence.design.references import BadReference
from caidence.directory.entities import Brand, User
from caidence.envelope import Id
from caidence.once import once
from caidence.service import api, store
from quintet.api import ErrorType
from quintet.models import Length, Line, Text
from quintet.providers.errors import ProviderError
from quintet.store import ConditionFailed, Transaction

if TYPE_CHECKING:
    from PIL.Image import Image

UNSTORED: Final = ErrorType(503, "storage_unavailable", "The picture cannot be stored at the moment, please try again")

_UNDRAWN: Final = frozenset({"So", "Sk", "Mn", "Me", "Cf", "Co", "Cn", "Zs"})
"""Emoji, their marks and joiners: no face of letters has them."""


def _drawn(title: str) -> str:
    if all(unicodedata.category(char) in _UNDRAWN for char in title):
        raise ValueError("must have something that letters can show: emoji are left out of pictures")
    return title


Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$", examples=["#F28C28"]), AfterValidator(str.upper)]
Colors = Annotated[list[Color], Field(max_length=8, description="The leading one first")]
Title = Annotated[Line, Length(1, 200), AfterValidator(_drawn)]
StyleName = Annotated[Line, Length(1, 50), Field(examples=["minimal"])]
Brief = Annotated[Text, Length(1, 4000)]
Reference = Annotated[
    str,
    Field(
        max_length=references.LONGEST, description="An https address, or base64 of a JPEG, PNG or WebP, at most 4 MB"
    ),
    AfterValidator(references.checked),
]


class DesignWish(BaseModel):
    """What is to be painted, and for whom."""

    model_config = ConfigDict(defer_build=True)

    title: Title
    style: StyleName
    prompt: Brief
    aspect_ratio: AspectRatio
    brand_colors: Colors | None = None
    reference_image: Reference | None = None
    organization_id: Annotated[Id | None, Field(description="The caller's own when absent")] = None
    brand_id: Annotated[Id | None, Field(description="The brand it speaks for")] = None


def generate(
    wish: DesignWish, user: User, organization_id: str, brand_id: str | None = None, *, id: str | None = None
) -> DesignAsset:
    """Paint a design for a user and store it in this organization and brand, to which they were admitted.

    With an `id` it is made once: what is there under it already is the answer, and nothing is painted again. It never
    fails for the image model's sake; `answered_by` tells who painted it. Raises 422 for a reference image that is none,
    503 when the picture cannot be stored.
    """

    def make(made: str) -> DesignAsset:
        brand = store.get(Brand, organization_id=organization_id, id=brand_id) if brand_id else None
        sketch = Sketch(
            wish.title, wish.style, wish.prompt, wish.aspect_ratio, tuple(wish.brand_colors or ()),
            brand.name if brand else "",
        )  # fmt: skip
        content, answered_by = paint(sketch, _reference(wish))
        width, height = SIZES[wish.aspect_ratio]
        row = DesignAsset(
            id=made, organization_id=organization_id, brand_id=brand_id, title=wish.title, style=wish.style,
            prompt=wish.prompt, aspect_ratio=wish.aspect_ratio, brand_colors=wish.brand_colors or [],
            image_file=_stored(organization_id, content), image_bytes=len(content), width=width, height=height,
            answered_by=answered_by, user_id=user.id,
        )  # fmt: skip
        row.updated_at = row.created_at
        return row

    def tell(tx: Transaction, row: DesignAsset) -> None:
        files.keep(tx, row)  # where a twin was faster, the file stays loose, and is swept
        record(tx, user, "design.generated", f"Generated the design {row.title}", organization_id=organization_id)

    try:
        return once(DesignAsset, id, make, tell, organization_id=organization_id)
    except ConditionFailed as error:  # its file was swept before it came
        raise UNSTORED() from error


def _reference(wish: DesignWish) -> Image | None:
    if wish.reference_image is None:
        return None
    try:
        return references.load(wish.reference_image)
    except BadReference as error:
        raise api.errors.invalid_body(
            details=[{"field": "reference_image", "message": str(error), "type": "value_error"}]
        ) from error


def _stored(organization_id: str, content: bytes) -> str:
    try:
        return files.write(organization_id, content)
    except ProviderError as error:
        raise UNSTORED() from error
