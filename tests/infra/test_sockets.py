"""A system that declares sockets gets a WebSocket API for them; any other gets nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.render.cloudformation import dump, load
from infra.render.root import root
from infra.render.sockets import listening
from infra.render.systems import System
from quintet.api import Api
from tests.infra.templates import Template, functions, rendered, resources
from tests.infra.test_sources import declared, handler

__all__ = ["declared"]


def routes(template: Template) -> dict[str, tuple[str, bool]]:
    """Route → the function it invokes, and whether what that answers goes back."""
    integrations = resources(template, "AWS::ApiGatewayV2::Integration")
    answering = {
        answer["RouteId"]["Ref"] for answer in resources(template, "AWS::ApiGatewayV2::RouteResponse").values()
    }
    found = {}
    for name, route in resources(template, "AWS::ApiGatewayV2::Route").items():
        integration = integrations[route["Target"]["Fn::Sub"].removeprefix("integrations/${").removesuffix("}")]
        assert integration["CredentialsArn"] == {"Fn::GetAtt": ["GatewayRole", "Arn"]}
        assert integration["IntegrationType"] == "AWS_PROXY"
        uri = integration["IntegrationUri"]["Fn::Sub"]
        selects = route.get("RouteResponseSelectionExpression") == "$default"
        assert selects == (name in answering)
        found[route["RouteKey"]] = uri.partition("/functions/${")[2].partition(".Arn}")[0], name in answering
    return found


def test_every_socket_is_a_route_to_its_function_and_answers_where_the_function_does(little: System) -> None:
    template = rendered(little)
    assert routes(template) == {
        "$connect": ("ThingsConnect", False),
        "$disconnect": ("ThingsDisconnect", False),
        "$default": ("ThingsHear", False),
        "ask": ("ThingsAsk", True),
    }
    assert "Events" not in functions(template)["ThingsConnect"]


def test_the_api_its_stage_and_where_its_connections_are_managed(little: System) -> None:
    template = rendered(little)
    api = resources(template, "AWS::ApiGatewayV2::Api")["SocketsApi"]
    assert (api["ProtocolType"], api["RouteSelectionExpression"]) == ("WEBSOCKET", "$request.body.action")
    stage = resources(template, "AWS::ApiGatewayV2::Stage")["SocketsStage"]
    assert (stage["StageName"], stage["AutoDeploy"]) == ("ws", True)
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ThrottlingRate"}
    logged = json.loads(stage["AccessLogSettings"]["Format"])
    assert logged["request_id"] == "$context.requestId"
    assert not any("query" in value.lower() or "path" in value.lower() for value in logged.values())
    made = {name for name in template["Resources"] if name.startswith("Things") and "Socket" in name}
    assert set(template["Resources"]["SocketsStage"]["DependsOn"]) == made
    address = "://${SocketsApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/ws"
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"] == {"Fn::Sub": f"https{address}"}
    assert template["Outputs"]["SocketsUrl"]["Value"] == {"Fn::Sub": f"wss{address}"}


def test_a_system_without_sockets_has_none_of_it(large: System) -> None:
    template = rendered(large)
    assert len(resources(template, "AWS::ApiGatewayV2::Api")) == 1
    assert "SocketsUrl" not in template["Outputs"]
    assert "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI" not in template["Globals"]["Function"]["Environment"]["Variables"]
    assert "GatewayLogs" not in root([large])["Resources"]


def test_the_region_lets_api_gateway_write_logs_before_a_stack_with_sockets_is_made(little: System) -> None:
    template: dict[str, Any] = load(dump(root([little])))
    assert template["Resources"]["Little"]["DependsOn"] == "GatewayLogs"
    assert template["Resources"]["GatewayLogs"]["DeletionPolicy"] == "Retain"
    (account,) = resources(template, "AWS::ApiGateway::Account").values()
    assert account["CloudWatchRoleArn"] == {"Fn::GetAtt": ["GatewayLogsRole", "Arn"]}
    assert template["Outputs"]["LittleSocketsUrl"]["Value"] == {"Fn::GetAtt": ["Little", "Outputs.SocketsUrl"]}


@pytest.mark.parametrize(
    ("declared_routes", "refusal"),
    [(["$connect", "$disconnect", "a", "a"], "a socket's route twice"), (["$connect", "a"], "\\$disconnect")],
)
def test_sockets_that_could_not_work_are_refused(
    declared: Callable[[Callable[[Api], object]], System], declared_routes: list[str], refusal: str
) -> None:
    def declare(api: Api) -> None:
        for number, route in enumerate(declared_routes):
            api.socket(route)(handler(f"handle{number}"))

    with pytest.raises(ValueError, match=refusal):
        listening(declared(declare))
