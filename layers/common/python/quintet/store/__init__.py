"""The single-table store over DynamoDB: entities, conditions, transactions, listings."""

from quintet.store.contention import until_settled
from quintet.store.entity import AsJson, Entity, Index, Key, Keys, Ref
from quintet.store.errors import BUSY, STALE, UNCONFIRMED, ConditionFailed
from quintet.store.expressions import (
    Condition,
    absent,
    any_of,
    at_least,
    at_most,
    differs,
    equals,
    exists,
    less_than,
    one_of,
)
from quintet.store.table import Slice, Store
from quintet.store.transaction import Transaction

__all__ = [
    "BUSY",
    "STALE",
    "UNCONFIRMED",
    "AsJson",
    "Condition",
    "ConditionFailed",
    "Entity",
    "Index",
    "Key",
    "Keys",
    "Ref",
    "Slice",
    "Store",
    "Transaction",
    "absent",
    "any_of",
    "at_least",
    "at_most",
    "differs",
    "equals",
    "exists",
    "less_than",
    "one_of",
    "until_settled",
]
