"""An embedded AWS of its own for one run: nothing in it at the start, IAM enforced, gone at the end."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import httpx

from infra.local.environment import DUMMY_AWS, REGION, State
from infra.local.ministack import MiniStack

ACCOUNT = "000000000000"
_MAKING = Lock()
"""botocore's sessions make one client at a time; the clients themselves may be used by many threads."""


class Cloud(MiniStack):
    """MiniStack with `AUTH=true`: every request is signed and checked against the policies of its role."""

    def __init__(self, folder: Path) -> None:
        super().__init__(State(folder, 8999))
        self.environment: dict[str, str] = {}
        """What its functions find in their environment besides their own; to be set before it runs."""

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), **self.environment, "AUTH": "true"}

    @property
    def credentials(self) -> dict[str, str]:
        """The environment of somebody who deploys to it, with the account's own rights."""
        return {**DUMMY_AWS, "AWS_ENDPOINT_URL": self.url}

    def client(self, service: str) -> Any:
        """A client with the account's own rights."""
        with _MAKING:
            return _session().create_client(
                service,
                region_name=REGION,
                endpoint_url=self.url,
                aws_access_key_id=DUMMY_AWS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=DUMMY_AWS["AWS_SECRET_ACCESS_KEY"],
            )

    def mails(self) -> list[dict[str, Any]]:
        """Every e-mail that left through SES."""
        with httpx.Client(trust_env=False) as http:
            found = http.get(f"{self.url}/_ministack/ses/messages").json()
        text = json.dumps(found)
        assert "messages" in found, text[:500]
        held = found["messages"]
        return held if isinstance(held, list) else [mail for each in held.values() for mail in each]

    def texts(self, phone: str) -> list[str]:
        """Every text message that left for a number, oldest first."""
        with httpx.Client(trust_env=False) as http:
            found = http.get(f"{self.url}/_ministack/sns/sms-messages", params={"phoneNumber": phone}).json()
        assert "sms_messages" in found, found
        return [message["Message"] for message in found["sms_messages"][phone]]


@cache
def _session() -> Any:
    from botocore.session import get_session

    return get_session()
