"""Amazon Bedrock's runtime, as all of its models are reached: where, signed how, within which time, and what failed.

Where a model is asked: `QUINTET_BEDROCK_URL`, else AWS_ENDPOINT_URL's conventions, else Bedrock in the model's ARN's
region or the function's own. The request is signed and sent without botocore's client, which costs a cold start, keeps
no deadline over a whole call, and repeats of its own accord what here is counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from quintet.net import aws, endpoints, outbound, wire
from quintet.net.outbound import OutboundError, Response, TimedOut
from quintet.providers.errors import Rejected, Throttled, Unavailable, aws_errors
from quintet.settings import settings

_SIGNING = "bedrock"
_THROTTLES = frozenset({"ThrottlingException", "ServiceQuotaExceededException"})
_PASSING = frozenset({"ModelErrorException", "ModelNotReadyException"})
"""Client errors by their status that are the model's trouble and pass."""
_HOST = re.compile(r"bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.")
_DENIED = 403, 404
LARGEST_TEXT = 1_048_576
"""Bytes of an answer in words."""


class TooSlow(Unavailable):
    """The time allowed ran out before the answer was there."""


class Refused(Rejected):
    """The model, or a guardrail before it, does not answer this."""


class Misasked(Rejected):
    """The service does not take this request (400); others it may take."""


def ask(
    service: str, model: str, action: str, body: Mapping[str, Any], seconds: float, max_bytes: int = LARGEST_TEXT
) -> Response:
    """Ask a model once, within `seconds`: `action` is `converse` or `invoke`, `service` what messages call it.

    Raises Throttled, Unavailable (its kind TooSlow when the time ran out, with an answer on its way or not) or
    Rejected: its kind Misasked when the request is at fault, else the model is not there or not ours to use.
    """
    with aws_errors(service):
        base, region = place(model)
    url = f"{base}/model/{quote(model, safe='')}/{action}"
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    headers = {"content-type": "application/json", "accept": "application/json"}
    with aws_errors(service):
        headers = wire.signed("POST", url, headers, content, signing=_SIGNING, region=region)
    try:
        response = outbound.request(
            "POST", url, headers=headers, body=content, timeout=seconds, max_bytes=max_bytes, cut=True
        )
    except TimedOut as error:
        raise TooSlow(f"{service} took longer than {seconds:.1f} s") from error
    except OutboundError as error:
        raise Unavailable(f"{service} cannot be reached: {error}") from error
    if not response.ok:
        raise _failure(service, response)
    return response


def place(model: str) -> tuple[str, str]:
    """Where the model is, and the region that the signature names."""
    parts = model.split(":")
    region = parts[3] if parts[0] == "arn" and len(parts) > 5 and parts[3] else settings().region
    configured = settings().get("QUINTET_BEDROCK_URL") or aws.endpoint("bedrock-runtime")
    if configured:
        named = _HOST.match(urlsplit(configured).hostname or "")
        return configured.rstrip("/"), named[1] if named else region
    return endpoints.url("bedrock-runtime", region), region


def _failure(service: str, response: Response) -> Exception:
    code = response.headers.get("x-amzn-errortype", "").partition(":")[0] or str(response.status)
    message = f"{service} answered {code[:64]}"
    if code in _THROTTLES or (response.status == 429 and code not in _PASSING):
        return Throttled(message)
    if response.status == 408:
        return TooSlow(message)
    if response.status >= 500 or code in _PASSING:
        return Unavailable(message)
    return Rejected(message) if response.status in (401, *_DENIED) else Misasked(message)
