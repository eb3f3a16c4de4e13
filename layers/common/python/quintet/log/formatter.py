"""The formatter of log lines: Powertools', with exceptions told as `quintet.log.failures` tells them."""

from __future__ import annotations

import logging
from json import dumps
from types import TracebackType
from typing import Any

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from quintet.log.failures import describe, without_inputs
from quintet.log.redact import redact

_Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(LambdaPowertoolsFormatter):
    """One JSON line a record, RFC 3339 in UTC, secrets redacted, no input of a refused validation anywhere."""

    def __init__(self) -> None:
        super().__init__(
            json_serializer=_serialize,
            use_rfc3339=True,
            utc=True,
            # The exception's text already holds the stack; both would log each failure twice.
            serialize_stacktrace=False,
        )

    def formatException(self, ei: _Failure) -> str:  # noqa: N802 (named by `logging`)
        text = super().formatException(ei)
        return without_inputs(text, ei[1]) if ei[1] is not None else text

    def format(self, record: logging.LogRecord) -> str:
        record.msg = _told(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_told(argument) for argument in record.args)
        return str(super().format(record))


def _serialize(line: Any) -> str:
    return dumps(redact(line), default=_readable, separators=(",", ":"), ensure_ascii=False)


def _readable(value: Any) -> str:
    """What JSON has no form for. An object's text may hold anything, so it is searched as well."""
    return str(redact(str(_told(value))))


def _told(value: Any) -> Any:
    return describe(value) if isinstance(value, BaseException) else value
