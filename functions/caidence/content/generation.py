"""Generating content: worded by the language model or composed, and stored with what the dashboard tells of it.

The operation and the jobs that generate content use the same function.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from caidence.activity.log import record
from caidence.content.composing import Brief, compose, most_of
from caidence.content.entities import Content
from caidence.content.forms import LONGEST, shape_of
from caidence.directory.entities import Brand, User
from caidence.envelope import Id
from caidence.service import store
from quintet.answers import Prompt, ask
from quintet.models import Length, Line, Text, new_id
from quintet.store import ConditionFailed

CONTENT = Prompt("caidence", "content.v1", max_tokens=2500, seconds=20, rules="rules.v1")


class ContentWish(BaseModel):
    """What is to be written, and for whom."""

    model_config = ConfigDict(defer_build=True)

    title: Annotated[Line, Length(1, 200)]
    platform: Annotated[Line, Length(1, 50), Field(examples=["instagram"])]
    content_type: Annotated[Line, Length(1, 50), Field(examples=["caption"])]
    prompt: Annotated[Text, Length(1, 4000)]
    organization_id: Annotated[Id | None, Field(description="The caller's own when absent")] = None
    brand_id: Annotated[Id | None, Field(description="The brand it speaks for")] = None


class Written(BaseModel):
    """What the language model answers."""

    model_config = ConfigDict(defer_build=True)

    content: Annotated[Text, Length(1, LONGEST)]


def generate(
    wish: ContentWish, user: User, organization_id: str, brand_id: str | None = None, *, id: str | None = None
) -> Content:
    """Write content for a user and store it in this organization and brand, to which they were admitted.

    With an `id` it is made once: what is there under it already is the answer, and nothing is asked again. It never
    fails for the language model's sake; `answered_by` tells who wrote it.
    """
    made = store.get(Content, organization_id=organization_id, id=id) if id else None
    if made is not None:
        return made
    text, answered_by = _written(wish, organization_id, brand_id)
    row = Content(
        id=id or new_id(), organization_id=organization_id, brand_id=brand_id, title=wish.title, platform=wish.platform,
        content_type=wish.content_type, prompt=wish.prompt, content=text, answered_by=answered_by, user_id=user.id,
    )  # fmt: skip
    row.updated_at = row.created_at
    tx = store.transaction()
    tx.create(row)
    told = f"Generated {wish.content_type} for {wish.platform}: {wish.title}"
    record(tx, user, "content.generated", told, organization_id=organization_id)
    try:
        tx.commit()
    except ConditionFailed:  # a twin with this id was faster
        return store.get(Content, organization_id=organization_id, id=row.id) or row
    return row


def _written(wish: ContentWish, organization_id: str, brand_id: str | None) -> tuple[str, str]:
    """The text, and who wrote it."""
    brand = store.get(Brand, organization_id=organization_id, id=brand_id) if brand_id else None
    brief = Brief(wish.title, wish.platform, wish.content_type, wish.prompt, brand.name if brand else "")
    most, shape = most_of(brief), shape_of(wish.platform, wish.content_type)

    def fit(written: Written) -> Written:
        if len(written.content) > most:
            message = f"content has {len(written.content)} characters, and at most {most} are allowed there"
            raise ValueError(message)
        return written

    facts = {
        "title": wish.title,
        "platform": wish.platform,
        "content_type": wish.content_type,
        "most_characters": most,
        "most_characters_of_a_part": shape.part if shape.form == "thread" else None,
        "prompt": wish.prompt,
        "brand": {"called": brand.name, "industry": brand.industry, "about": brand.description} if brand else None,
    }
    answer = ask(CONTENT, Written, facts, fit)
    if answer.value is not None:
        return answer.value.content, answer.source
    return compose(brief), answer.source
