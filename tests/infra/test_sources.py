"""Queues and the table's stream feed their operations as these declared, and what cannot work is not rendered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import pytest

from infra.render.functions import functions as rendered_functions
from infra.render.sources import patterns, queues, queues_of
from infra.render.systems import System
from quintet.api import Api
from quintet.api.sources import Queue, Stream
from quintet.store import Entity, Keys
from tests.infra.templates import functions, rendered, resources


class Row(Entity):
    kind: ClassVar[str] = "row"
    keys: ClassVar[Keys] = Keys("ROW#{id}", "ROW")

    id: str


@dataclass
class Declared:
    """A system of what a test declares."""

    api: Api
    name: str = "rows"
    settings: tuple[str, ...] = ()
    seals: bool = False

    @property
    def operations(self) -> list[Any]:
        return self.api.operations


@pytest.fixture
def declared() -> Callable[[Callable[[Api], object]], System]:
    """`declared(lambda api: …)` is a system of what was declared on `api`."""

    def make(declare: Callable[[Api], object]) -> System:
        api = Api("rows", title="Rows")
        declare(api)
        return cast("System", Declared(api))

    return make


def handler(name: str) -> Callable[[dict[str, Any]], None]:
    def handle(body: dict[str, Any]) -> None:
        """Handle it"""

    handle.__name__ = name
    return handle


def test_a_plain_queue_is_rendered_with_the_usual_options(little: System) -> None:
    template = rendered(little)
    queue = resources(template, "AWS::SQS::Queue")["ThumbNailsQueue"]
    assert queue == {
        "VisibilityTimeout": 6 * 60,
        "MaximumMessageSize": 1_048_576,
        "SqsManagedSseEnabled": True,
        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}, "maxReceiveCount": 5},
    }
    assert functions(template)["ThingsThumbnail"]["Events"]["Messages"]["Properties"] == {
        "Queue": {"Fn::GetAtt": ["ThumbNailsQueue", "Arn"]},
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }


def test_a_queue_with_order_has_its_options_and_dead_letters_with_order(little: System) -> None:
    template = rendered(little)
    queues = resources(template, "AWS::SQS::Queue")
    assert queues["StepsFifoQueue"] == {
        "FifoQueue": True,
        "DelaySeconds": 15,
        "VisibilityTimeout": 6 * 29,
        "MaximumMessageSize": 1_048_576,
        "SqsManagedSseEnabled": True,
        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLettersFifo", "Arn"]}, "maxReceiveCount": 3},
    }
    assert queues["DeadLettersFifo"]["FifoQueue"] is True
    assert "FifoQueue" not in queues["DeadLetters"]
    source = functions(template)["ThingsStep"]["Events"]["Messages"]["Properties"]
    assert (source["BatchSize"], source["ScalingConfig"]) == (1, {"MaximumConcurrency": 20})
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["QUINTET_QUEUE_STEPS_FIFO"] == {"Ref": "StepsFifoQueue"}
    assert variables["QUINTET_QUEUE_THUMB_NAILS"] == {"Ref": "ThumbNailsQueue"}


def test_a_system_without_a_queue_of_that_kind_has_no_dead_letters_of_it(large: System) -> None:
    assert set(resources(rendered(large), "AWS::SQS::Queue")) == {"DeadLetters"}


def test_a_stream_is_rendered_with_its_filter_and_gives_up_into_the_dead_letters(little: System) -> None:
    source = functions(rendered(little))["ThingsChanged"]["Events"]["Changes"]
    assert source["Type"] == "DynamoDB"
    filters = [json.loads(each["Pattern"]) for each in source["Properties"].pop("FilterCriteria")["Filters"]]
    kinds = {"kind": {"S": ["erased", "thing"]}}
    assert filters == [
        {"eventName": ["INSERT"], "dynamodb": {"NewImage": kinds}},
        {"eventName": ["REMOVE"], "dynamodb": {"OldImage": kinds}},
    ]
    assert source["Properties"] == {
        "Stream": {"Fn::GetAtt": ["Table", "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 50,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 3,
        "MaximumRecordAgeInSeconds": 600,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}},
    }


def test_a_stream_of_changes_alone_needs_one_pattern() -> None:
    assert patterns(Stream(Row, events=("MODIFY",))) == [
        {"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"kind": {"S": ["row"]}}}}
    ]
    assert [each["eventName"] for each in patterns(Stream(Row, events=("REMOVE",)))] == [["REMOVE"]]


def test_a_queue_that_nobody_reads_is_refused(declared: Callable[[Callable[[Api], object]], System]) -> None:
    system = declared(lambda api: api.event(schedule="rate(1 day)", needs={"queue:letters"})(handler("one")))
    with pytest.raises(ValueError, match="sends to queues nothing reads: \\['letters'\\]"):
        queues_of(system)


def test_a_queues_dead_letters_may_go_to_another_queue_with_its_reader(
    declared: Callable[[Callable[[Api], object]], System],
) -> None:
    def declare(api: Api) -> None:
        api.event(queue=Queue("errands", dead_letters="dead-errands"))(handler("one"))
        api.event(queue="dead-errands")(handler("two"))

    policies = {name: queue["Properties"].get("RedrivePolicy") for name, queue in queues(declared(declare)).items()}
    targets = {name: policy["deadLetterTargetArn"] for name, policy in policies.items() if policy}
    assert targets == {"ErrandsQueue": "DeadErrandsQueue.Arn", "DeadErrandsQueue": "DeadLetters.Arn"}


def test_dead_letters_that_nobody_reads_are_refused(declared: Callable[[Callable[[Api], object]], System]) -> None:
    system = declared(lambda api: api.event(queue=Queue("errands", dead_letters="nowhere"))(handler("one")))
    with pytest.raises(ValueError, match="sends to queues nothing reads: \\['nowhere'\\]"):
        queues_of(system)


@pytest.mark.parametrize("other", ["errands", "dead.fifo"])
def test_dead_letters_go_to_another_queue_of_the_same_kind(other: str) -> None:
    with pytest.raises(ValueError, match="another queue of the same kind"):
        Queue("errands", dead_letters=other)


def test_a_queue_that_two_operations_read_is_refused(declared: Callable[[Callable[[Api], object]], System]) -> None:
    def declare(api: Api) -> None:
        for name in ("one", "two"):
            api.event(queue="letters")(handler(name))

    with pytest.raises(ValueError, match="two operations read: \\['letters'\\]"):
        queues_of(declared(declare))


def test_more_readers_of_a_stream_than_it_can_have_are_refused(
    declared: Callable[[Callable[[Api], object]], System],
) -> None:
    def declare(api: Api) -> None:
        for name in ("one", "two", "three"):
            api.event(stream=Stream(Row))(handler(name))

    with pytest.raises(ValueError, match="3 readers of its table's stream, and may have 2"):
        rendered_functions(declared(declare))
