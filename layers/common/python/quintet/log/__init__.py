"""Logs, metrics and traces, with secrets kept out of them."""

from quintet.log.lines import NAMESPACE, context, logger, metrics, traced

__all__ = ["NAMESPACE", "context", "logger", "metrics", "traced"]
