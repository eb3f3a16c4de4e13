"""Operations: typed functions that are Lambda handlers."""

from quintet.api.app import Api
from quintet.api.callers import Caller
from quintet.api.envelope import DataEnvelope, Envelope
from quintet.api.errors import ApiError, ErrorType, Problem, StandardErrors
from quintet.api.forms import Upload, UploadedFile
from quintet.api.idempotency import Once
from quintet.api.limits import RateLimit
from quintet.api.operation import Operation
from quintet.api.reply import Bare, Binary, Header, Path, Reply, matches, next_link
from quintet.api.request import Request

__all__ = [
    "Api",
    "ApiError",
    "Bare",
    "Binary",
    "Caller",
    "DataEnvelope",
    "Envelope",
    "ErrorType",
    "Header",
    "Once",
    "Operation",
    "Path",
    "Problem",
    "RateLimit",
    "Reply",
    "Request",
    "StandardErrors",
    "Upload",
    "UploadedFile",
    "matches",
    "next_link",
]
