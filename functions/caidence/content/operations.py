"""Generated content of an organization: listed, read, generated and deleted."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from caidence.access.callers import ContentReader, ContentWriter
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND, page, place_for, row
from caidence.activity.log import record
from caidence.content import generation
from caidence.content.entities import Content
from caidence.content.generation import ContentWish
from caidence.envelope import Deleted, Id
from caidence.service import api, store
from quintet.api import ErrorType, Reply
from quintet.models import Page, SkipQuery, Timestamp

CONTENT_NOT_FOUND = ErrorType(404, "content_not_found", "Content not found")


class ContentReply(BaseModel):
    """One piece of generated content."""

    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    brand_id: str | None
    title: str
    platform: str
    content_type: str
    prompt: str
    content: str
    user_id: str
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, content: Content) -> Self:
        return cls.model_validate(content.model_dump(exclude={"version", "answered_by"}))


@api.get("/content", needs={"table:read"})
def list_content(query: SkipQuery, caller: ContentReader) -> Page[ContentReply]:
    """List generated content, newest first

    All of it for super admins, for others that of their organization.
    """
    return page(caller, Content, query).map(ContentReply.of)


@api.get("/content/{content_id}", errors=[CONTENT_NOT_FOUND], needs={"table:read"}, etag=True)
def get(content_id: Id, caller: ContentReader) -> ContentReply:
    """Get one piece of generated content"""
    return ContentReply.of(row(caller, Content, content_id, CONTENT_NOT_FOUND))


@api.post(
    "/content/generate",
    errors=[ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND],
    needs={"table:write", "model"},
    idempotent=True,
    example={
        "title": "Cold-pressed summer",
        "platform": "instagram",
        "content_type": "caption",
        "prompt": "An energetic caption for the launch of our cold-pressed orange juice, for runners",
    },
)
def generate(body: ContentWish, caller: ContentWriter) -> Reply[ContentReply]:
    """Generate content and keep it

    The text keeps to what the platform and the type of content allow. `X-Answer-Source` says who wrote it: the language
    model, or a fallback composed from the brief.
    """
    organization_id, brand_id = place_for(caller, body.organization_id, body.brand_id)
    made = generation.generate(body, caller.account, organization_id, brand_id)
    return Reply(ContentReply.of(made), headers={"X-Answer-Source": made.answered_by})


@api.delete("/content/{content_id}", errors=[CONTENT_NOT_FOUND], needs={"table:write"})
def delete(content_id: Id, caller: ContentWriter) -> Deleted:
    """Delete a piece of generated content"""
    found = row(caller, Content, content_id, CONTENT_NOT_FOUND)
    tx = store.transaction()
    tx.delete(found, refused=CONTENT_NOT_FOUND)
    record(tx, caller.account, "content.deleted", f"Deleted {found.title}", organization_id=found.organization_id)
    tx.commit()
    return Deleted(message="Content deleted", id=found.id)
