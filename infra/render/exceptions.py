"""What a policy linter (checkov) finds in the templates and is meant to be so, each with its reason.

A template carries those about its own kinds of resources in its metadata; `make test-deploy` fails on a finding that
is not listed there, and on one listed that is not found.
"""

from __future__ import annotations

from typing import Any

KEY = "Quintet::PolicyExceptions"
"""Where a template's metadata has them."""

_FUNCTION, _LOGS = "AWS::Serverless::Function", "AWS::Logs::LogGroup"
_OWN_KEY = "A key of one's own costs for each request and can lock the data away; the AWS-managed key encrypts it."

Exceptions = list[dict[str, str]]


def of_root() -> Exceptions:
    """Those of the root stack."""
    return [
        _exception("CKV_AWS_26", "AWS::SNS::Topic", "It carries names of alarms and no data of anybody's."),
        _exception("CKV_AWS_18", "AWS::S3::Bucket", "Uploads are read through the functions, which log each request."),
        _exception(
            "CKV_AWS_21", "AWS::S3::Bucket", "What a user deletes must be gone; an object's key is never reused."
        ),
        _exception("CKV_AWS_149", "AWS::SecretsManager::Secret", _OWN_KEY),
    ]


def of_system(*, own_key: bool = False) -> Exceptions:
    """Those of a system's stack. `own_key` says whether its table has a key of its own."""
    return [
        *([] if own_key else [_exception("CKV_AWS_119", "AWS::DynamoDB::Table", _OWN_KEY)]),
        _exception("CKV_AWS_158", _LOGS, "CloudWatch Logs encrypts it; personal data is redacted before it is logged."),
        _exception(
            "CKV_AWS_27", "AWS::SQS::Queue", "Encrypted with SqsManagedSseEnabled, which the rule does not know."
        ),
        _exception(
            "CKV_AWS_117", _FUNCTION, "It calls AWS's public endpoints alone; a VPC would need NAT or endpoints."
        ),
        _exception(
            "CKV_AWS_115", _FUNCTION, "The API's throttling limits all; reserving for each would use the account up."
        ),
        _exception(
            "CKV_AWS_173", _FUNCTION, "Its variables are names and addresses; what is secret is in Secrets Manager."
        ),
        _exception("CKV_AWS_116", _FUNCTION, "API Gateway waits for its answer; those started otherwise have a queue."),
    ]


def metadata(exceptions: Exceptions) -> dict[str, Any]:
    """The metadata that carries exceptions."""
    return {KEY: exceptions}


def _exception(check: str, resources: str, reason: str) -> dict[str, str]:
    return {"Check": check, "Resources": resources, "Reason": reason}
