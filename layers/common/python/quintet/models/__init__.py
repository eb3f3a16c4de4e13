"""Value types every system shares: ids, instants, money, addresses and pages."""

from quintet.models.email import Email
from quintet.models.entries import Entries
from quintet.models.ids import is_id, new_id
from quintet.models.money import CurrencyMismatch, Money
from quintet.models.pages import OffsetQuery, Page, PageQuery, Paging, SkipQuery
from quintet.models.phone import MobilePhone, Phone
from quintet.models.text import Length, Line, Name, Text
from quintet.models.time import Day, Instant, Timestamp, epoch, now, rfc3339
from quintet.models.web import WebAddress

__all__ = [
    "CurrencyMismatch",
    "Day",
    "Email",
    "Entries",
    "Instant",
    "Length",
    "Line",
    "MobilePhone",
    "Money",
    "Name",
    "OffsetQuery",
    "Page",
    "PageQuery",
    "Paging",
    "Phone",
    "SkipQuery",
    "Text",
    "Timestamp",
    "WebAddress",
    "epoch",
    "is_id",
    "new_id",
    "now",
    "rfc3339",
]
