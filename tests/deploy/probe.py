"""A function that tries what it is told under the role it was given, and answers what AWS said to each try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ALLOWED = "allowed"


def handler(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """`{"name": [service, operation, parameters], …}` → `{"name": "allowed" | error code}`.

    A request that fails for another reason than its rights, such as a thing that is not there, was allowed.
    """
    from botocore.exceptions import ClientError
    from botocore.session import get_session

    session, found = get_session(), {}
    for name, (service, operation, parameters) in event.items():
        try:
            getattr(session.create_client(service), operation)(**parameters)
            found[name] = ALLOWED
        except ClientError as error:
            code = error.response["Error"]["Code"]
            found[name] = code if "AccessDenied" in code or "NotAuthorized" in code else ALLOWED
    return found
