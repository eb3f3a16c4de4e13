"""Files, kept in Amazon S3: presigned uploads and downloads, so that no file passes a function.

Keys are the system's own: `invoices/1.pdf` of the storefront is the object `storefront/invoices/1.pdf`.
No key given here reaches another system's objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from quintet.models.time import as_utc, now
from quintet.net import aws
from quintet.providers.errors import NotConfigured, Rejected, aws_errors
from quintet.settings import settings

_SERVICE = "storage"
_MAX_KEY = 900  # S3 takes 1024 bytes; the system's name and what it may add come out of the rest
_KEY = re.compile(r"[A-Za-z0-9_.=@+-]+(?:/[A-Za-z0-9_.=@+-]+)*")
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}(?:; ?[\w=.\"-]+)*")
_LIFETIME = timedelta(minutes=15)
_MAX_LIFETIME = timedelta(days=7)  # Signature Version 4
_OTHER = frozenset({404, 412})
"""S3's answers where an object is gone, or is another one than the ETag says."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A form that a browser posts straight to S3: the fields first, then the file as `file`."""

    url: str
    fields: Mapping[str, str]
    key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What is known of a stored file."""

    key: str
    size: int
    """In bytes."""
    content_type: str
    etag: str
    modified_at: datetime


def presign_upload(
    key: str, content_type: str, max_bytes: int, lifetime: timedelta = _LIFETIME, *, min_bytes: int = 1
) -> Upload:
    """Let a client upload one file under `key`: of this content type, `min_bytes` to `max_bytes` long.

    S3 itself enforces all three. The form works any number of times until it expires, at the latest
    when the function's own credentials do. Raises NotConfigured or Rejected.
    """
    _check_content_type(content_type)
    fields = {"Content-Type": content_type}
    conditions: list[Any] = [
        {"Content-Type": content_type},
        ["content-length-range", min_bytes, max_bytes],
    ]
    with aws_errors(_SERVICE):
        form = aws.client("s3").generate_presigned_post(
            **_place(key), Fields=fields, Conditions=conditions, ExpiresIn=_seconds(lifetime)
        )
    return Upload(form["url"], form["fields"], key, now() + lifetime)


def presign_download(key: str, lifetime: timedelta = _LIFETIME, *, file_name: str | None = None) -> str:
    """A URL that reads the file until it expires.

    With a `file_name` browsers save it under that name and never show it: ask for that whenever a
    stranger uploaded the file. Raises NotConfigured or Rejected.
    """
    parameters = _place(key)
    if file_name is not None:
        parameters["ResponseContentDisposition"] = _attachment(file_name)
    with aws_errors(_SERVICE):
        url: str = aws.client("s3").generate_presigned_url(
            "get_object", Params=parameters, ExpiresIn=_seconds(lifetime)
        )
    return url


def signs_for_a_role() -> bool:
    """Whether presigned URLs carry a role's temporary credentials, as in every Lambda function.

    Such a URL ends with them, hours from now at the latest, whatever lifetime it was given (Amazon S3 user guide,
    "Sharing objects with presigned URLs"); when exactly, a function is not told.
    """
    credentials = aws.session().get_credentials()
    return credentials is not None and bool(credentials.token)


def head(key: str) -> StoredObject | None:
    """What is known of the file, or None when there is none.

    Raises NotConfigured, Rejected, Throttled or Unavailable, as do all functions below.
    """
    from botocore.exceptions import ClientError

    with aws_errors(_SERVICE):
        try:
            found = aws.client("s3").head_object(**_place(key))
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
    return StoredObject(key, found["ContentLength"], found["ContentType"], found["ETag"], as_utc(found["LastModified"]))


def get(key: str) -> bytes | None:
    """A file's content, or None when there is none. For what a function itself passes on: it is read whole."""
    from botocore.exceptions import ClientError

    with aws_errors(_SERVICE):
        try:
            content: bytes = aws.client("s3").get_object(**_place(key))["Body"].read()
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
    return content


def get_part(key: str, start: int, length: int, etag: str) -> bytes | None:
    """Up to `length` bytes of a file from the byte `start` on; None when there is no file with that ETag."""
    from botocore.exceptions import ClientError

    wanted = f"bytes={start}-{start + length - 1}"
    with aws_errors(_SERVICE):
        try:
            found = aws.client("s3").get_object(**_place(key), Range=wanted, IfMatch=etag)
            content: bytes = found["Body"].read()
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in _OTHER:
                return None
            raise
    return content


def put(key: str, content: bytes, content_type: str, *, file_name: str | None = None) -> None:
    """Store a file, in place of any that is there.

    With a `file_name` browsers save it under that name and never show it, by whichever URL they come to it.
    """
    _check_content_type(content_type)
    with aws_errors(_SERVICE):
        aws.client("s3").put_object(**_place(key), Body=content, **_described(content_type, file_name))


def begin_parts(key: str, content_type: str, *, file_name: str | None = None) -> str:
    """Begin a file that is written in parts (see `put`); answers the upload's id. One that is never finished is
    cleared by the bucket's rule within a day."""
    _check_content_type(content_type)
    with aws_errors(_SERVICE):
        begun = aws.client("s3").create_multipart_upload(**_place(key), **_described(content_type, file_name))
    return str(begun["UploadId"])


def put_part(key: str, upload: str, number: int, content: bytes) -> str:
    """Write a part, in place of any with its number (from 1 on); answers its ETag. Each but the last has 5 MiB at
    least (Amazon S3 user guide, "Multipart upload limits")."""
    with aws_errors(_SERVICE):
        done = aws.client("s3").upload_part(**_place(key), UploadId=upload, PartNumber=number, Body=content)
    return str(done["ETag"])


def finish_parts(key: str, upload: str, etags: Sequence[str]) -> None:
    """Make the parts, in their order, the file."""
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    with aws_errors(_SERVICE):
        aws.client("s3").complete_multipart_upload(**_place(key), UploadId=upload, MultipartUpload={"Parts": parts})


def drop_parts(key: str, upload: str) -> None:
    """Give up a file that is written in parts, with what is written of it; one that is finished stays. A part that is
    on its way meanwhile may still arrive, and is cleared by the bucket's rule within a day."""
    from botocore.exceptions import ClientError

    with aws_errors(_SERVICE):
        try:
            aws.client("s3").abort_multipart_upload(**_place(key), UploadId=upload)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise


def copy(source: str, target: str, content_type: str, etag: str, *, file_name: str | None = None) -> bool:
    """Copy a file within S3, described anew (see `put`); False when there is no file with that ETag any more."""
    from botocore.exceptions import ClientError

    _check_content_type(content_type)
    with aws_errors(_SERVICE):
        try:
            aws.client("s3").copy_object(
                **_place(target),
                CopySource=_place(source),
                CopySourceIfMatch=etag,
                MetadataDirective="REPLACE",
                **_described(content_type, file_name),
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in _OTHER:
                return False
            raise
    return True


def delete(key: str) -> None:
    """Delete a file; one that does not exist is deleted already."""
    with aws_errors(_SERVICE):
        aws.client("s3").delete_object(**_place(key))


def _place(key: str) -> dict[str, str]:
    bucket, system = settings().bucket, settings().system
    if not bucket:
        raise NotConfigured(_SERVICE, "QUINTET_BUCKET")
    if not system:
        raise NotConfigured(_SERVICE, "QUINTET_SYSTEM")
    if len(key) > _MAX_KEY or _KEY.fullmatch(key) is None or {".", ".."} & set(key.split("/")):
        raise Rejected("the key of a file is made of letters, digits and _.=@+- between single slashes")
    return {"Bucket": bucket, "Key": f"{system}/{key}"}


def _described(content_type: str, file_name: str | None) -> dict[str, str]:
    """What S3 is to say of an object with its content."""
    found = {"ContentType": content_type}
    if file_name is not None:
        found["ContentDisposition"] = _attachment(file_name)
    return found


def _attachment(file_name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"


def _check_content_type(content_type: str) -> None:
    if _CONTENT_TYPE.fullmatch(content_type) is None:
        raise Rejected("that is no content type")


def _seconds(lifetime: timedelta) -> int:
    if not timedelta(seconds=1) <= lifetime <= _MAX_LIFETIME:
        raise Rejected("a signed URL lives for 1 second to 7 days")
    return int(lifetime.total_seconds())
