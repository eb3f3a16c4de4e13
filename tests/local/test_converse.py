"""The stand-in for Bedrock's Converse: what it takes, what it answers, and how its script is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from infra.local.converse import Converse, Invalid, checked, filled
from quintet.net import wire
from tests.support.model import credentials

PATH = "/model/test.model-v1%3A0/converse"
SCHEMA = {
    "type": "object",
    "properties": {
        "mood": {"type": "string", "enum": ["calm", "sad"]},
        "level": {"type": "integer", "minimum": 1},
        "songs": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 2}},
        "more": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        "other": {"type": "string"},
    },
    "required": ["mood", "level", "songs", "more"],
}
TOOL = {"toolSpec": {"name": "reply", "description": "x", "inputSchema": {"json": SCHEMA}}}
USER = {"role": "user", "content": [{"text": "hello"}]}
CALL = {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "reply", "input": {}}}]}
RESULT = {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": "no"}]}}]}
CONFIG = {"tools": [TOOL], "toolChoice": {"tool": {"name": "reply"}}}
BODY: dict[str, Any] = {"messages": [USER], "toolConfig": CONFIG}


@pytest.fixture
def server() -> Iterator[Converse]:
    found = Converse(credentials=credentials())
    found.start()
    yield found
    found.stop()


def ask(server: Converse, body: dict[str, Any], path: str = PATH) -> httpx.Response:
    url, content = server.url + path, json.dumps(body).encode()
    headers = wire.signed("POST", url, {"content-type": "application/json"}, content, signing="bedrock", region="r")
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.post(url, content=content, headers=headers)


def test_without_a_script_the_tool_is_called_with_the_smallest_input_its_schema_allows(server: Converse) -> None:
    answer = ask(server, BODY).json()
    assert answer["stopReason"] == "tool_use"
    (block,) = answer["output"]["message"]["content"]
    assert block["toolUse"]["input"] == {"mood": "calm", "level": 1, "songs": ["xx"], "more": False}
    assert set(answer["usage"]) == {"inputTokens", "outputTokens", "totalTokens"}


def test_it_listens_on_this_machine_alone_and_says_what_it_was_asked(server: Converse) -> None:
    assert server.server_address[0] == "127.0.0.1"
    ask(server, BODY)
    with httpx.Client(trust_env=False, timeout=60) as client:
        assert client.get(server.url + "/_asked").json() == [{"model": "test.model-v1:0", "body": BODY}]


def test_a_script_is_followed_call_by_call(server: Converse) -> None:
    with httpx.Client(trust_env=False, timeout=60) as client:
        steps = [{"error": "ThrottlingException"}, {"text": "hi"}, {"input": {"mood": 1}}, {"delay": 0.2}]
        assert client.put(server.url + "/_script", json=steps).status_code == 200
        assert client.put(server.url + "/_script", json=[{"odd": 1}]).status_code == 400
    throttled, text, given = ask(server, BODY), ask(server, BODY).json(), ask(server, BODY).json()
    assert (throttled.status_code, throttled.headers["x-amzn-errortype"].partition(":")[0]) == (
        429,
        "ThrottlingException",
    )
    assert (text["stopReason"], text["output"]["message"]["content"]) == ("end_turn", [{"text": "hi"}])
    assert given["output"]["message"]["content"][0]["toolUse"]["input"] == {"mood": 1}
    started = time.monotonic()
    assert ask(server, BODY).status_code == 200
    assert time.monotonic() - started >= 0.2


def test_only_a_right_signature_is_taken(server: Converse) -> None:
    with httpx.Client(trust_env=False, timeout=60) as client:
        assert client.post(server.url + PATH, json=BODY).status_code == 403
    assert ask(server, BODY, "/model/x/y/converse").status_code == 404
    assert ask(server, {**BODY, "messages": []}).status_code == 400
    assert server.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"messages": []},
        {"messages": [{"role": "user", "content": []}]},
        {"messages": [CALL]},
        {"messages": [USER, USER]},
        {"messages": [USER, CALL]},
        {"messages": [USER, CALL, USER]},
        {
            "messages": [
                USER,
                {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "input": "x"}}]},
                RESULT,
            ]
        },
        {"system": [{"text": " "}]},
        {"toolConfig": {"tools": [TOOL]}},
        {"toolConfig": {**CONFIG, "tools": [{"toolSpec": {"name": "reply", "inputSchema": {"json": {}}}}]}},
        {"toolConfig": {"tools": [], "toolChoice": {"any": {}}}},
    ],
)
def test_what_converse_refuses_is_refused(change: dict[str, Any]) -> None:
    assert checked({**BODY, "messages": [USER, CALL, RESULT]})["name"] == "reply"
    with pytest.raises((Invalid, ValueError, KeyError)):
        checked({**BODY, **change})


def test_a_null_is_made_up_where_nothing_else_is_allowed() -> None:
    assert filled({"type": "null"}) is None
