"""What every system's tests share: event factories, a Lambda context, a client, the contract reader."""

from quintet.testing.client import Answer, Client
from quintet.testing.context import LambdaContext
from quintet.testing.contract import Contract, ContractOperation, read_contract
from quintet.testing.events import http_event, schedule_event, socket_event, sqs_event, stream_event

__all__ = [
    "Answer",
    "Client",
    "Contract",
    "ContractOperation",
    "LambdaContext",
    "http_event",
    "read_contract",
    "schedule_event",
    "socket_event",
    "sqs_event",
    "stream_event",
]
