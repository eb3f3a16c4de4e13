"""Logs and metrics: one JSON line each, and no secret in any of them."""

import io
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from quintet import log
from quintet.auth.families import Rotation
from quintet.log import lines as writing
from quintet.log.redact import MASK
from quintet.messaging.outbox import Swept
from quintet.models import Money, PageQuery
from quintet.settings import use
from quintet.store import Entity


@pytest.fixture(autouse=True)
def _storefront() -> Iterator[None]:
    with use({"QUINTET_SYSTEM": "storefront"}):
        yield


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return lines_of(capsys.readouterr().out)


def lines_of(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_line_says_when_where_and_which_system(capsys: pytest.CaptureFixture[str]) -> None:
    log.logger().info("order placed", extra={"order_id": "o1", "items": 2})
    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("+00:00")
    assert line.pop("location").startswith("test_a_line_says_when_where_and_which_system:")
    assert line == {
        "level": "INFO",
        "message": "order placed",
        "service": "storefront",
        "order_id": "o1",
        "items": 2,
    }


def test_each_system_logs_under_its_own_name(capsys: pytest.CaptureFixture[str]) -> None:
    log.logger().info("one")
    with use({"QUINTET_SYSTEM": "stoory"}):
        log.logger().info("two")
        assert log.logger() is log.logger()
    assert [(line["service"], line["message"]) for line in lines(capsys)] == [("storefront", "one"), ("stoory", "two")]


def test_context_marks_the_lines_of_its_block_and_thread_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def handle(number: int) -> None:
        with use({"QUINTET_SYSTEM": "storefront"}), log.context(request_id=f"r{number}"):
            log.logger().info(f"m{number}")

    with log.context(request_id="outer"), log.context(user_id="u1"):
        log.logger().info("both")
    log.logger().info("none")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(handle, range(20)))
    both, none, *others = lines(capsys)
    assert (both["request_id"], both["user_id"]) == ("outer", "u1")
    assert not {"request_id", "user_id"} & none.keys()
    assert all(line["request_id"] == line["message"].replace("m", "r") for line in others)


def test_an_exception_is_logged_with_its_stack_and_without_its_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("cannot call https://x.test/?access_token=hush&page=2")
    except ValueError:
        log.logger().exception("failed")
    (line,) = lines(capsys)
    assert line["exception_name"] == "ValueError"
    assert "Traceback" in line["exception"]
    assert f"access_token={MASK}&page=2" in line["exception"]


class Login(BaseModel):
    email: str
    password: Annotated[str, Field(min_length=8)]


class Signup(Login):
    model_config = ConfigDict(hide_input_in_errors=False)

    @field_validator("password")
    @classmethod
    def _long(cls, value: str) -> str:
        raise ValueError(f"{value} is too well known")


TOO_SHORT, LONG_ENOUGH = "hush", "hush-hush"


def refused(model: type[Login]) -> ValidationError:
    with pytest.raises(ValidationError) as failure:
        model.model_validate({"email": "a@example.com", "password": LONG_ENOUGH if model is Signup else TOO_SHORT})
    return failure.value


def chained(cause: Exception) -> Exception:
    try:
        try:
            raise cause
        except Exception as error:
            raise RuntimeError("could not sign in") from error
    except RuntimeError as error:
        return error


@pytest.mark.parametrize("model", [Login, Signup])
@pytest.mark.parametrize(
    "wrap",
    [lambda e: e, chained, lambda e: chained(chained(e)), lambda e: ExceptionGroup("two", [KeyError("x"), e])],
    ids=["bare", "as cause", "as cause of a cause", "in a group"],
)
def test_a_refused_validation_is_told_by_field_and_kind_and_never_by_its_input(
    model: type[Login], wrap: Callable[[Exception], Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    error = wrap(refused(model))
    log.logger().error("failed", exc_info=error)
    log.logger().warning("failed: %s", error)
    log.logger().warning(error)
    log.logger().info("failed", extra={"error": error})
    out = capsys.readouterr().out
    assert "hush" not in out
    assert f"{model.__name__} refused password [" in lines_of(out)[0]["exception"]


def test_a_failure_is_described_in_one_text_without_secrets() -> None:
    assert log.describe(refused(Login)) == "ValidationError: Login refused password [string_too_short]"
    assert log.describe(ValueError("no token=hush here")) == f"ValueError: no token={MASK} here"


@pytest.mark.parametrize("model", [Entity, Money, PageQuery, Rotation, Swept])
def test_the_models_of_the_layer_show_no_input_in_their_errors(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as failure:
        model.model_validate({name: ["hush"] for name in model.model_fields})
    assert "hush" not in str(failure.value)


def test_no_secret_gets_into_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    class Login:
        def __str__(self) -> str:
            return "Login(password='hush')"

    log.logger().info(
        "calling with Authorization: Bearer hush.hush.hush",
        extra={
            "body": {"email": "user@example.com", "password": "hush", "nested": [{"otpCode": "hush"}]},
            "headers": {"Authorization": "hush", "Cookie": "hush", "X-Api-Key": "hush", "Accept": "*/*"},
            "path": "/callback?code=hush&state=kept",
            "raw": '{"refresh_token": "hush", "a": 1}',
            "object": Login(),
        },
    )
    out = capsys.readouterr().out
    assert "hush" not in out
    line = json.loads(out)
    assert line["body"] == {"email": "user@example.com", "password": MASK, "nested": [{"otpCode": MASK}]}
    assert line["headers"] == {"Authorization": MASK, "Cookie": MASK, "X-Api-Key": MASK, "Accept": "*/*"}
    assert line["path"] == f"/callback?code={MASK}&state=kept"


def test_a_message_cannot_start_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    log.logger().info('x"}\n{"level":"CRITICAL"')
    assert [line["message"] for line in lines(capsys)] == ['x"}\n{"level":"CRITICAL"']


def test_metrics_are_one_line_of_embedded_metric_format(capsys: pytest.CaptureFixture[str]) -> None:
    values = {"Requests": 1, "LatencyMs": 12.5, "ReplyBytes": 300}
    log.metrics("orders.create_order", values, request_id="r1")
    (line,) = lines(capsys)
    assert line.pop("_aws")["CloudWatchMetrics"] == [
        {
            "Namespace": "Quintet",
            "Dimensions": [["service"]],
            "Metrics": [{"Name": "Requests", "Unit": "Count"}, {"Name": "LatencyMs", "Unit": "Milliseconds"}],
        }
    ]
    assert line == {
        "service": "storefront",
        "operation": "orders.create_order",
        "Requests": [1.0],
        "LatencyMs": [12.5],
        "ReplyBytes": 300,
        "request_id": "r1",
    }


SYSTEMS, MOST_DOLLARS, DOLLARS_A_METRIC = 5, 10.0, 0.30
FILTERED = 1
"""The metric that each system's alarm on failures takes from its logs (infra/render/alarms.py)."""


METERED = 1
"""Systems whose bytes are a metric: C(AI)DENCE shows its administrators the bandwidth."""


def test_custom_metrics_of_five_systems_cost_at_most_ten_dollars_a_month() -> None:
    everywhere = len(log.METRICS.keys() - {"BytesOut"}) + FILTERED
    assert (SYSTEMS * everywhere + METERED) * DOLLARS_A_METRIC <= MOST_DOLLARS


def test_the_log_queries_for_operators_name_metrics_that_are_written() -> None:
    guide = Path(__file__).parents[3].joinpath("docs/operations.md").read_text("utf-8")
    assert set(re.findall(r"\b(\w+)\.0\b(?=[ ,)])", guide)) == log.METRICS.keys() - {"DeadMessages"}


@given(
    st.lists(
        st.tuples(
            st.text("abcdefg._/", min_size=1, max_size=12),
            st.dictionaries(st.sampled_from([*log.METRICS, "InputTokens", "Other"]), st.integers(0, 9), min_size=1),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_runs_a_system_has_one_set_of_metrics(runs: list[tuple[str, dict[str, float]]]) -> None:
    out = io.StringIO()
    with use({"QUINTET_SYSTEM": "storefront"}), redirect_stdout(out):
        for operation, values in runs:
            log.metrics(operation, {"Requests": 1, **values}, request_id="r", caller=operation)
    found = {
        (metric["Name"], *(f"{name}={line[name]}" for name in dimensions))
        for line in map(json.loads, out.getvalue().splitlines())
        for directive in line["_aws"]["CloudWatchMetrics"]
        for dimensions in directive["Dimensions"]
        for metric in directive["Metrics"]
    }
    assert found <= {(name, "service=storefront") for name in log.METRICS}
    assert len(found) <= len(log.METRICS)


def test_metrics_of_two_operations_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    def run(number: int) -> None:
        log.metrics(f"operation{number}", {"Requests": number})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(30)))
    assert sorted((line["operation"], line["Requests"]) for line in lines(capsys)) == sorted(
        (f"operation{number}", [float(number)]) for number in range(30)
    )


def test_tracing_is_off_unless_asked_for() -> None:
    with log.traced("work") as segment:
        assert segment is None
    with use({"QUINTET_TRACE": "1"}), pytest.MonkeyPatch.context() as patch:
        entered: list[str] = []

        class Recorder:
            def in_subsegment(self, name: str) -> Any:
                from contextlib import nullcontext

                entered.append(name)
                return nullcontext("segment")

        patch.setattr(writing, "_recorder", Recorder)
        with log.traced("work") as segment:
            assert (segment, entered) == ("segment", ["work"])


def test_tracing_without_its_library_is_off() -> None:
    with pytest.MonkeyPatch.context() as patch, use({"QUINTET_TRACE": "1"}):
        import sys

        patch.setitem(sys.modules, "aws_xray_sdk.core", None)
        writing._recorder.cache_clear()
        with log.traced("work") as segment:
            assert segment is None
    writing._recorder.cache_clear()
