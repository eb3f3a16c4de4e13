"""Logs, metrics and traces, with secrets kept out of them."""

from quintet.log.failures import describe
from quintet.log.lines import METRICS, NAMESPACE, context, logger, metrics, traced

__all__ = ["METRICS", "NAMESPACE", "context", "describe", "logger", "metrics", "traced"]
