"""What a system's stack holds in AWS (table, bucket, secret, sender, queues), created in the embedded AWS."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from infra.local.environment import KEY, REGION, names
from infra.table import EXPIRES, table

_CORS = {
    "CORSRules": [
        {
            "AllowedMethods": ["GET", "HEAD", "POST"],
            "AllowedOrigins": ["*"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3600,
        }
    ]
}
"""What pages of any origin may do with a bucket, as in AWS where all origins are allowed: post a form, read a file."""


class Resources:
    """Creates what is missing and leaves the rest as it is: every method may be called again."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    @cached_property
    def _session(self) -> Any:
        from botocore.session import get_session

        return get_session()

    def client(self, service: str) -> Any:
        return self._session.create_client(service, region_name=REGION, endpoint_url=self.endpoint)

    @cached_property
    def _sqs(self) -> Any:
        return self.client("sqs")

    def create(self, systems: Iterable[str], extra: Callable[[str], Mapping[str, str]] = lambda _: {}) -> None:
        """Create the resources of these systems; a system's secret also holds what `extra` says."""
        dynamodb, s3, manager, ses = (self.client(name) for name in ("dynamodb", "s3", "secretsmanager", "sesv2"))
        # Out of the sandbox, so that mail goes to any address and not to verified ones alone.
        ses.put_account_details(
            MailType="TRANSACTIONAL", WebsiteURL="https://quintet.test", ProductionAccessEnabled=True
        )
        tables = set(dynamodb.list_tables()["TableNames"])
        _create_key(self.client("kms"))
        buckets = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for system in systems:
            called = names(system)
            if called["QUINTET_TABLE"] not in tables:
                _create_table(dynamodb, called["QUINTET_TABLE"])
            if called["QUINTET_BUCKET"] not in buckets:
                s3.create_bucket(Bucket=called["QUINTET_BUCKET"])
            s3.put_bucket_cors(Bucket=called["QUINTET_BUCKET"], CORSConfiguration=_CORS)
            _create_secret(manager, called["QUINTET_SECRET"], extra(system))
            _create_sender(ses, called["QUINTET_EMAIL_SENDER"])

    def queue(self, name: str, *, visible_after: int, receives: int, delay: int = 0, dead_letters: str) -> str:
        """The URL of a queue, created when missing and given these options: the seconds after which a message that was
        not deleted is seen again, how often it is received before it goes to `dead_letters` (a queue's name), and the
        seconds before it is first seen."""
        policy = {"deadLetterTargetArn": self._arn(self._made(dead_letters)), "maxReceiveCount": receives}
        url = self._made(name)
        options = {"VisibilityTimeout": visible_after, "DelaySeconds": delay, "RedrivePolicy": json.dumps(policy)}
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={key: str(value) for key, value in options.items()})
        return url

    def _made(self, name: str) -> str:
        kind = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        return str(self._sqs.create_queue(QueueName=name, Attributes=kind)["QueueUrl"])

    def _arn(self, url: str) -> str:
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(found["Attributes"]["QueueArn"])


def _create_table(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(**table(name))
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES})


def _create_secret(manager: Any, name: str, extra: Mapping[str, str]) -> None:
    try:
        kept = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    except manager.exceptions.ResourceNotFoundException:
        manager.create_secret(Name=name, SecretString=json.dumps({**new_secret(), **extra}))
        return
    if extra.keys() - kept.keys():  # what a developer has put there stays
        manager.put_secret_value(SecretId=name, SecretString=json.dumps({**extra, **kept}))


def _create_key(kms: Any) -> None:
    try:
        kms.describe_key(KeyId=KEY)
    except kms.exceptions.NotFoundException:
        key = kms.create_key(Description="Personal identifiers")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=KEY, TargetKeyId=key)


def _create_sender(ses: Any, address: str) -> None:
    try:
        ses.get_email_identity(EmailIdentity=address)
    except ses.exceptions.NotFoundException:
        ses.create_email_identity(EmailIdentity=address)


def new_secret() -> dict[str, Any]:
    """A system's secret with fresh keys."""
    return {
        "jwt_keys": {"local": base64.b64encode(secrets.token_bytes(32)).decode()},
        "jwt_current": "local",
        "cursor_key": secrets.token_urlsafe(32),
    }
