"""Files as callers send, ask for and see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import Problem
from quintet.api.forms import Upload
from quintet.media import images
from quintet.models import Timestamp, now
from quintet.providers import storage
from softfactory.files.entities import Awaited, StoredFile
from softfactory.files.kinds import UNTOLD, Category, announced
from softfactory.files.uploads import MOST_BYTES
from softfactory.lists import ListQuery
from softfactory.people.fields import Id

Sort = Literal[
    "created_at", "-created_at", "uploaded_at", "-uploaded_at", "filename", "-filename", "size", "-size"
]  # fmt: skip


class FileQuery(ListQuery):
    """Which files, and in which order; `created_at` is `uploaded_at`."""

    category: Category | None = None
    sort: Sort = "-created_at"


_ANNOUNCED: Final = ("filename", "size", "content_type")


class UploadWish(BaseModel):
    """A `file` in a form of at most 4.5 MB; or, as JSON, `filename`, `size` and `content_type` of one that is to be
    posted to S3."""

    model_config = ConfigDict(defer_build=True)

    category: Category
    file: Annotated[Upload | None, Field(description="In multipart/form-data only")] = None
    filename: Annotated[
        str | None, Field(max_length=1024, description="Also beside a file, in place of the name it came with")
    ] = None
    size: Annotated[
        int | None,
        Field(ge=1, description="Bytes, exactly; at most 50 MB", json_schema_extra={"maximum": MOST_BYTES}),
    ] = None
    content_type: Annotated[
        str | None, Field(max_length=255, description="A type of the category, or application/octet-stream")
    ] = None

    def problems(self) -> list[Problem]:
        """What is wrong with the fields together."""
        if self.file is not None:
            return [] if self.file.content else [_problem("file", "must not be empty")]
        missing = [name for name in _ANNOUNCED if getattr(self, name) is None]
        if len(missing) == len(_ANNOUNCED):
            how = "Field required: send it as multipart/form-data, or announce it by filename, size and content_type"
            return [_problem("file", how, "missing")]
        if missing:
            return [_problem(name, "Field required", "missing") for name in missing]
        kind = announced(self.content_type or "")
        if kind is None and self.content_type != UNTOLD:
            return [_problem("content_type", "is no image, video or document of a type that is kept")]
        if kind is not None and kind.category is not self.category:
            return [_problem("content_type", f"is no type of {self.category}")]
        return []


def unfit(reason: str) -> Problem:
    """What is wrong with a file's content."""
    return _problem("file", reason)


def _problem(field: str, message: str, type: str = "value_error") -> Problem:
    return Problem(field, message, ("body", field), type)


class FileReply(BaseModel):
    """A file. Its addresses work in a browser without a token: `cdn_url` is stable where a content delivery network is
    configured; else both are presigned, made anew for every answer and good for 12 hours at most."""

    model_config = ConfigDict(defer_build=True)

    file_id: str
    file_key: str
    filename: str
    original_filename: str
    size: int
    file_size: int
    content_type: str
    category: Category
    cdn_url: str
    s3_url: str
    uploaded_at: Timestamp

    @classmethod
    def of(cls, file: StoredFile) -> Self:
        public = images.public_url(file.file_key)
        signed = storage.presign_download(file.file_key, images.URL_LIFETIME) if images.has_base() else public
        return cls(
            file_id=file.id, file_key=file.file_key, filename=file.filename, original_filename=file.filename,
            size=file.size, file_size=file.size, content_type=file.media_type, category=file.category,
            cdn_url=public, s3_url=signed, uploaded_at=file.uploaded_at,
        )  # fmt: skip


class UploadForm(BaseModel):
    """Where to post a file, as multipart/form-data: all `fields` first, then the content as `file`. Within an hour."""

    model_config = ConfigDict(defer_build=True)

    url: str
    fields: dict[str, str]


class AnnouncedReply(BaseModel):
    """An upload that is awaited; its file counts, under this id, when it has arrived."""

    model_config = ConfigDict(defer_build=True)

    file_id: str
    upload: UploadForm

    @classmethod
    def of(cls, awaited: Awaited, form: storage.Upload) -> Self:
        return cls(file_id=awaited.id, upload=UploadForm(url=form.url, fields=dict(form.fields)))


class LinkWish(BaseModel):
    """Which file to link to, and for how long."""

    model_config = ConfigDict(defer_build=True)

    file_id: Id
    expires_in_hours: Annotated[int, Field(ge=1, le=168)] = 24


class LinkReply(BaseModel):
    """A link that saves a file under its name, for whoever has it."""

    model_config = ConfigDict(defer_build=True)

    presigned_url: str
    expires_at: Timestamp
    may_expire_sooner: Annotated[
        bool,
        Field(description="Whether it is signed with a role's temporary credentials, with which it ends at the latest"),
    ]

    @classmethod
    def of(cls, file: StoredFile, lifetime: timedelta) -> Self:
        return cls(
            presigned_url=storage.presign_download(file.file_key, lifetime, file_name=file.filename),
            expires_at=now() + lifetime,
            may_expire_sooner=storage.signs_for_a_role(),
        )
