"""What can go wrong with an outside service, in the few kinds a caller can act on."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager


class ProviderError(Exception):
    """An outside service did not do what was asked."""


class NotConfigured(ProviderError):
    """A setting the service needs is absent. Usually answered with 503."""

    def __init__(self, service: str, setting: str) -> None:
        super().__init__(f"{service} is not configured ({setting} is not set)")
        self.service = service
        self.setting = setting


class Rejected(ProviderError):
    """The service refuses this request for good: trying again changes nothing."""


class Throttled(ProviderError):
    """Too many requests for now, or for the day."""


class Unavailable(ProviderError):
    """The service is down or could not be reached; trying later may work."""


_THROTTLES = frozenset(
    {
        "KMSThrottlingException",
        "LimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttled",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)


@contextmanager
def aws_errors(service: str, *, unavailable: Set[str] = frozenset()) -> Iterator[None]:
    """Turn what botocore raises within the block into Rejected, Throttled or Unavailable.

    `service` names it in messages. A client error (4xx) counts as Rejected unless it is a throttle
    or its code is among `unavailable`.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
        message = f"{service} answered {code or status}"
        if code in _THROTTLES or status == 429:
            raise Throttled(message) from error
        if status >= 500 or code in unavailable:
            raise Unavailable(message) from error
        raise Rejected(message) from error
    except ParamValidationError as error:
        raise Rejected(f"{service} cannot take this request") from error
    except BotoCoreError as error:
        raise Unavailable(f"{service} cannot be reached") from error
