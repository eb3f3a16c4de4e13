"""Profiles: what influencers and brands say of themselves.

One read and one write of the profile; a picture is one object in S3 more. Access patterns are in accounts/entities.py.
"""

from pydantic import BaseModel, ConfigDict

from quintet.api import Upload, UploadedFile
from quintet.models import now
from quintet.store.contention import until_settled
from stoory.profiles.entities import Profile
from stoory.profiles.fields import NOT_STORED, ProfileFields, ProfileReply, filled
from stoory.service import USER_NOT_FOUND, Role, User, api, store

profile = api.section("profile")

FOLDER = "profiles"


class Completion(ProfileFields):
    profileImage: Upload | None = None  # noqa: N815 (the document's spelling)
    brandLogo: Upload | None = None  # noqa: N815


class CompletedReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    profile: ProfileReply


@profile.put(
    "/auth/profile/complete",
    multipart=True,
    errors=[USER_NOT_FOUND, NOT_STORED],
    needs={"table:write", "storage:write", "storage:read", "vault:seal"},
    layers=("oidc",),
    example={"upi_id": "asha@okbank", "bio": "Food and travel", "languages": ["English", "Hindi"], "tier": "MICRO"},
)
def complete(body: Completion, caller: User) -> CompletedReply:
    """Complete the caller's profile

    JSON and forms say the same; in a form, arrays and objects travel as JSON text, and `profileImage` (influencers)
    or `brandLogo` (brands) is a JPEG, PNG or WebP file of at most 5 MB. What is absent stays as it was.
    """
    pictures = _pictures(body, caller.role)

    def attempt() -> Profile:
        at = now()
        old = store.require(Profile, USER_NOT_FOUND, user_id=caller.id)
        new = filled(old, body, at, **pictures)
        new.completed_at = old.completed_at or at
        return store.replace(old, new, refused=None)

    return CompletedReply(message="Profile completed successfully", profile=ProfileReply.of(until_settled(attempt)))


def _pictures(body: Completion, role: str) -> dict[str, str]:
    """The keys of the pictures that came, stored; raises 400 for one that is none, or not for this role."""
    found: dict[str, str] = {}
    places = (
        ("profileImage", body.profileImage, Role.INFLUENCER, "profile_image"),
        ("brandLogo", body.brandLogo, Role.BRAND, "brand_logo"),
    )
    for param, file, owner, field in places:
        if file is None:
            continue
        if role != owner:
            message = f"{param} is for {'influencers' if owner is Role.INFLUENCER else 'brands'} only"
            raise api.errors.invalid_body(details=[{"field": param, "message": message}])
        found[field] = _kept(param, file)
    return found


def _kept(param: str, file: UploadedFile) -> str:
    from quintet.media import images

    try:
        return images.store_image(file.content, FOLDER)
    except (images.ImageTooLarge, images.NotAnImage) as error:
        raise api.errors.invalid_body(details=[{"field": param, "message": str(error)}]) from None
