"""Logs and metrics: one JSON line each, and no secret in any of them."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet import log
from quintet.log import lines as writing
from quintet.log.redact import MASK, is_secret_key, redact, redact_text
from quintet.settings import use


@pytest.fixture(autouse=True)
def _storefront() -> Iterator[None]:
    with use({"QUINTET_SYSTEM": "storefront"}):
        yield


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


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


@pytest.mark.parametrize(
    "name",
    ["password", "newPassword", "NEW_PASSWORD", "refresh_token", "accessToken", "X-Api-Key", "api_key", "apiKey",
     "client_secret", "Set-Cookie", "authorization", "Proxy-Authorization", "otp", "otp_code", "code", "card.pan",
     "cvv", "code_verifier", "id_token", "x-razorpay-signature", "AWS_SECRET_ACCESS_KEY", "jwt_keys"],
)  # fmt: skip
def test_a_key_is_secret_however_it_is_spelt(name: str) -> None:
    assert is_secret_key(name)


@pytest.mark.parametrize(
    "name",
    ["status_code", "postal_code", "error_code", "company", "panel", "token_type", "cursor", "email", "key", "id",
     "input_tokens", "author", "authority", "pinned", "expand", "country_code", "", "password_changed_at"],
)  # fmt: skip
def test_other_keys_stay_readable(name: str) -> None:
    assert not is_secret_key(name)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("token=abc&x=1", f"token={MASK}&x=1"),
        ("https://a.test/?X-Amz-Signature=abc&X-Amz-Date=1", f"https://a.test/?X-Amz-Signature={MASK}&X-Amz-Date=1"),
        ("password%3Dabc", f"password%3D{MASK}"),
        ("Authorization: Basic dXNlcjpwYXNz", f"Authorization: Basic {MASK}"),
        ("Basic T-shirt, white", "Basic T-shirt, white"),
        ("see eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. now", f"see {MASK} now"),
        ('{"pan": "4111111111111111"}', f'{{"pan": "{MASK}"}}'),
        (r'{\"password\": \"abc\"}', rf'{{\"password\": \"{MASK}\"}}'),
        ("{'secret': 'abc'}", f"{{'secret': '{MASK}'}}"),
        ("card 4111 1111 1111 1111.", f"card {MASK}."),
        ("card 4111-1111-1111-1111", f"card {MASK}"),
        ("order 4111111111111112", "order 4111111111111112"),
        ("01a1fc4b-4620-73e4-8f1d-655d8a444953", "01a1fc4b-4620-73e4-8f1d-655d8a444953"),
        ("2026-11-21T04:29:38.000+00:00", "2026-11-21T04:29:38.000+00:00"),
        ("page=2&keyword=laptop", "page=2&keyword=laptop"),
    ],
)  # fmt: skip
def test_secrets_in_text_are_masked_by_key_and_by_shape(text: str, kept: str) -> None:
    assert redact_text(text) == kept


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@given(plain, st.sampled_from(["password", "accessToken", "X-Secret"]))
def test_a_secret_is_found_at_any_depth_and_the_original_is_left_alone(value: Any, key: str) -> None:
    given_value = {"deep": [{"deeper": value, key: "unmistakable"}]}
    cleaned = redact(given_value)
    assert "unmistakable" not in json.dumps(cleaned)
    assert given_value["deep"][0][key] == "unmistakable"
    assert redact(cleaned) == cleaned


def test_a_bottomless_value_is_cut() -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    assert MASK in json.dumps(redact(loop))


@pytest.mark.parametrize("piece", ["a", "a=", "1 ", '"a": "', "eyJ", "Bearer ", "a-", "%3D", "\\"])
def test_long_text_is_searched_in_little_time(piece: str) -> None:
    started = time.process_time()
    redact_text(piece * 20_000)
    assert time.process_time() - started < 1


def test_that_a_secret_is_absent_is_no_secret() -> None:
    assert redact({"password": None}) == {"password": None}


def test_metrics_are_one_line_of_embedded_metric_format(capsys: pytest.CaptureFixture[str]) -> None:
    values = {"Requests": 1, "DurationMs": 12.5, "ReplyBytes": 300}
    log.metrics("orders.create_order", values, request_id="r1")
    (line,) = lines(capsys)
    assert line.pop("_aws")["CloudWatchMetrics"] == [
        {
            "Namespace": "Quintet",
            "Dimensions": [["operation", "service"]],
            "Metrics": [
                {"Name": "Requests", "Unit": "Count"},
                {"Name": "DurationMs", "Unit": "Milliseconds"},
                {"Name": "ReplyBytes", "Unit": "Bytes"},
            ],
        }
    ]
    assert line == {
        "service": "storefront",
        "operation": "orders.create_order",
        "Requests": [1.0],
        "DurationMs": [12.5],
        "ReplyBytes": [300.0],
        "request_id": "r1",
    }


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
