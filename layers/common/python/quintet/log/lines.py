"""Logs, metrics and traces of the running system: JSON lines on standard output, secrets redacted.

Measured: Powertools' Logger adds 20 ms to a cold start that already has botocore and pydantic, its
Metrics nothing more (they are one package). A log line costs 45 µs of which redaction is 7, an EMF
line with three metrics 36 µs.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO

from quintet.settings import settings

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

NAMESPACE = "Quintet"
"""The CloudWatch namespace of every metric."""

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "Requests": "Count",
        "Errors": "Count",
        "LatencyMs": "Milliseconds",
        "BytesOut": "Bytes",
        "DeadMessages": "Count",
        "FallbackAnswers": "Count",
    }
)
"""Every custom metric there is, and its unit; each costs 0.30 US dollars a month and system that writes it.

`BytesOut` is written by systems that are metered (see `Face`)."""


def logger() -> Logger:
    """The logger of the system in force; made once per system. Extra fields go in `extra={…}`.

    `POWERTOOLS_LOG_LEVEL` sets the level, INFO when absent.
    """
    return _logger(settings().system or "quintet")


@contextmanager
def context(**keys: Any) -> Iterator[None]:
    """Add these fields to every line this thread or task logs within the block."""
    from aws_lambda_powertools.logging.formatter import THREAD_LOCAL_KEYS

    token = THREAD_LOCAL_KEYS.set({**THREAD_LOCAL_KEYS.get(), **keys})
    try:
        yield
    finally:
        THREAD_LOCAL_KEYS.reset(token)


def metrics(operation: str, values: Mapping[str, float], **facts: str) -> None:
    """Write one metrics line (CloudWatch Embedded Metric Format) for one run of `operation`.

    Values named in `METRICS` become custom metrics of the system as a whole: `service` is their only dimension, since
    CloudWatch charges for every combination of a name and dimensions. The operation, all other values and `facts`, such
    as `request_id`, are fields of the line, for CloudWatch Logs Insights to search and sum up (docs/operations.md).
    `POWERTOOLS_METRICS_DISABLED=true` silences.
    """
    from aws_lambda_powertools.metrics import EphemeralMetrics

    # Ephemeral: the plain Metrics class keeps its state per process, which threads would mix up.
    line = EphemeralMetrics(namespace=NAMESPACE, service=settings().system or "quintet")
    line.add_metadata("operation", operation)
    for name, value in values.items():
        if name in METRICS:
            line.add_metric(name, METRICS[name], value)
        else:
            line.add_metadata(name, value)
    for fact, text in facts.items():
        line.add_metadata(fact, text)
    line.flush_metrics()


def traced(name: str) -> AbstractContextManager[Any]:
    """A subsegment of the X-Ray trace around the block.

    Nothing at all unless `QUINTET_TRACE` is set and the `aws_xray_sdk` library is installed; a layer
    that wants traces adds it.
    """
    recorder = _recorder() if settings().get("QUINTET_TRACE") else None
    subsegment: AbstractContextManager[Any] = recorder.in_subsegment(name) if recorder else nullcontext()
    return subsegment


class _StandardOutput(logging.StreamHandler[TextIO]):
    """Writes to whatever standard output is at the time, as `print` does."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stdout

    @stream.setter
    def stream(self, value: TextIO) -> None:
        """Keep following standard output: `logging` sets this only to silence a closed stream."""


@cache
def _logger(service: str) -> Logger:
    from aws_lambda_powertools import Logger

    from quintet.log.formatter import Formatter

    return Logger(service=service, logger_handler=_StandardOutput(), logger_formatter=Formatter())


@cache
def _recorder() -> Any:
    from importlib import import_module

    try:
        return import_module("aws_xray_sdk.core").xray_recorder
    except ImportError:
        return None
