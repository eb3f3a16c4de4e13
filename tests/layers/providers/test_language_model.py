"""Converse as it goes over the wire: where, signed how, and what each answer becomes."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from infra.local.converse import Converse, Step
from quintet.net import aws
from quintet.providers import bedrock, language_model
from quintet.providers.errors import NotConfigured, Rejected, Throttled, Unavailable
from quintet.providers.language_model import Misasked, Question, Refused, Tool, TooSlow, Turn
from quintet.settings import use
from tests.layers.http_servers import Site, serving
from tests.support.model import credentials

TOOL = Tool("reply", "Gives the answer.", {"type": "object", "properties": {"a": {"type": "integer"}}, "required": []})
QUESTION = Question("Be kind.", [{"role": "user", "content": [{"text": "Grüße, 今日は"}]}], TOOL, 100, 0.5)
MODEL = "anthropic.claude-test-v1:0"
PROFILE = "arn:aws:bedrock:eu-west-3:123456789012:inference-profile/eu.anthropic.claude-test-v1:0"


@pytest.fixture
def server() -> Iterator[Converse]:
    found = Converse(credentials=credentials())
    found.start()
    with use({"QUINTET_BEDROCK_URL": found.url, "AWS_REGION": "eu-central-1"}):
        yield found
    found.stop()


def test_the_request_is_converses_and_its_signature_right(server: Converse) -> None:
    server.script(Step(input={"a": 1}))
    turn = language_model.converse(MODEL, QUESTION, 5)
    assert (turn.stop, turn.tool_use_id, turn.input) == ("tool_use", "tooluse_1", {"a": 1})
    assert turn.input_tokens > 0
    assert turn.output_tokens > 0
    (asked,) = server.asked
    assert asked.body == {
        "system": [{"text": "Be kind."}],
        "messages": [{"role": "user", "content": [{"text": "Grüße, 今日は"}]}],
        "inferenceConfig": {"maxTokens": 100, "temperature": 0.5},
        "toolConfig": {
            "tools": [
                {
                    "toolSpec": {
                        "name": "reply",
                        "description": "Gives the answer.",
                        "inputSchema": {"json": dict(TOOL.schema)},
                    }
                }
            ],
            "toolChoice": {"tool": {"name": "reply"}},
        },
    }
    assert "/eu-central-1/bedrock/aws4_request" in asked.headers["authorization"]


def test_a_profile_by_its_arn_is_asked_in_its_own_region(server: Converse) -> None:
    language_model.converse(PROFILE, QUESTION, 5)
    (asked,) = server.asked
    assert asked.model == PROFILE
    assert "/eu-west-3/bedrock/aws4_request" in asked.headers["authorization"]


@pytest.mark.parametrize(
    ("model", "settings", "place"),
    [
        (MODEL, {}, ("https://bedrock-runtime.eu-central-1.amazonaws.com", "eu-central-1")),
        (PROFILE, {}, ("https://bedrock-runtime.eu-west-3.amazonaws.com", "eu-west-3")),
        (MODEL, {"AWS_REGION": "cn-north-1"}, ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1")),
        (MODEL, {"AWS_REGION": "us-iso-east-1"}, ("https://bedrock-runtime.us-iso-east-1.c2s.ic.gov", "us-iso-east-1")),
        (MODEL, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1/"}, ("http://127.0.0.1:1", "eu-central-1")),
        (
            MODEL,
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:2"},
            ("http://127.0.0.1:2", "eu-central-1"),
        ),
        (
            MODEL,
            {"QUINTET_BEDROCK_URL": "https://bedrock-runtime.us-west-2.amazonaws.com/"},
            ("https://bedrock-runtime.us-west-2.amazonaws.com", "us-west-2"),
        ),
    ],
)
def test_where_the_model_is(model: str, settings: dict[str, str], place: tuple[str, str]) -> None:
    with use({"AWS_REGION": "eu-central-1", **settings}):
        assert bedrock.place(model) == place


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Step(error="ThrottlingException"), Throttled),
        (Step(error="ServiceQuotaExceededException"), Throttled),
        (Step(error="ModelNotReadyException"), Unavailable),
        (Step(error="ModelErrorException"), Unavailable),
        (Step(error="ServiceUnavailableException"), Unavailable),
        (Step(error="SomethingNewException"), Unavailable),
        (Step(error="ModelTimeoutException"), TooSlow),
        (Step(error="ValidationException"), Misasked),
        (Step(error="AccessDeniedException"), Rejected),
        (Step(error="ResourceNotFoundException"), Rejected),
        (Step(stop="guardrail_intervened"), Refused),
        (Step(stop="content_filtered"), Refused),
        (Step(raw="[]"), Unavailable),
        (Step(raw='{"stopReason":"tool_use","output":{"message":{"content":[{"toolUse":{}}]}}}'), Unavailable),
        (Step(lost=True), Unavailable),
        (Step(delay=3), TooSlow),
        (Step(drip=0.02), TooSlow),
    ],
)
def test_what_each_failure_becomes(server: Converse, step: Step, kind: type[Exception]) -> None:
    server.script(step)
    with pytest.raises(kind) as caught:
        language_model.converse(MODEL, QUESTION, 0.4)
    assert caught.type is kind


def test_text_and_the_call_of_another_tool_are_no_call(server: Converse) -> None:
    other = '{"stopReason":"tool_use","output":{"message":{"content":[{"toolUse":{"name":"x","input":{}}}]}}}'
    server.script(Step(text="Hello"), Step(raw=other))
    assert language_model.converse(MODEL, QUESTION, 5).input is None
    assert language_model.converse(MODEL, QUESTION, 5) == Turn("tool_use", "", None, 0, 0)


def test_a_wrong_signature_is_not_taken(server: Converse) -> None:
    with patch.object(bedrock, "_SIGNING", "bedrock-runtime"), pytest.raises(Rejected):
        language_model.converse(MODEL, QUESTION, 5)
    assert server.asked == []


def test_temporary_credentials_carry_their_token() -> None:
    from botocore.credentials import Credentials

    with serving(Site()) as site, use({"QUINTET_BEDROCK_URL": site.url("")}):
        site.answer(200, b'{"stopReason":"end_turn","output":{"message":{"content":[{"text":"hi"}]}}}')
        with patch.object(aws.session(), "get_credentials", lambda: Credentials("a", "b", "token")):
            language_model.converse(MODEL, QUESTION, 5)
        (asked,) = site.seen
    assert asked["path"] == "/model/anthropic.claude-test-v1%3A0/converse"
    assert asked["headers"]["x-amz-security-token"] == "token"


def test_without_credentials_it_is_unavailable(server: Converse) -> None:
    with patch.object(aws.session(), "get_credentials", lambda: None), pytest.raises(Unavailable):
        language_model.converse(MODEL, QUESTION, 5)


def test_nobody_there_is_unavailable() -> None:
    with use({"QUINTET_BEDROCK_URL": "http://127.0.0.1:9"}), pytest.raises(Unavailable):
        language_model.converse(MODEL, QUESTION, 1)


def test_no_model_is_not_configured() -> None:
    with use({"QUINTET_LANGUAGE_MODEL": ""}), pytest.raises(NotConfigured):
        language_model.model_id()
